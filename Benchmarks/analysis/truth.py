# SPDX-License-Identifier: MIT
"""Music whose facts are known: what a piece of it is, and how it is written to a MIDI file.

A case is a dictionary, kept as JSON beside its file:
  name, set, half   half is "fitted" where the program's weights saw the piece, else "unseen"
  file              the MIDI file
  notes             how many notes it has
  bpm               quarters a minute, where they are steady
  key               [tonic 0-11, "major" or "minor"]
  chords            [[start, end, label as mir_eval reads it, key's tonic, key's mode], ...] in quarters
  beats, bars       seconds of the beats and of the bar lines
  swing             first eighth over second
  roles             {channel 1-16: role}
A fact that is not known is left out.
"""

import hashlib
import json
import os

import mido

NAMES = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]
DEGREES = ["1", "b2", "2", "b3", "3", "4", "b5", "5", "b6", "6", "b7", "7"]
TICKS = 480


def half(name):
    """Which half of the corpora a piece is in: the weights were fitted on one of them."""
    return "fitted" if hashlib.sha1(name.encode()).digest()[0] % 2 == 0 else "unseen"


def label(root, quality, bass=None):
    """A chord as mir_eval reads it, from pitch classes."""
    text = f"{NAMES[root]}:{quality}"
    step = DEGREES[(bass - root) % 12] if bass is not None else "1"
    return text if step == "1" else f"{text}/{step}"


def write_midi(path, tracks, metre=(4, 4), tempi=((0, 120.0),)):
    """Writes `tracks`: (channel 0-15, program or None, [(start, length, pitch, velocity), ...]).

    Places are in quarters; `tempi` are (quarter, quarters a minute). No names are written.
    """
    midi = mido.MidiFile(ticks_per_beat=TICKS, type=1)
    first = mido.MidiTrack()
    midi.tracks.append(first)
    first.append(mido.MetaMessage(
        "time_signature", numerator=metre[0], denominator=metre[1], time=0))
    last = 0
    for place, bpm in tempi:
        tick = round(place * TICKS)
        first.append(mido.MetaMessage(
            "set_tempo", tempo=min(mido.bpm2tempo(bpm), 0xFFFFFF), time=tick - last))
        last = tick
    count = 0
    for channel, program, notes in tracks:
        track = mido.MidiTrack()
        midi.tracks.append(track)
        if program is not None:
            track.append(mido.Message("program_change", channel=channel, program=program))
        events = []
        for start, length, pitch, velocity in notes:
            on = max(0, round(start * TICKS))
            off = max(on + 1, round((start + length) * TICKS))
            events.append((on, 1, pitch, max(1, min(127, round(velocity)))))
            events.append((off, 0, pitch, 0))
            count += 1
        last = 0
        for tick, kind, pitch, velocity in sorted(events):
            track.append(mido.Message(
                "note_on" if kind else "note_off", channel=channel, note=pitch, velocity=velocity,
                time=tick - last))
            last = tick
    midi.save(path)
    return count


def blind(source, target):
    """Copies a file with its channels moved, channel 10 empty, and no programs or names.

    Returns {old channel: new channel}, counted from 1; None where all sixteen are in use.
    """
    midi = mido.MidiFile(source)
    used = sorted({m.channel for track in midi.tracks for m in track if hasattr(m, "channel")})
    others = [(channel * 5 + 3) % 16 for channel in range(16) if (channel * 5 + 3) % 16 != 9]
    if len(used) > len(others):
        return None
    moved = dict(zip(used, others))
    for track in midi.tracks:
        kept, waited = [], 0
        for message in track:
            waited += message.time
            if message.type in ("program_change", "control_change", "track_name"):
                continue
            change = {"time": waited}
            if hasattr(message, "channel"):
                change["channel"] = moved[message.channel]
            kept.append(message.copy(**change))
            waited = 0
        track[:] = kept
    midi.save(target)
    return {old + 1: new + 1 for old, new in moved.items()}


def save(folder, cases):
    with open(os.path.join(folder, "cases.json"), "w") as file:
        json.dump(cases, file)


def load(folder):
    with open(os.path.join(folder, "cases.json")) as file:
        return json.load(file)
