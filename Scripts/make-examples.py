#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the example song: Examples/drums.mid, bass.mid and keys.mid, the same bytes every time.

Eight bars in A minor, 4/4, 104 BPM: Am7 Dm7 G7 Cmaj7 Fmaj7 Bm7b5 E7 Am7.
"""
import pathlib
import struct
import sys

PPQ = 480
BEAT = PPQ
BAR = 4 * BEAT
TEMPO = 60_000_000 // 104
# How late the second sixteenth of each eighth comes: 54 % instead of 50 %.
SWING = 10

KICK, SNARE, RIM, HAT, PEDAL, OPEN, CRASH, RIDE = 36, 38, 37, 42, 44, 46, 49, 51

CHORDS = ["Am7", "Dm7", "G7", "Cmaj7", "Fmaj7", "Bm7b5", "E7", "Am7"]
ROOTS = [33, 38, 31, 36, 29, 35, 28, 33]  # A1 D2 G1 C2 F1 B1 E1 A1
FIFTHS = [40, 33, 38, 31, 36, 41, 35, 40]  # the bass's other note; B's is diminished
# Voice-led: no voice moves by more than a whole tone; what is missing is the bass's root.
VOICINGS = [
    (52, 57, 60, 67),  # Am7    E3 A3 C4 G4
    (50, 57, 60, 65),  # Dm7    D3 A3 C4 F4
    (50, 55, 59, 65),  # G7     D3 G3 B3 F4
    (52, 55, 59, 64),  # Cmaj7  E3 G3 B3 E4
    (52, 57, 60, 65),  # Fmaj7  E3 A3 C4 F4
    (50, 57, 59, 65),  # Bm7b5  D3 A3 B3 F4
    (50, 56, 59, 64),  # E7     D3 G#3 B3 E4
    (52, 55, 60, 64),  # Am7    E3 G3 C4 E4
]


def quantity(value):
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(value & 0x7F | 0x80)
    return bytes(reversed(out))


class Track:
    def __init__(self, name, channel):
        self.channel = channel
        self.events = []
        self.meta(0, 0x03, name.encode())

    def meta(self, tick, kind, data):
        self.events.append((tick, 0, bytes([0xFF, kind]) + quantity(len(data)) + data))

    def control(self, number, value):
        self.events.append((0, 1, bytes([0xB0 | self.channel, number, value])))

    def program(self, number):
        self.events.append((0, 1, bytes([0xC0 | self.channel, number])))

    def note(self, start, length, key, velocity):
        self.events.append((start, 3, bytes([0x90 | self.channel, key, velocity])))
        self.events.append((start + length, 2, bytes([0x80 | self.channel, key, 64])))

    def chunk(self, end):
        self.meta(end, 0x2F, b"")
        out, last = b"", 0
        # Ends before starts at one tick; the end of track is the last of all.
        for tick, rank, data in sorted(
            self.events, key=lambda e: (e[0], 9 if e[2][:2] == b"\xff\x2f" else e[1])
        ):
            out += quantity(tick - last) + data
            last = tick
        return b"MTrk" + struct.pack(">I", len(out)) + out


def conductor():
    track = Track("Continuo example", 0)
    track.meta(0, 0x51, TEMPO.to_bytes(3, "big"))
    track.meta(0, 0x58, bytes([4, 2, 24, 8]))
    track.meta(0, 0x59, bytes([0, 1]))
    for bar, chord in enumerate(CHORDS):
        track.meta(bar * BAR, 0x06, chord.encode())
    return track


def sixteenth(bar, index):
    """The tick of a sixteenth, 0 to 15, the odd ones a little late."""
    return bar * BAR + index * (PPQ // 4) + (SWING if index % 2 else 0)


def drums():
    track = Track("Drums", 9)
    for bar in range(8):
        fill = bar in (3, 7)

        def hit(index, key, velocity, length=60):
            track.note(sixteenth(bar, index), length, key, velocity)

        if bar in (0, 4):
            hit(0, CRASH, 96, 240)
        for eighth in range(8):
            if fill and eighth >= 6:
                continue
            if eighth == 7 and bar % 2 == 1:
                hit(14, OPEN, 78, 110)
            elif not (eighth == 0 and bar in (0, 4)):
                hit(eighth * 2, HAT, 84 if eighth % 2 == 0 else 62)
        for index in (3, 11):
            hit(index, HAT, 38)
        for index, velocity in [(0, 112), (6, 84), (10, 104)] + ([(15, 72)] if bar % 2 else []):
            if not (fill and index >= 12):
                hit(index, KICK, velocity)
        hit(4, SNARE, 108)
        if not fill:
            hit(12, SNARE, 110)
            for index, velocity in [(7, 30), (9, 34)] + ([(15, 28)] if bar % 2 == 0 else []):
                hit(index, SNARE, velocity)
        else:
            for index, velocity in [(7, 30), (11, 48), (12, 96), (13, 70), (14, 90), (15, 112)]:
                hit(index, SNARE, velocity)
    return track


def bass():
    track = Track("Bass", 0)
    track.program(33)
    for bar, (root, fifth) in enumerate(zip(ROOTS, FIFTHS)):
        for beat, key in enumerate([root, root, fifth if bar % 4 == 3 else root, root]):
            velocity = (96, 84, 90, 82)[beat]
            track.note(bar * BAR + beat * BEAT, 420, key, velocity)
    return track


def keys():
    track = Track("Keys", 1)
    track.program(4)
    track.control(7, 100)
    for bar, chord in enumerate(VOICINGS):
        if bar == 7:
            rhythm = [(0, 1800, 74)]
        elif bar % 2 == 0:
            rhythm = [(0, 660, 76), (6, 210, 66), (10, 600, 72)]
        else:
            rhythm = [(0, 420, 74), (6, 690, 70), (14, 200, 62)]
        for index, length, velocity in rhythm:
            start = sixteenth(bar, index)
            for voice, key in enumerate(chord):
                # The top voice sings a little; the others keep under it.
                track.note(start, length, key, velocity + (6 if voice == 3 else -2 * (voice == 1)))
    return track


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "Examples")
    folder.mkdir(parents=True, exist_ok=True)
    for name, track in [("drums", drums()), ("bass", bass()), ("keys", keys())]:
        head = b"MThd" + struct.pack(">IHHH", 6, 1, 2, PPQ)
        data = head + conductor().chunk(8 * BAR) + track.chunk(8 * BAR)
        (folder / f"{name}.mid").write_bytes(data)


if __name__ == "__main__":
    main()
