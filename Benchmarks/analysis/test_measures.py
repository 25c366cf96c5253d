# SPDX-License-Identifier: MIT
"""The measures and the builders, held against answers that are known; run before every benchmark."""

import os
import random
import tempfile
import unittest

import made_up
import measures
import mido
import peers
import truth

CHORDS = [[0, 2, "C:maj", 0, "major"], [2, 4, "A:min7/b3", 0, "major"], [4, 8, "G:7", 7, "major"]]


class Measures(unittest.TestCase):
    def test_the_truth_scores_one(self):
        told = [row[:3] for row in CHORDS]
        for hit, size in measures.chords(CHORDS, told).values():
            self.assertEqual((hit, size), (8, 8))
        keys = [[0, 4, 0, "major"], [4, 8, 7, "major"]]
        self.assertEqual(measures.local_key(CHORDS, keys), (8, 8))
        beats = [0.5 * beat for beat in range(40)]
        self.assertEqual(measures.beats(beats, beats, 120),
                         {"F": 1, "AMLt": 1, "tempo": 1, "octave": 1})

    def test_silence_and_wrong_chords_score_nothing(self):
        for told in ([], None, [[0, 8, "Gb:min"]]):
            self.assertEqual(measures.chords(CHORDS, told)["root"][0], 0)
        self.assertEqual(measures.beats([0, 1, 2, 3], [], None)["F"], 0)

    def test_a_gap_counts_as_no_chord_and_an_overlap_is_cut(self):
        half = measures.chords(CHORDS, [[0, 2, "C:maj"], [1, 2, "D:min"], [6, 8, "G:7"]])
        self.assertEqual(half["sevenths"], (4, 8))

    def test_half_tempo_is_an_octave_error_only(self):
        beats = [0.5 * beat for beat in range(80)]
        found = measures.beats(beats, beats[::2], 60)
        self.assertEqual((found["tempo"], found["octave"]), (0, 1))
        self.assertEqual(found["AMLt"], 1)
        self.assertAlmostEqual(found["F"], 2 / 3, places=2)

    def test_the_relative_key_counts_three_tenths(self):
        self.assertEqual(measures.key([0, "major"], [9, "minor"]), {"exact": 0, "MIREX": 0.3})

    def test_calibration_error_of_an_honest_and_of_a_boasting_answer(self):
        honest = [(0.75, right, 1) for right in (1, 1, 1, 0)]
        self.assertAlmostEqual(measures.reliability(honest)[1], 0)
        self.assertAlmostEqual(measures.reliability([(0.95, 0, 2)])[1], 0.95)


class Music(unittest.TestCase):
    def test_the_same_seed_makes_the_same_piece_and_its_beats_are_in_the_file(self):
        with tempfile.TemporaryDirectory() as folder:
            made = [made_up.piece(folder, random.Random(5), 0, odd) for odd in (False, True)]
            self.assertEqual(made[0], made_up.piece(folder, random.Random(5), 0, False))
            for case in made:
                last = mido.MidiFile(case["file"]).length
                self.assertLess(abs(case["beats"][-1] - last), 3)
                self.assertTrue(set(case["bars"]) <= set(case["beats"]))

    def test_hidden_channels_keep_every_note_and_leave_ten_empty(self):
        with tempfile.TemporaryDirectory() as folder:
            case = made_up.piece(folder, random.Random(7), 0, False)
            target = os.path.join(folder, "blind.mid")
            moved = truth.blind(case["file"], target)
            channels = [m.channel for m in mido.MidiFile(target) if m.type == "note_on"]
            self.assertEqual(len(channels), case["notes"])
            self.assertNotIn(9, channels)
            self.assertEqual(len(set(moved.values())), len(moved))

    def test_without_drums_leaves_the_other_notes_where_they_were(self):
        with tempfile.TemporaryDirectory() as folder:
            case = made_up.piece(folder, random.Random(9), 0, False)
            target = os.path.join(folder, "pitched.mid")
            peers.without_drums(case["file"], target)
            drums = [m for m in mido.MidiFile(case["file"])
                     if m.type == "note_on" and m.channel == 9]
            kept = peers.notes_in(target)
            self.assertEqual(len(kept) + len(drums), case["notes"])
            self.assertTrue(set(kept) <= set(peers.notes_in(case["file"])))


if __name__ == "__main__":
    unittest.main()
