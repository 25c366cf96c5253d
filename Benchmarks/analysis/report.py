# SPDX-License-Identifier: MIT
"""The page that `make bench-analysis` writes: every figure on it is from one run."""

import collections
import datetime
import os
import platform
import subprocess

import measures
import peers

OWN = "Continuo"
MISSING = [
    "how sure it is of the beats: `beats` has no confidence, so that their table is empty",
    "the chord that it would have told at once: `chords` are final, one quarter later, so what is "
    "told without delay cannot be scored",
    "a change of metre: `--free` answers 3 or 4 beats a bar for everything",
]


def number(value):
    return "" if value is None else f"{value:.3f}"


def table(head, lines):
    text = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    text += ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join(text) + "\n"


def ratio(rows, name):
    """The share over all pieces together of a measure that is (hit, size)."""
    found = [row[name] for row in rows if name in row]
    size = sum(pair[1] for pair in found)
    return sum(pair[0] for pair in found) / size if size else None


def average(rows, name):
    return measures.mean([row.get(name) for row in rows])


def scored(rows, task, columns, by=average):
    """One line for each set and program: the unseen and new pieces, then the fitted half."""
    chosen = [row for row in rows if row["task"] == task]
    sets = list(dict.fromkeys(row["set"] for row in chosen))
    names = list(dict.fromkeys(row["name"] for row in chosen))
    lines = []
    whole = len({row["case"] for row in chosen if row["name"] == OWN and row["half"] != "fitted"})
    for of in sets + (["all"] if len(sets) > 1 else []):
        for name in names:
            for fitted in (False, True):
                here = [row for row in chosen if row["name"] == name and of in (row["set"], "all")
                        and (row["half"] == "fitted") == fitted]
                if not here:
                    continue
                shown = name + (", pieces its weights were fitted on" if fitted else "")
                pieces = len({row["case"] for row in here})
                # Over all sets only programs that were asked about the same pieces can be compared.
                if of == "all" and not fitted and pieces != whole:
                    continue
                lines.append([of, shown, *(number(by(here, c)) for c in columns), str(pieces)])
    return table(["music", "program", *columns, "pieces"], lines)


def doubts_table(doubts):
    """What was claimed and what was right, in bins of ten percent, without the fitted half."""
    text = []
    for task in ("key", "local keys", "chords", "roles", "beats"):
        pairs = [tuple(row[4:]) for row in doubts if row[0] == task and row[2] != "fitted"]
        if not pairs:
            text.append(f"**{task}**: no confidence is told, so none can be held to account.\n")
            continue
        rows, error = measures.reliability(pairs)
        unit = {"key": "pieces", "roles": "tracks", "beats": "beats"}.get(task, "quarters")
        text.append(f"**{task}**: expected calibration error {error:.3f}\n")
        text.append(table(["stated", "mean stated", "right", unit], [
            [f"{index * 10}-{index * 10 + 10} %", f"{claimed:.2f}", f"{right:.2f}", f"{weight:.0f}"]
            for index, claimed, right, weight in rows]))
    return "\n".join(text)


def speed_table(rows):
    lines, best = [], collections.defaultdict(dict)
    for label, name, notes, found in rows:
        if isinstance(found, str):
            lines.append([label, name, str(notes), found, "", ""])
            continue
        middle, least, most = found
        best[name][label] = middle / notes
        each = "" if notes < 20 else f"{middle / notes * 1e6:.2f}"
        lines.append([label, name, str(notes), f"{middle * 1000:.1f}",
                      f"{least * 1000:.1f}-{most * 1000:.1f}", each])
    text = table(["program", "file", "notes", "median ms", "least-most", "µs a note"], lines)
    for name, known in best.items():
        own = next((value for label, value in known.items() if label.startswith(OWN)), None)
        others = {label: value for label, value in known.items()
                  if not label.startswith(OWN) and "only" not in label}
        if own is None or not others:
            continue
        quickest = min(others, key=others.get)
        said = [f"{label.split(',')[0]} ({label.split('and ')[-1]}) {value / own:.1f} ×"
                for label, value in others.items() if label.startswith("music21")]
        said.append(f"the fastest peer that analyses, {quickest}, {others[quickest] / own:.1f} ×")
        text += f"\n{name[0].upper()}{name[1:]}, time over Continuo's: " + "; ".join(said) + "."
    return text + "\n"


def versions():
    lines = []
    for name in ("music21", "partitura", "pretty_midi", "mir_eval", "symusic", "amads", "chorder",
                 "smg-metrics", "pychord", "librosa", "mido", "numpy"):
        lines.append(f"{name} {peers.version(name) or '**could not be installed: not scored**'}")
    return ", ".join(lines)


def machine():
    name = platform.processor()
    try:
        with open("/proc/cpuinfo") as file:
            name = next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{name}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the end"


def commit():
    def git(*words):
        return subprocess.run(["git", *words], capture_output=True, text=True).stdout.strip()
    changed = " with changes" if git("status", "--porcelain", "--", "Sources") else ""
    return (git("rev-parse", "--short", "HEAD") or "unknown") + changed


def failed(others):
    """How often each peer gave no answer, and one reason."""
    count, reason, asked = collections.Counter(), {}, collections.Counter()
    for (_, name, _), (_, error) in others.items():
        asked[name] += 1
        if error:
            count[name] += 1
            reason[name] = error
    return [f"{name} gave no answer on {count[name]} of {asked[name]} pieces ({reason[name]}): "
            "scored as wrong" for name in count]


def page(rows, doubts, timed, built, others, *, seed, quick, program, seconds):
    cases = built["cases"]
    kinds = collections.Counter((case["set"], case["half"]) for case in cases)
    sets = "; ".join(f"{name} ({half}) {count}" for (name, half), count in sorted(kinds.items()))
    left = ", ".join(f"{kind} {count}" for kind, count in built["left"].items())
    notes = [f"- {line}" for line in failed(others) + built["failures"]]
    whole = "a quick check, too small to say anything" if quick else "the whole run"
    parts = [
        "# Figures of the analysis", "",
        "Written by `make bench-analysis`; not edited by hand. What it measures and how:"
        " [analysis.md](analysis.md).", "",
        f"- {datetime.date.today().isoformat()}, seed {seed}, {whole}, {seconds:.0f} s",
        f"- {machine()}; Python {platform.python_version()}; Continuo at {commit()}",
        f"- {versions()}", f"- pieces: {sets}", f"- left out, by kind: {left}",
        "- musicpy is not asked: it takes seconds for one chord. No peer tells roles.",
        *notes, "",
        "Pieces are *unseen* when the program's weights were not fitted on them, *new* when they were"
        " made for this run; peers are asked about those only. Songs that mma played went into the"
        " fitting too, though none of these.", "",
        "## Global key", "", scored(rows, "key", ["exact", "MIREX"]),
        "## Local key, share of the time", "", scored(rows, "local key", ["time"], ratio),
        "## Chords, share of the time", "",
        scored(rows, "chords", ["root", "majmin", "sevenths"], ratio),
        "## Beats from the notes alone", "",
        "First two minutes, within 70 ms; AMLt forgives half and double time; `tempo` is within 4 %,"
        " `octave` the same with 1/3, 1/2, 2 and 3 times forgiven.", "",
        scored(rows, "beats", ["F", "AMLt", "tempo", "octave", "downbeats"]),
        "## Swing with the true beats", "",
        "`error` of the ratio; `class`: swung told from straight at 1.12; `unknown`: no answer.", "",
        scored(rows, "swing", ["error", "class", "unknown"]),
        "## Roles, share of the tracks", "",
        scored(rows, "roles", ["right", "drums", "bass", "melody", "harmony"]),
        "## What confidence is worth", "",
        "Key and local keys were calibrated on what seed 1 makes and on the unseen half of the corpora: with"
        " another seed, songs and most dance tunes are new to the calibration, the analysed pieces are not.",
        "", doubts_table(doubts),
        "## Time", "", speed_table(timed),
        "## What the JSON does not tell", "",
        *[f"- {line}" for line in MISSING], ""]
    return "\n".join(parts).replace("\n\n\n", "\n\n")
