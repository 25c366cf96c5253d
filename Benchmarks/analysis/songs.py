# SPDX-License-Identifier: MIT
"""Songs written here by seed and played by Debian's `mma`: chords, key, beats and roles are known.

Half of them use a groove of mma's own library, the others one that is written here and swings by a
known ratio. The chord charts walk through common functions; a tune goes over most of them.
"""

import collections
import os
import re
import shutil
import subprocess

import mido

from truth import label

LIBRARY = "/usr/share/mma/lib/stdlib"
MAJOR = {
    "I": (0, ["maj", "maj", "maj7", "6"]), "ii": (2, ["min", "min7"]), "iii": (4, ["min", "min7"]),
    "IV": (5, ["maj", "maj", "maj7"]), "V": (7, ["maj", "7", "7", "sus4"]),
    "vi": (9, ["min", "min7"]), "V/ii": (9, ["7"]), "V/V": (2, ["7"]), "bVII": (10, ["maj"]),
}
MINOR = {
    "I": (0, ["min", "min", "min7"]), "ii": (2, ["m7b5"]), "iii": (3, ["maj", "maj7"]),
    "IV": (5, ["min", "min7"]), "V": (7, ["7", "7", "maj"]), "vi": (8, ["maj", "maj7"]),
    "V/ii": (7, ["7"]), "V/V": (11, ["dim7"]), "bVII": (10, ["maj", "7"]),
}
NEXT = {
    "I": ["IV", "V", "vi", "ii", "iii", "V/ii", "bVII"], "ii": ["V", "V", "IV"],
    "iii": ["vi", "IV"], "IV": ["V", "I", "ii", "bVII"], "V": ["I", "I", "vi"],
    "vi": ["ii", "IV", "V/V"], "V/ii": ["ii"], "V/V": ["V"], "bVII": ["IV", "I"],
}
# The quality as mma spells it, as mir_eval does, and its notes.
SPELLED = {
    "maj": ("", "maj", [0, 4, 7]), "min": ("m", "min", [0, 3, 7]),
    "7": ("7", "7", [0, 4, 7, 10]), "maj7": ("M7", "maj7", [0, 4, 7, 11]),
    "min7": ("m7", "min7", [0, 3, 7, 10]), "m7b5": ("m7b5", "hdim7", [0, 3, 6, 10]),
    "dim7": ("dim7", "dim7", [0, 3, 6, 9]), "6": ("6", "maj6", [0, 4, 7, 9]),
    "sus4": ("sus4", "sus4", [0, 5, 7]),
}
SCALES = {"major": [0, 2, 4, 5, 7, 9, 11], "minor": [0, 2, 3, 5, 7, 8, 10]}
FLATS = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]
LETTERS = ["c", "c#", "d", "d#", "e", "f", "f#", "g", "g#", "a", "a#", "b"]
ROLES = [
    ("drums", r"drum"), ("bass", r"bass|walk"), ("harmony", r"chord|arpeggio|plectrum"),
    ("melody", r"solo|melody"),
]


def grooves():
    """Those of the library with one metre, in quarters: (groove, beats a bar)."""
    found = []
    for name in sorted(os.listdir(LIBRARY) if os.path.isdir(LIBRARY) else []):
        if not name.endswith(".mma") or name.startswith(("metronome", "none")):
            continue
        with open(os.path.join(LIBRARY, name), encoding="latin-1") as file:
            text = file.read()
        times = set(re.findall(r"^\s*time\s+(\d+)", text, re.M | re.I))
        signs = set(re.findall(r"^\s*timesig\s+(\d+)[ /]+(\d+)", text, re.M | re.I))
        defined = re.findall(r"^\s*defgroove\s+(\S+)", text, re.M | re.I)
        if len(times) != 1 or len(signs) != 1 or not defined:
            continue
        beats, (over, under) = int(times.pop()), signs.pop()
        if under == "4" and int(over) == beats:
            found.append((defined[0], beats))
    return found


def groove_of_ours(random, beats):
    """A groove of eighths and the skew they swing by."""
    skew = random.choice([50, 50, 55, 58, 60, 62, 66, 70, 75])
    lines = [f"Time {beats}", f"TimeSig {beats} 4", "SeqSize 1"]
    if skew != 50:
        lines.append(f"SwingMode On Skew={skew}")
    eighths = [beat + part for beat in range(1, beats + 1) for part in (0, 0.5)]
    hats = "; ".join(f"{place} 8 {90 if place % 1 == 0 else 65}" for place in eighths)
    kicks = "; ".join(f"{place} 4 100" for place in range(1, beats + 1, 2))
    snares = "; ".join(f"{place} 4 95" for place in range(2, beats + 1, 2))
    lines += ["Begin Drum-HH", "Tone ClosedHiHat", f"Sequence {{{hats};}}", "End"]
    lines += ["Begin Drum-K", "Tone KickDrum1", f"Sequence {{{kicks};}}", "End"]
    lines += ["Begin Drum-S", "Tone SnareDrum1", f"Sequence {{{snares};}}", "End"]
    bass = [f"1 4 1 {random.randint(80, 100)}"]
    for place in eighths[1:]:
        if random.random() < (0.7 if place % 1 == 0 else 0.4):
            bass.append(f"{place} 8 {random.choice([1, 1, 3, 5, 5])} {random.randint(70, 95)}")
    lines += ["Begin Bass", "Voice FingeredBass", "Octave 3"]
    lines += [f"Sequence {{{'; '.join(bass)};}}", "End"]
    comp = [f"{place} 8 {random.randint(60, 85)}" for place in eighths if random.random() < 0.4]
    lines += ["Begin Chord", f"Voice {random.choice(['Piano1', 'NylonGuitar', 'Organ1'])}"]
    lines += ["Octave 5", f"Sequence {{{'; '.join(comp or ['1 2 80'])};}}", "End"]
    return lines + ["DefGroove Ours", "Groove Ours"], skew / (100 - skew)


def section(random, key, bars):
    """Bars of one or two chords in a key: [(root, quality), ...] each."""
    tonic, mode = key
    table = MAJOR if mode == "major" else MINOR
    state, made = "I", []

    def chord(name):
        step, qualities = table[name]
        return (tonic + step) % 12, random.choice(qualities)

    for bar in range(bars):
        if bar == bars - 1:
            made.append([((tonic + 7) % 12, "7")])
        elif random.random() < 0.25:
            first, state = state, random.choice(NEXT[state])
            made.append([chord(first), chord(state)])
            state = random.choice(NEXT[state])
        else:
            made.append([chord(state)])
            state = random.choice(NEXT[state])
    return made


def tune(random, chords, key, beats, at):
    """A bar of melody as mma writes it, and where the voice then is."""
    tonic, mode = key
    scale = {(tonic + step) % 12 for step in SCALES[mode]}
    lengths, left = [], beats * 2
    while left:
        length = random.choice([n for n in (1, 1, 2, 2, 2, 3, 4) if n <= left])
        lengths.append(length)
        left -= length
    words, place = [], 0
    for length in lengths:
        root, quality = chords[-1] if len(chords) > 1 and place >= beats else chords[0]
        tones = {(root + step) % 12 for step in SPELLED[quality][2]}
        wanted = tones if place % 2 == 0 and random.random() < 0.8 else tones | scale
        near = [p for p in range(52, 82) if p % 12 in wanted and abs(p - at) <= 5 and p != at]
        at = random.choice(near or [60])
        octave = at // 12 - 4
        marks = "+" * octave if octave >= 0 else "-" * -octave
        value = {1: "8", 2: "4", 3: "4.", 4: "2"}[length]
        words.append(value + ("r" if random.random() < 0.1 else LETTERS[at % 12] + marks))
        place += length
    return "{" + ";".join(words) + ";}", at


def write(random, groove, beats, swing_ours):
    """The song's text, and what it consists of."""
    key = (random.randrange(12), random.choice(["major", "major", "minor"]))
    other = key
    if random.random() < 0.5:
        near = [(key[0] + 5, key[1]), (key[0] + 7, key[1])]
        near.append((key[0] + 9, "minor") if key[1] == "major" else (key[0] + 3, "major"))
        moved = random.choice(near)
        other = (moved[0] % 12, moved[1])
    first, middle = section(random, key, 8), section(random, other, 8)
    table = MAJOR if key[1] == "major" else MINOR
    close = [[(key[0], table["I"][1][0])]] * 2
    plan = [(bar, key) for bar in first * 2] + [(bar, other) for bar in middle]
    plan += [(bar, key) for bar in first[:-1] + close]
    bpm = random.randint(70, 180)
    lines, swing = [f"Tempo {bpm}"], None
    if swing_ours:
        written, swing = groove_of_ours(random, beats)
        lines += written
    else:
        lines.append(f"Groove {groove}")
    sings = random.random() < 0.75
    if sings:
        lines += ["Begin Solo", f"Voice {random.choice(['AltoSax', 'Flute', 'Piano1'])}"]
        lines += ["Octave 5", "End"]
    at, spans = 64, []
    for number, (chords, local) in enumerate(plan):
        names = [FLATS[root] + SPELLED[quality][0] for root, quality in chords]
        split = (beats + 1) // 2
        spelled = names[0] if len(names) == 1 else " ".join(
            [names[0]] + ["/"] * (split - 1) + [names[1]])
        start = number * beats
        ends = [start, start + beats] if len(chords) == 1 else [start, start + split, start + beats]
        for (root, quality), begin, end in zip(chords, ends, ends[1:]):
            spans.append([begin, end, label(root, SPELLED[quality][1]), *local])
        if sings:
            words, at = tune(random, chords, local, beats, at)
            spelled += " " + words
        lines.append(f"{number + 1} {spelled}")
    facts = {"key": list(key), "chords": spans, "bpm": float(bpm)}
    if swing is not None:
        facts["swing"] = swing
    return "\n".join(lines) + "\n", facts, len(plan) * beats


def without_names(source, target):
    """Copies mma's file without its tracks' names; returns {channel: role} and the notes' number."""
    midi = mido.MidiFile(source)
    seen, count = collections.defaultdict(set), 0
    for track in midi.tracks:
        name = track.name.lower()
        role = next((role for role, words in ROLES if re.match(words, name)), "other")
        kept, waited = [], 0
        for message in track:
            waited += message.time
            if message.type in ("track_name", "text", "lyrics", "marker", "copyright"):
                continue
            if message.type == "note_on" and message.velocity:
                seen[message.channel + 1].add(role)
                count += 1
            kept.append(message.copy(time=waited))
            waited = 0
        track[:] = kept
    midi.save(target)
    roles = {str(c): next(iter(found)) for c, found in seen.items() if len(found) == 1}
    return {channel: role for channel, role in roles.items() if role != "other"}, count


def build(folder, random, quick):
    """The songs, and what went wrong with those that mma could not play."""
    if shutil.which("mma") is None:
        return [], ["mma is not installed: apt-get install mma"]
    library = grooves()
    random.shuffle(library)
    chosen = [(groove, beats, False) for groove, beats in library[:4 if quick else 48]]
    chosen += [("ours", random.choice([4, 4, 4, 3, 5]), True) for _ in range(4 if quick else 48)]
    cases, failures = [], []
    for index, (groove, beats, ours) in enumerate(chosen):
        name = f"song-{index:03d}-{groove.lower()}"
        text, facts, length = write(random, groove, beats, ours)
        source = os.path.join(folder, f"{name}.mma")
        with open(source, "w") as file:
            file.write(text)
        raw, path = os.path.join(folder, "raw.mid"), os.path.join(folder, f"{name}.mid")
        if os.path.exists(raw):
            os.remove(raw)
        done = subprocess.run(["mma", "-f", raw, source], capture_output=True, text=True)
        if not os.path.exists(raw):
            failures.append(f"{name}: {(done.stdout + done.stderr).strip()[-200:]}")
            continue
        roles, count = without_names(raw, path)
        if not {"bass", "harmony"} & set(roles.values()):
            failures.append(f"{name} is left out: the groove has drums only")
            continue
        gap = 60 / facts["bpm"]
        cases.append(facts | {
            "name": name, "set": "songs, our grooves" if ours else "songs, mma's grooves",
            "half": "new", "file": path, "notes": count, "roles": roles,
            "beats": [number * gap for number in range(length)],
            "bars": [number * gap for number in range(0, length, beats)]})
    return cases, failures
