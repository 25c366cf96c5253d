# SPDX-License-Identifier: MIT
"""Scores `continuo analyze --json` beside other programs, and writes the figures down.

    bench.py WORK_FOLDER OUTPUT.md [--program FILE] [--seed N] [--quick]

The music is built first (truth, scores, songs, made_up) and kept in WORK_FOLDER for the seed.
"""

import argparse
import concurrent.futures
import json
import multiprocessing
import os
import random
import subprocess
import sys
import time

import made_up
import measures
import peers
import report
import scores
import songs
import speed
import truth


def build(folder, seed, quick):
    """The cases, and what was left out with its reason; from an earlier run where there is one."""
    done = os.path.join(folder, "built.json")
    if os.path.exists(done):
        with open(done) as file:
            return json.load(file)
    os.makedirs(folder, exist_ok=True)
    made, failures = songs.build(folder, random.Random(seed), quick)
    cases = made + made_up.build(folder, random.Random(seed + 1), quick)
    left = {"chorale": 0, "tune": 0, "analysed": 0}
    tasks = scores.tasks(folder, random.Random(seed + 2), quick)
    with multiprocessing.Pool() as pool:
        for kind, path, case in pool.imap(scores.build, tasks, chunksize=4):
            if isinstance(case, dict):
                cases.append(case)
            else:
                left[kind] += 1
                if case is not None:
                    failures.append(f"{os.path.basename(path)}: {case}")
    # An analysed chorale is scored once, with the analyst's key.
    known = {case["name"][:-3] for case in cases if case["name"].endswith("-rn")}
    cases = [case for case in cases if case["name"] not in known]
    for case in cases:
        if "roles" in case:
            stem = case["file"][:-4]
            case["pitched"], case["blind"] = f"{stem}.pitched.mid", f"{stem}.blind.mid"
            peers.without_drums(case["file"], case["pitched"])
            case["moved"] = truth.blind(case["file"], case["blind"])
    found = {"cases": cases, "left": left, "failures": failures}
    with open(done, "w") as file:
        json.dump(found, file)
    return found


def analysed(program, tasks):
    """`analyze --json` of each (file, *options), two at a time."""
    def run(task):
        done = subprocess.run(
            [program, "analyze", *task, "--json"], capture_output=True, text=True, timeout=600)
        try:
            found = json.loads(done.stdout)
        except ValueError:
            found = {}
        if "key" not in found:
            sys.exit(f"{program} analyze {' '.join(task)} failed: {done.stdout}{done.stderr}")
        return found
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return dict(zip(tasks, pool.map(run, tasks)))


def asked(jobs):
    """The peers' answers: {(task, name, case): (answer, why there is none)}."""
    tasks = [(index, *job[3:]) for index, job in enumerate(jobs)]
    answers = {}
    with multiprocessing.Pool() as pool:
        for index, answer, error in pool.imap_unordered(peers.ask, tasks):
            answers[jobs[index][:3]] = (answer, error)
    return answers


def jobs_for(cases, lists):
    """What to ask whom. A peer that is not installed is asked nothing, and told in the table."""
    jobs = []
    for task, known, case_list, given, entries in lists:
        for name, package, work, more, seconds in entries:
            if peers.version(package) is None:
                continue
            chosen = [case for case in cases if case_list(case)]
            if work in (peers.music21_chords, peers.music21_local, peers.partitura_beats):
                # These take seconds a song: every fourth of those.
                slow = [case for case in chosen if case["half"] == "new"]
                chosen = [case for case in chosen if case["half"] != "new"] + slow[::4]
            for case in chosen:
                path = case.get("pitched", case["file"]) if known else case["file"]
                jobs.append((task, name, case["name"], work, path, case.get(given), more, seconds))
    return jobs


def told_key(answer):
    key = answer["key"]
    return None if key["tonic"] is None else [key["tonic"], key["mode"]]


def told_chords(answer):
    return [
        [chord["start"], chord["end"], measures.chord_label(chord), chord["confidence"]]
        for chord in answer["chords"]]


def told_keys(answer):
    return [[key["start"], key["end"], key["tonic"], key["mode"], key["confidence"]]
            for key in answer["localKeys"]]


def local_doubts(rows, spans):
    """(stated confidence, right or not, quarters) where a told local key meets a known one."""
    pairs = []
    for start, end, _, tonic, mode in rows:
        for begin, stop, *known, claim in spans:
            size = min(end, stop) - max(start, begin)
            if size > 0:
                pairs.append((claim, float(known == [tonic, mode]), size))
    return pairs


def told_roles(answer):
    """The role of each channel: of the track with most notes on it."""
    roles = {}
    for track in sorted(answer["tracks"], key=lambda t: t["groove"]["noteCount"]):
        roles[track["channel"]] = track["role"]
    return roles


def score(cases, answers, others, doubts):
    """Rows of {task, name, set, half, and the measures}: the program's and the peers'."""
    rows = []

    def add(task, name, case, values):
        rows.append({"task": task, "name": name, "set": case["set"], "half": case["half"],
                     "case": case["name"], **values})

    def doubt(task, case, pairs):
        doubts.extend((task, case["set"], case["half"], case["name"], *pair) for pair in pairs)

    own = report.OWN
    for case in cases:
        found = answers[(case["file"],)]
        known = {name: answer for (task, name, of), answer in others.items() if of == case["name"]}
        if "key" in case or "analystKey" in case:
            right = case.get("key") or case["analystKey"]
            told = told_key(found)
            add("key", own, case, measures.key(right, told))
            if told:
                doubt("key", case, [(found["key"]["confidence"], float(told == right), 1.0)])
            for name, *_ in peers.KEY:
                if name in known:
                    add("key", name, case, measures.key(right, known[name][0]))
        if "chords" in case:
            spans = told_chords(found)
            add("chords", own, case, measures.chords(case["chords"], spans))
            doubt("chords", case, measures.chord_doubts(case["chords"], spans))
            keys = told_keys(found)
            add("local key", own, case, {"time": measures.local_key(case["chords"], keys)})
            doubt("local keys", case, local_doubts(case["chords"], keys))
            for name, *_ in peers.CHORDS:
                if name in known:
                    add("chords", name, case, measures.chords(case["chords"], known[name][0]))
            for name, *_ in peers.LOCAL:
                if name in known:
                    add("local key", name, case,
                        {"time": measures.local_key(case["chords"], known[name][0])})
        if "beats" in case:
            free = answers[(case["file"], "--free")]["beats"] or {}
            times = free.get("seconds", [])
            values = measures.beats(case["beats"], times, free.get("beatsPerMinute"))
            if "bars" in case:
                lines = times[free["firstDownbeat"]::free["beatsPerBar"]] if free else []
                values["downbeats"] = measures.downbeats(case["bars"], lines)
            add("beats", own, case, values)
            if "confidence" in free:
                near = [any(abs(t - b) <= 0.07 for b in case["beats"]) for t in times]
                doubt("beats", case, [(free["confidence"], float(n), 1.0) for n in near])
            for name, *_ in peers.BEATS:
                if name in known:
                    told = known[name][0] or {}
                    add("beats", name, case, measures.beats(
                        case["beats"], told.get("beats"), told.get("tempo")))
        if "swing" in case:
            told = found["swing"]
            told = told if isinstance(told, (int, float)) else None
            add("swing", own, case, swing_values(case["swing"], told))
            for name, *_ in peers.SWING:
                if name in known:
                    add("swing", name, case, swing_values(case["swing"], known[name][0]))
        if "roles" in case:
            for name, path, moved in (
                    (own, case["file"], None), (f"{own}, channels hidden", case["blind"], case["moved"])):
                if moved is None and name != own:
                    continue
                told = told_roles(answers[(path,)])
                for channel, role in case["roles"].items():
                    place = moved[channel] if moved else int(channel)
                    entry = told.get(place) or {"role": "missing", "confidence": 0.0}
                    add("roles", name, case, {role: float(entry["role"] == role),
                                              "right": float(entry["role"] == role)})
                    if entry["role"] not in ("missing", "unknown"):
                        doubt("roles", case, [
                            (entry["confidence"], float(entry["role"] == role), 1.0)])
    return rows


def swing_values(right, told):
    """The error; and whether swung is told from straight, at the program's own threshold of 1.12."""
    if told is None or told != told:
        return {"unknown": 1.0}
    return {"error": abs(told - right), "class": float((told >= 1.12) == (right >= 1.12)),
            "unknown": 0.0}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("output")
    parser.add_argument("--program", default=".build/release/continuo")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    began = time.time()
    kind = "quick" if options.quick else "whole"
    folder = os.path.join(options.folder, f"truth-{kind}-{options.seed}")
    program = os.path.abspath(options.program)
    built = build(os.path.abspath(folder), options.seed, options.quick)
    cases = built["cases"]
    for case in cases:
        if case.get("moved"):
            case["moved"] = {str(old): new for old, new in case["moved"].items()}
    print(f"{len(cases)} pieces after {time.time() - began:.0f} s", flush=True)

    tasks = [(case["file"],) for case in cases]
    tasks += [(case["file"], "--free") for case in cases if "beats" in case]
    tasks += [(case["blind"],) for case in cases if case.get("moved")]
    answers = analysed(program, list(dict.fromkeys(tasks)))
    print(f"the program has answered after {time.time() - began:.0f} s", flush=True)

    # The peers were fitted on none of it: they are asked about what the program has not seen either.
    fresh = [case for case in cases if case["half"] != "fitted"]
    others = asked(jobs_for(fresh, [
        ("key", True, lambda c: "key" in c or "analystKey" in c, "bpm", peers.KEY),
        ("local key", True, lambda c: "chords" in c, "bpm", peers.LOCAL),
        ("chords", True, lambda c: "chords" in c, "bpm", peers.CHORDS),
        ("beats", False, lambda c: "beats" in c, "bpm", peers.BEATS),
        ("swing", False, lambda c: "swing" in c, "beats", peers.SWING)]))
    print(f"the peers have answered after {time.time() - began:.0f} s", flush=True)

    doubts = []
    rows = score(cases, answers, others, doubts)
    with open(os.path.join(folder, "doubts.json"), "w") as file:
        json.dump(doubts, file)
    timed = speed.measure(program, cases, options.quick)
    text = report.page(
        rows, doubts, timed, built, others, seed=options.seed, quick=options.quick,
        program=program, seconds=time.time() - began)
    with open(options.output, "w") as file:
        file.write(text)
    print(f"{options.output} is written after {time.time() - began:.0f} s")


if __name__ == "__main__":
    main()
