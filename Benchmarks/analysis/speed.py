# SPDX-License-Identifier: MIT
"""How long an analysis takes, a file at a time: the median of some runs, and the least and most.

The program is started anew for every run, as a user starts it, and answers everything it knows; a
peer's library is loaded and warm, and answers one question.
"""

import os
import statistics
import subprocess
import time

import mido

import peers
from truth import write_midi


def times(work, runs):
    found = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return statistics.median(found), min(found), max(found)


def repeated(source, target, count):
    """The same song so many times over."""
    midi = mido.MidiFile(source)
    length = max(sum(message.time for message in track) for track in midi.tracks)
    for track in midi.tracks:
        events = [m for m in track if m.type != "end_of_track"]
        rest = length - sum(message.time for message in events)
        body = [m for m in events if not (m.is_meta and m.type in ("set_tempo", "time_signature"))]
        moved = sum(m.time for m in events) - sum(m.time for m in body)
        for _ in range(count - 1):
            first = True
            for message in body:
                more = (rest + moved) if first else 0
                track.append(message.copy(time=message.time + more))
                first = False
        track[:] = [m for m in track if m.type != "end_of_track"]
    midi.save(target)


def measure(program, cases, quick):
    runs = 3 if quick else 7
    folder = os.path.dirname(cases[0]["file"])
    few = os.path.join(folder, "few.mid")
    write_midi(few, [(0, None, [(place, 1, 60 + place, 80) for place in range(8)])])
    chorale = next(case for case in cases if case["set"] == "chorales, analysed")
    played = sorted((case for case in cases if case["set"].startswith("songs")),
                    key=lambda case: case["notes"])
    files = [("a start, 8 notes", few, 8), ("a chorale", chorale["file"], chorale["notes"])]
    if played:
        song = played[len(played) // 2]
        files.append(("a song", song["pitched"], len(peers.notes_in(song["pitched"]))))
        long, count = os.path.join(folder, "long.mid"), 5 if quick else 50
        repeated(song["pitched"], long, count)
        files.append((f"the song {count} times", long, len(peers.notes_in(long))))
    rows = []
    for name, path, notes in files:
        rows.append(("Continuo, everything, with its start", name, notes, times(
            lambda: subprocess.run([program, "analyze", path, "--json"], capture_output=True,
                                   check=True), runs)))
    for label, package, work, most, count in [
            ("music21, file and key", "music21",
             lambda path: peers.music21_key(path, 100, "key.krumhanslkessler"), 3000, 3),
            ("music21, file and chords", "music21",
             lambda path: peers.music21_chords(path, 100), 3000, 3),
            ("partitura, file and key", "partitura",
             lambda path: peers.partitura_key(path, 100, "kostka_payne"), 200000, runs),
            ("chorder, file and chords", "chorder",
             lambda path: peers.chorder_chords(path, 100), 3000, runs),
            ("smg-metrics, file and chords", "smg-metrics",
             lambda path: peers.smg_chords(path, 100), 3000, 3),
            ("librosa, onsets and beats", "librosa",
             lambda path: peers.librosa_beats(path, 100), 3000, runs),
            ("symusic, file only, no analysis", "symusic", read_only, 200000, runs)]:
        if peers.version(package) is None:
            continue
        for name, path, notes in files[1:]:
            if notes > most:
                continue
            try:
                peers.limited(60, work, path)
                rows.append((label, name, notes, peers.limited(
                    300, times, lambda: work(path), count)))
            except Exception as error:
                rows.append((label, name, notes, f"{type(error).__name__}: {error}"[:80]))
    return rows


def read_only(path):
    import symusic
    symusic.Score(path)
