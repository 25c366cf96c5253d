# SPDX-License-Identifier: MIT
"""Scores of music21's corpus with their keys and, where somebody analysed them, their chords.

The corpus may be used here and not passed on: what is built stays in the build folder.
"""

import os
import re
import warnings

import music21
from music21 import converter, corpus

from truth import half, label, write_midi

BPM = 80.0
# Fewer chord tones than this in the score: the analysis counts its bars otherwise than the score.
LEAST_FIT = 0.7
QUALITIES = {
    (0, 4, 7): "maj", (0, 4): "maj", (0, 3, 7): "min", (0, 3): "min", (0, 3, 6): "dim",
    (0, 4, 8): "aug", (0, 4, 7, 10): "7", (0, 4, 10): "7", (0, 4, 7, 11): "maj7",
    (0, 4, 11): "maj7", (0, 3, 7, 10): "min7", (0, 3, 10): "min7", (0, 3, 6, 10): "hdim7",
    (0, 3, 6, 9): "dim7", (0, 5, 7): "sus4", (0, 2, 7): "sus2", (0, 7): "5",
}


def notes_of(score):
    """Every part's notes as (start, length, pitch, velocity), ties joined, repeats not played."""
    parts = []
    for part in list(score.parts) or [score]:
        notes = []
        for element in part.stripTies().flatten().notes:
            length = float(element.quarterLength)
            if length > 0:
                for pitch in element.pitches:
                    notes.append((float(element.offset), length, pitch.midi, 80))
        parts.append(notes)
    return [notes for notes in parts if notes]


def metre_of(score):
    found = score.recurse().getElementsByClass(music21.meter.TimeSignature).first()
    return (found.numerator, found.denominator) if found else (4, 4)


def final_bass(parts):
    end = max(start + length for notes in parts for start, length, _, _ in notes)
    return min(
        pitch for notes in parts for start, length, pitch, _ in notes if start + length > end - 0.6)


def written(folder, name, parts, metre):
    path = os.path.join(folder, f"{name}.mid")
    tracks = [(min(index, 8), None, notes) for index, notes in enumerate(parts)]
    count = write_midi(path, tracks, metre, ((0, BPM),))
    return {
        "name": name, "half": half(name), "file": path, "notes": count, "bpm": BPM}


def chorale(folder, path):
    """A chorale whose written mode and last bass note agree on the key; else None."""
    score = converter.parse(path)
    signature = score.recurse().getElementsByClass(music21.key.Key).first()
    parts = notes_of(score)
    if signature is None or not parts or len(parts) > 6:
        return None
    if final_bass(parts) % 12 != signature.tonic.pitchClass:
        return None
    name = "bach-" + os.path.basename(path).rsplit(".", 1)[0]
    case = written(folder, name, parts, metre_of(score))
    return case | {"set": "chorales", "key": [signature.tonic.pitchClass, signature.mode]}


def tune(folder, path):
    """A dance tune with the key that its collector wrote over it."""
    with open(path, encoding="utf-8", errors="replace") as file:
        fields = re.findall(r"^K: *([A-G])([#b]?) *([A-Za-z]*)", file.read(), re.M)
    if len(fields) != 1:
        return None
    letter, accidental, mode = fields[0]
    modes = {"": "major", "maj": "major", "mix": "major", "lyd": "major", "m": "minor",
             "min": "minor", "dor": "minor", "aeo": "minor", "phr": "minor"}
    mode = modes.get(mode.lower()[:3])
    score = converter.parse(path)
    if mode is None or not hasattr(score, "parts"):
        return None
    parts = notes_of(score)
    if not parts:
        return None
    tonic = "C D EF G A B".index(letter) + {"#": 1, "b": -1, "": 0}[accidental]
    name = "irish-ryans-" + os.path.basename(path).rsplit(".", 1)[0] + "_1"
    case = written(folder, name, parts, metre_of(score))
    return case | {"set": "dance tunes", "key": [tonic % 12, mode]}


def analysed(folder, path):
    """A piece with a Roman numeral analysis; None where the two do not fit together."""
    with open(path) as file:
        number = re.search(r"^BWV: *(\S+)", file.read(), re.M)
    if number:
        # The analyses write 248(2).12 for what the corpus calls 248.12-2, and s for a variant.
        work = re.sub(r"\((\d)\)(\.\d+)$", r"\2-\1", number[1]).rstrip("s")
        name, of, source = f"bach-bwv{work}", "chorales, analysed", f"bach/bwv{work}"
    else:
        piece = os.path.basename(path).rsplit(".", 1)[0]
        name, of, source = f"monteverdi-{piece}", "madrigals, analysed", f"monteverdi/{piece}"
    score = corpus.parse(source)
    parts = notes_of(score)
    analysis = converter.parse(path, format="romantext")
    # Bars are matched by number: analyses leave some out, and scores have some that are longer.
    bars = {}
    for measure in score.parts[0].getElementsByClass(music21.stream.Measure):
        bars.setdefault(measure.number, float(measure.offset))
    numerals = []
    for numeral in analysis.recurse().getElementsByClass(music21.roman.RomanNumeral):
        measure = numeral.getContextByClass(music21.stream.Measure)
        if measure is not None and measure.number in bars:
            numerals.append((bars[measure.number] + float(numeral.offset), numeral))
    numerals.sort(key=lambda pair: pair[0])
    end = max(start + length for notes in parts for start, length, _, _ in notes)
    chords, inside, sounding = [], 0.0, 0.0
    for index, (start, numeral) in enumerate(numerals):
        stop = numerals[index + 1][0] if index + 1 < len(numerals) else end
        stop = min(stop, end)
        if stop <= start:
            continue
        classes, root = set(numeral.pitchClasses), numeral.root().pitchClass
        quality = QUALITIES.get(tuple(sorted((one - root) % 12 for one in classes)))
        text = label(root, quality, numeral.bass().pitchClass) if quality else "X"
        key = numeral.key
        chords.append([start, stop, text, key.tonic.pitchClass, key.mode])
        for notes in parts:
            for begin, length, pitch, _ in notes:
                sound = min(begin + length, stop) - max(begin, start)
                if sound > 0:
                    sounding += sound
                    inside += sound * (pitch % 12 in classes)
    if not chords or inside < LEAST_FIT * sounding:
        return None
    case = written(folder, f"{name}-rn", parts, metre_of(score))
    case |= {"half": half(name), "set": of, "chords": chords}
    ends = [chords[0][3:], chords[-1][3:]]
    if ends[0] == ends[1] and final_bass(parts) % 12 == ends[0][0]:
        case["analystKey"] = ends[0]
    return case


def build(task):
    """One piece: (kind, folder, path) to a case, or to its path and why there is none."""
    kind, folder, path = task
    warnings.simplefilter("ignore")
    make = {"chorale": chorale, "tune": tune, "analysed": analysed}[kind]
    try:
        return kind, path, make(folder, path)
    except Exception as error:  # a score that music21 cannot read is counted, not hidden
        return kind, path, f"{type(error).__name__}: {error}"


def tasks(folder, random, quick):
    """What there is to build; the same for the same seed."""
    paths = sorted(str(path) for path in corpus.getCorePaths())
    chorales = [p for p in paths if re.search(r"/bach/bwv[\d.]+\.mxl$", p)]
    tunes = [p for p in paths if "/ryansMammoth/" in p and p.endswith(".abc")]
    analyses = [p for p in paths if p.endswith(".rntxt")]
    random.shuffle(chorales)
    random.shuffle(tunes)
    if quick:
        random.shuffle(analyses)
        chorales, tunes, analyses = chorales[:8], tunes[:8], analyses[:6]
    return (
        [("chorale", folder, path) for path in chorales[:240]]
        + [("tune", folder, path) for path in tunes[:240]]
        + [("analysed", folder, path) for path in analyses])
