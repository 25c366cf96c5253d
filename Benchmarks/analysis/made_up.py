# SPDX-License-Identifier: MIT
"""Pieces of our own making: each beat, the swing and every role are known because they were put there.

They are no music anybody would play; they are there for what no corpus tells: swing ratios, timing
that wavers, tempi that drift, and odd metres.
"""

import os

from truth import write_midi

SCALES = {"major": [0, 2, 4, 5, 7, 9, 11], "minor": [0, 2, 3, 5, 7, 8, 10]}
# Metre, and its pulses in quarters.
EVEN = [((4, 4), [1] * 4), ((3, 4), [1] * 3)]
ODD = [((5, 4), [1] * 5), ((7, 8), [1, 1, 1.5]), ((6, 8), [1.5] * 2), ((7, 4), [1] * 7)]


def piece(folder, random, index, odd):
    name = f"made-{'odd' if odd else 'even'}-{index:03d}"
    metre, pulses = random.choice(ODD if odd else EVEN)
    bar = sum(pulses)
    bpm = random.uniform(60, 190) if metre != (6, 8) else random.uniform(90, 240)
    drift = random.choice([0, 0, -0.04, 0.04, 0.08])
    jitter = random.choice([0, 0.005, 0.01, 0.015, 0.02])
    swing = 1.0
    if not odd:
        swing = random.choice([1.0, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0])
    bars = max(8, round(40 * bpm / 60 / bar))
    mode = random.choice(["major", "minor"])
    tonic = random.randrange(12)
    scale = SCALES[mode]
    tempi = [(number * bar, bpm * (1 + drift * number / bars)) for number in range(bars)]

    def seconds_of(bar_number):
        return sum(60 * bar / tempi[number][1] for number in range(bar_number))

    def place(number, within):
        """A place in a bar: eighths swung, then moved by the player's unsteadiness."""
        whole, rest = divmod(within, 1)
        if swing != 1 and abs(rest - 0.5) < 1e-9:
            within = whole + swing / (1 + swing)
        moved = random.gauss(0, jitter) * tempi[number][1] / 60
        return max(0.0, number * bar + within + moved)

    kit = random.random() < 0.75
    drums, bass, chords, tune = [], [], [], []
    figure = [random.random() < 0.6 for _ in range(int(bar * 2))]
    walks = random.random() < 0.4
    strums = random.random() < 0.5
    step = random.randrange(7, 14)
    for number in range(bars):
        degree = 0 if number in (0, bars - 1) else random.choice([0, 3, 4, 5, 1])
        tones = [tonic + scale[(degree + third) % 7] for third in (0, 2, 4)]
        at = 0.0
        for pulse, length in enumerate(pulses):
            if kit:
                low = pulse % 2 == 0 if len(pulses) != 3 else pulse == 0
                drums.append((place(number, at), 0.1, 36 if low else 38, random.gauss(100, 8)))
                drums.append((place(number, at), 0.1, 42, random.gauss(80, 8)))
                drums.append((place(number, at + 0.5), 0.1, 42, random.gauss(60, 8)))
            if walks or pulse == 0 or random.random() < 0.3:
                tone = tones[0] if pulse == 0 else random.choice(tones)
                bass.append((place(number, at), length * 0.9, 36 + tone % 12, random.gauss(90, 6)))
            if strums and pulse % 2 == len(pulses) % 2:
                for tone in tones:
                    chords.append((place(number, at + 0.5), 0.4, 55 + (tone - 7) % 12, 70))
            at += length
        if not strums:
            for tone in tones:
                chords.append((place(number, 0), bar * 0.95, 55 + (tone - 7) % 12, 66))
        for eighth, sounds in enumerate(figure):
            if sounds and random.random() < 0.9:
                step = max(4, min(18, step + random.choice([-2, -1, -1, 0, 1, 1, 2])))
                pitch = 60 + tonic % 12 + scale[step % 7] + 12 * (step // 7) - 12
                tune.append((place(number, eighth / 2), 0.4, pitch, random.gauss(88, 9)))
    path = os.path.join(folder, f"{name}.mid")
    tracks = [(0, None, bass), (1, None, chords), (2, None, tune)]
    roles = {"1": "bass", "2": "harmony", "3": "melody"}
    if kit:
        tracks.append((9, None, drums))
        roles["10"] = "drums"
    count = write_midi(path, tracks, metre, tempi)
    beats, lines = [], []
    for number in range(bars):
        start, at = seconds_of(number), 0.0
        lines.append(start)
        for length in pulses:
            beats.append(start + at * 60 / tempi[number][1])
            at += length
    case = {
        "name": name, "set": "made up, odd metres" if odd else "made up", "half": "new",
        "file": path, "notes": count, "beats": beats, "bars": lines, "roles": roles}
    if not odd:
        case["swing"] = swing
        case["jitter"] = jitter
    return case


def build(folder, random, quick):
    count = 4 if quick else 60
    cases = [piece(folder, random, index, False) for index in range(count)]
    return cases + [piece(folder, random, index, True) for index in range(count // 3 + 1)]
