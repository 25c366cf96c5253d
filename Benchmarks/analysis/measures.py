# SPDX-License-Identifier: MIT
"""How right an answer is. The measures are mir_eval's own where it has one."""

import collections

import mir_eval
import numpy as np

from truth import NAMES, label

QUALITIES = {"6": "maj6", "m6": "min6", "m7": "min7", "m7b5": "hdim7"}
LISTENED = 120.0


def mean(values):
    values = [value for value in values if value is not None]
    return sum(values) / len(values) if values else None


def key(truth, told):
    """Exact, and weighted as MIREX does (fifth .5, relative .3, parallel .2)."""
    if told is None:
        return {"exact": 0.0, "MIREX": 0.0}
    names = [f"{NAMES[tonic]} {mode}" for tonic, mode in (truth, told)]
    return {
        "exact": float(list(truth) == list(told)),
        "MIREX": float(mir_eval.key.weighted_score(*names))}


def local_key(truth, told):
    """The share of the time that has a known key in which it is told."""
    hit = size = 0.0
    for start, end, _, tonic, mode in truth:
        size += end - start
        for begin, stop, *known in told or []:
            if known[:2] == [tonic, mode]:
                hit += max(0.0, min(end, stop) - max(start, begin))
    return hit, size


def merged(truth, told):
    """Both courses of chords cut at each other's changes: (intervals, truth, told, durations)."""
    reference = np.array([row[:2] for row in truth], dtype=float)
    guesses = sorted((row[:3] for row in told or []), key=lambda row: row[0])
    kept, last = [], float(reference.min())
    for start, end, text in guesses:
        start = max(start, last)
        if end - start < 1e-6:
            continue
        if start - last > 1e-6:
            kept.append((last, start, "N"))
        kept.append((start, end, text))
        last = end
    guess = np.array([row[:2] for row in kept], dtype=float).reshape(-1, 2)
    names = [row[2] for row in kept]
    guess, names = mir_eval.util.adjust_intervals(
        guess, names, reference.min(), reference.max(), "N", "N")
    return mir_eval.util.merge_labeled_intervals(
        reference, [row[2] for row in truth], guess, names)


def chords(truth, told):
    """For each measure (hit, size) in quarters; a span that the measure leaves out has no size."""
    both, left, right = merged(truth, told)
    length = mir_eval.util.intervals_to_durations(both)
    sums = {}
    for name, measure in (("root", mir_eval.chord.root), ("majmin", mir_eval.chord.majmin),
                          ("sevenths", mir_eval.chord.sevenths)):
        hits = measure(left, right)
        counted = hits >= 0
        sums[name] = (
            float((hits * length)[counted].sum()), float(length[counted].sum()))
    return sums


def chord_doubts(truth, found):
    """(stated confidence, right or not by maj-min, quarters) of each stretch of a chord told."""
    told = [row[:3] for row in found]
    if not told:
        return []
    both, left, right = merged(truth, told)
    hits = mir_eval.chord.majmin(left, right)
    starts = np.array([row[0] for row in found])
    pairs = []
    for interval, hit, text in zip(both, hits, right):
        if hit >= 0 and text != "N":
            index = max(0, int(np.searchsorted(starts, interval[0] + 1e-9)) - 1)
            pairs.append((found[index][3], float(hit), float(interval[1] - interval[0])))
    return pairs


def beats(truth, told, tempo):
    """F within 70 ms, continuity with octave errors forgiven, and tempo, over the first two minutes."""
    true = np.array([time for time in truth if time < LISTENED])
    found = np.array(sorted(time for time in told or [] if 0 <= time < LISTENED))
    found = np.unique(found)
    result = {"F": float(mir_eval.beat.f_measure(true, found)) if len(found) else 0.0}
    result["AMLt"] = float(mir_eval.beat.continuity(true, found)[3]) if len(found) > 1 else 0.0
    right = 60 / float(np.median(np.diff(true)))
    ratio = (tempo or 0) / right
    result["tempo"] = float(abs(ratio - 1) < 0.04)
    result["octave"] = float(any(abs(ratio / r - 1) < 0.04 for r in (1 / 3, 0.5, 1, 2, 3)))
    return result


def downbeats(truth, told):
    true = np.array([time for time in truth if time < LISTENED])
    found = np.array([time for time in told if time < LISTENED])
    return float(mir_eval.beat.f_measure(true, found)) if len(found) else 0.0


def reliability(pairs):
    """Bins of ten percent: (bin, mean claim, share right, weight), and the calibration error.

    The error is the mean gap between claim and share right, each bin weighing as much as it holds.
    """
    bins = collections.defaultdict(list)
    for pair in pairs:
        bins[min(9, int(pair[0] * 10))].append(pair)
    total = sum(pair[2] for pair in pairs)
    rows, error = [], 0.0
    for index in sorted(bins):
        weight = sum(pair[2] for pair in bins[index])
        if weight <= 0:
            continue
        claimed = sum(pair[0] * pair[2] for pair in bins[index]) / weight
        right = sum(pair[1] * pair[2] for pair in bins[index]) / weight
        rows.append((index, claimed, right, weight))
        error += weight / total * abs(claimed - right)
    return rows, error


def chord_label(chord):
    """A chord of `analyze --json` as mir_eval reads it."""
    if chord["root"] is None:
        return "N"
    return label(
        chord["root"], QUALITIES.get(chord["quality"], chord["quality"]), chord["bass"])
