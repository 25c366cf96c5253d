# SPDX-License-Identifier: MIT
"""Scores `continuo analyze` against labelled music: one table.

    python3 score.py LABELS_FOLDER [--program .build/release/continuo] [--only key,chords,...]

The folder holds key/, chords/, multi/ and beat/ with TSV labels beside their MIDI files, as
docs/analysis.md describes. Needs mir_eval, mido and numpy; every figure is from this run.
"""

import argparse
import collections
import concurrent.futures
import csv
import json
import os
import subprocess
import tempfile

import mido
import mir_eval
import numpy as np

HARTE = {
    "6": "maj6", "m6": "min6", "m7": "min7", "m7b5": "hdim7", "none": None,
}
NAMES = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]


def rows(path):
    if not os.path.exists(path):
        return []
    with open(path, newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


class Program:
    """The program under test; each file and set of options is run once."""

    def __init__(self, path):
        self.path = path
        self.done = {}

    def run(self, key):
        done = subprocess.run(
            [self.path, "analyze", *key, "--json"], capture_output=True, text=True, timeout=300)
        try:
            return key, json.loads(done.stdout)
        except ValueError:
            return key, {"error": done.stdout + done.stderr}

    def all(self, keys):
        missing = [key for key in dict.fromkeys(keys) if key not in self.done]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for key, found in pool.map(self.run, missing):
                if "error" in found and "key" not in found:
                    print("FAILED", *key, str(found["error"])[:200])
                self.done[key] = found
        return [self.done[key] for key in keys]


def mean(values):
    values = list(values)
    return sum(values) / len(values) if values else float("nan")


def line(name, *figures):
    print(f"{name:34s}" + "".join(
        f"{figure:>10.3f}" if isinstance(figure, float) else f"{figure!s:>10s}"
        for figure in figures))


def key_name(tonic, mode):
    return f"{NAMES[tonic]} {mode}"


def reliability(title, pairs):
    """How often answers are right, by how sure they claimed to be."""
    bins = collections.defaultdict(list)
    for confidence, right, weight in pairs:
        bins[min(9, int(confidence * 10))].append((confidence, right, weight))
    print(f"{title}: claimed -> right (weight)")
    for index in sorted(bins):
        weight = sum(row[2] for row in bins[index]) or 1e-9
        claimed = sum(row[0] * row[2] for row in bins[index]) / weight
        right = sum(row[1] * row[2] for row in bins[index]) / weight
        print(f"    {claimed:.2f} -> {right:.2f} ({weight:.0f})")


def score_key(base, program):
    labels = [row for row in rows(f"{base}/key/labels.tsv") if "disagrees" not in row["basis"]]
    cases = [(row["source"], f"{base}/key/{row['file']}", row) for row in labels]
    for row in rows(f"{base}/multi/key.tsv"):
        cases.append(("mma", f"{base}/multi/{row['file']}", row))
    found = program.all([(path,) for _, path, _ in cases])
    sets = collections.defaultdict(list)
    pairs = []
    for (source, _, row), answer in zip(cases, found):
        key = answer.get("key") or {}
        known = key.get("tonic") is not None
        truth = (int(row["tonic_pc"]), row["mode"])
        exact = float(known and (key["tonic"], key["mode"]) == truth)
        weighted = mir_eval.key.weighted_score(
            key_name(*truth), key_name(key["tonic"], key["mode"])) if known else 0.0
        for name in (source, "all"):
            sets[name].append((exact, weighted, float(known)))
        if known:
            pairs.append((key["confidence"], exact, 1))
    line("KEY", "exact", "MIREX", "answered", "n")
    for name in ["bach", "classical", "essen", "irish", "mma", "all"]:
        values = sets[name]
        line(name, *(mean(v[i] for v in values) for i in range(3)), len(values))
    reliability("key confidence", pairs)


def harte(chord):
    if chord["root"] is None:
        return "N"
    quality = HARTE.get(chord["quality"], chord["quality"])
    interval = (chord["bass"] - chord["root"]) % 12 if chord["bass"] is not None else 0
    degree = ["1", "b2", "2", "b3", "3", "4", "b5", "5", "b6", "6", "b7", "7"][interval]
    text = f"{NAMES[chord['root']]}:{quality}"
    return text if degree == "1" else f"{text}/{degree}"


def score_chords(base, program):
    spans = collections.defaultdict(list)
    for row in rows(f"{base}/chords/labels_rn.tsv"):
        spans[row["source"], f"{base}/chords/{row['file']}"].append(row)
    for row in rows(f"{base}/multi/chords.tsv"):
        spans[row["source"], f"{base}/multi/{row['file']}"].append(row)
    found = program.all([(path,) for _, path in spans])
    sums = collections.defaultdict(lambda: np.zeros(8))
    pairs = collections.defaultdict(list)
    for ((source, _), truth), answer in zip(spans.items(), found):
        reference = np.array([[float(r["start_q"]), float(r["end_q"])] for r in truth])
        labels = [r["harte"] for r in truth]
        guesses = [c for c in answer.get("chords") or [] if c["end"] - c["start"] > 1e-6]
        guess = np.array([[c["start"], c["end"]] for c in guesses]).reshape(-1, 2)
        names = [harte(c) for c in guesses]
        guess, names = mir_eval.util.adjust_intervals(
            guess, names, reference.min(), reference.max(), "N", "N")
        both, left, right = mir_eval.util.merge_labeled_intervals(reference, labels, guess, names)
        length = mir_eval.util.intervals_to_durations(both)
        for index, measure in enumerate(
                (mir_eval.chord.root, mir_eval.chord.majmin, mir_eval.chord.sevenths)):
            hits = measure(left, right)
            valid = hits >= 0
            sums[source][2 * index] += (hits * length)[valid].sum()
            sums[source][2 * index + 1] += length[valid].sum()
        hits = mir_eval.chord.majmin(left, right)
        sure = {c["start"]: c["confidence"] for c in guesses}
        starts = np.array(sorted(sure)) if sure else np.array([0.0])
        for interval, hit, size, name in zip(both, hits, length, right):
            if hit >= 0 and name != "N":
                at = starts[max(0, np.searchsorted(starts, interval[0] + 1e-9) - 1)]
                pairs[source].append((sure.get(at, 0), hit, size))
        hit, size = local_key(answer, truth)
        sums[source][6:] += hit, size
    line("CHORDS", "root", "majmin", "7ths", "local key")
    for source, total in sums.items():
        line(source, *(total[i] / max(total[i + 1], 1e-9) for i in (0, 2, 4, 6)))
    reliability("chord confidence, all sets", sum(pairs.values(), []))
    for source, values in pairs.items():
        reliability(f"chord confidence, {source}", values)


def local_key(answer, truth):
    """Quarters where the local key told is the analyst's, and quarters compared."""
    keys = answer.get("localKeys") or []
    hit = size = 0.0
    for row in truth:
        start, end = float(row["start_q"]), float(row["end_q"])
        size += end - start
        for key in keys:
            if (key["tonic"], key["mode"]) == (int(row["key_pc"]), row["key_mode"]):
                hit += max(0.0, min(end, key["end"]) - max(start, key["start"]))
    return hit, size


def regrid(source, times, target, channels=None):
    """Rewrites a MIDI file so that its quarters lie on `times` (seconds), tempo 120."""
    midi = mido.MidiFile(source)
    if times is not None:
        midi = mido.MidiFile(source)
    out = mido.MidiFile(ticks_per_beat=480)
    times = np.asarray(times) if times is not None else None
    for track in midi.tracks:
        made = mido.MidiTrack()
        out.tracks.append(made)
        tick = last = 0
        for message in track:
            tick += message.time
            place = tick
            if times is not None:
                if message.type == "set_tempo":
                    continue
                second = tick / midi.ticks_per_beat * 0.5
                steps = np.arange(len(times))
                beat = np.interp(second, times, steps)
                if second > times[-1]:
                    beat = steps[-1] + (second - times[-1]) / (times[-1] - times[-2])
                place = int(round(beat * 480))
            if channels and hasattr(message, "channel"):
                message = message.copy(channel=channels[message.channel])
            if channels and message.type == "program_change":
                continue
            made.append(message.copy(time=max(0, place - last)))
            last = max(place, last)
    out.save(target)


def score_swing(base, program, scratch):
    beats = collections.defaultdict(list)
    for row in rows(f"{base}/beat/beats.tsv"):
        beats[row["piece"]].append(float(row["time_s"]))
    cases = [r for r in rows(f"{base}/beat/labels.tsv")
             if r["source"] == "synthetic" and r["swing_ratio_8th"] and r["meter_den"] == "4"]
    paths = []
    for row in cases:
        path = f"{scratch}/{row['piece']}.mid"
        regrid(f"{base}/beat/{row['file']}", beats[row["piece"]], path)
        paths.append(path)
    found = program.all([(path,) for path in paths])
    errors, classes, silent = [], [], 0
    for row, answer in zip(cases, found):
        told = answer.get("swing")
        truth = float(row["swing_ratio_8th"])
        if not isinstance(told, (int, float)):
            silent += 1
            continue
        errors.append(abs(told - truth))
        classes.append(float((told >= 1.12) == (truth >= 1.12)))
    line("SWING (true beats)", "error", "class", "unknown", "n")
    line("synthetic", mean(errors), mean(classes), silent, len(cases))


def score_beats(base, program):
    """Beats found from the notes alone (`--free`), in the first two minutes, within 70 ms."""
    truth, bars = collections.defaultdict(list), collections.defaultdict(list)
    cases = []
    for row in rows(f"{base}/beat/beats.tsv"):
        truth[row["piece"]].append(float(row["time_s"]))
        if row["bar_pos"] == "1":
            bars[row["piece"]].append(float(row["time_s"]))
    for row in rows(f"{base}/beat/labels.tsv"):
        path = f"{base}/beat/{row['file']}"
        if os.path.exists(path):
            cases.append((row["file"].split("/")[0], path, truth[row["piece"]], bars[row["piece"]]))
    for row in rows(f"{base}/multi/beat_mma.tsv"):
        length, first = 60 / float(row["bpm"]), float(row["first_downbeat_s"])
        beats = [first + index * length for index in range(int(row["n_beats"]))]
        cases.append(("mma", f"{base}/multi/{row['file']}", beats, beats[::int(row["meter_num"])]))
    line("BEATS (from the notes alone)", "F", "tempo 4 %", "downbeat F", "half A", "half B", "n")
    found = program.all([(path, "--free") for _, path, _, _ in cases])
    for kind in dict.fromkeys(case[0] for case in cases):
        scores, tempi, downs = [], [], []
        for (group, _, beats, downbeats), answer in zip(cases, found):
            if group != kind:
                continue
            told = answer.get("beats") or {"seconds": [], "beatsPerBar": 4, "firstDownbeat": 0}
            times = np.array([time for time in told["seconds"] if time < 120])
            beats = np.array([time for time in beats if 0 <= time < 120])
            scores.append(mir_eval.beat.f_measure(beats, times))
            bpm, true = told.get("beatsPerMinute", 0), 60 / np.median(np.diff(beats))
            tempi.append(float(abs(bpm / true - 1) < 0.04))
            if downbeats:
                guess = times[told["firstDownbeat"]::told["beatsPerBar"]]
                downs.append(mir_eval.beat.f_measure(
                    np.array([time for time in downbeats if 0 <= time < 120]), guess))
        line(kind, mean(scores), mean(tempi), mean(downs), mean(scores[::2]), mean(scores[1::2]),
             len(scores))


def score_roles(base, program, scratch):
    groups = collections.defaultdict(list)
    for row in rows(f"{base}/multi/roles_mma.tsv"):
        groups["mma", f"{base}/multi/{row['file']}"].append(row)
    for row in rows(f"{base}/multi/roles_real.tsv"):
        path = os.path.normpath(f"{base}/multi/{row['file']}")
        if os.path.exists(path):
            groups["real", path].append(row)
    line("ROLES", "right", "drums", "bass", "melody", "harmony", "n")
    shuffled = {channel: (channel * 5 + 3) % 16 for channel in range(16)}
    # Channel 10 must stay empty for the test to be blind.
    taken = next(c for c, to in shuffled.items() if to == 9)
    blind = {c: (to if c != taken else shuffled[9]) for c, to in shuffled.items()}
    for name, source, map_to in [
            ("mma", "mma", None), ("mma, blind", "mma", blind),
            ("real", "real", None), ("real, blind", "real", blind)]:
        cases = [(path, labels) for (kind, path), labels in groups.items() if kind == source]
        paths = []
        for path, _ in cases:
            if map_to:
                target = f"{scratch}/blind-{os.path.basename(path)}"
                regrid(path, None, target, channels=map_to)
                path = target
            paths.append(path)
        hits = collections.defaultdict(list)
        for (path, labels), answer in zip(cases, program.all([(p,) for p in paths])):
            told = collections.defaultdict(list)
            for track in answer.get("tracks") or []:
                told[track.get("channel")].append(track)
            for row in labels:
                channel = int(row["channel"]) - 1
                channel = map_to[channel] if map_to else channel
                near = sorted(
                    told.get(channel + 1, []),
                    key=lambda t: abs(t["groove"]["noteCount"] - int(row["n_notes"])))
                role = near[0]["role"]["role"] if near else "missing"
                for group in (row["role"], "all"):
                    hits[group].append(float(role == row["role"]))
        line(name, *(mean(hits[g]) for g in ("all", "drums", "bass", "melody", "harmony")),
             len(hits["all"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--program", default=".build/release/continuo")
    parser.add_argument("--only", default="key,chords,swing,roles,beats")
    options = parser.parse_args()
    program = Program(os.path.abspath(options.program))
    with tempfile.TemporaryDirectory() as scratch:
        for part in options.only.split(","):
            if part == "key":
                score_key(options.folder, program)
            elif part == "chords":
                score_chords(options.folder, program)
            elif part == "swing":
                score_swing(options.folder, program, scratch)
            elif part == "beats":
                score_beats(options.folder, program)
            elif part == "roles":
                score_roles(options.folder, program, scratch)
            else:
                parser.error(f"no part is called {part}")


if __name__ == "__main__":
    main()
