# SPDX-License-Identifier: MIT
"""The other programs: each answers as well as its library does with its own defaults.

An answer is what `measures` takes: a key, spans of chords or keys in quarters, beats in seconds. All
of these look over the whole piece, and for keys and chords the drums are taken out for them.
"""

import importlib.metadata
import signal
import warnings

import mido
import numpy as np

from truth import NAMES, label


class TooLong(Exception):
    pass


def limited(seconds, work, *arguments):
    """Runs `work`, and raises `TooLong` when it takes more than so many seconds."""
    def stop(_signal, _frame):
        raise TooLong(f"more than {seconds} s")
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        return work(*arguments)
    finally:
        signal.alarm(0)


def pitch_class(name):
    return (NAMES.index(name[0]) + name.count("#") - name[1:].count("b")) % 12


def notes_in(path, bpm=None):
    """(start, length, pitch) of each note, in quarters, or in seconds where `bpm` is given."""
    import symusic
    score = symusic.Score(path)
    if bpm is None:
        score = score.to("quarter")
    else:
        score = score.to("second")
    return sorted(
        (note.time, note.duration, note.pitch) for track in score.tracks for note in track.notes)


def music21_score(path):
    from music21 import converter
    return converter.parse(path, format="midi", forceSource=True)


def music21_key(path, bpm, method):
    key = music21_score(path).analyze(method)
    return [key.tonic.pitchClass, key.mode]


def partitura_notes(path):
    import partitura
    return partitura.load_performance_midi(path).note_array()


def partitura_key(path, bpm, profiles):
    import partitura
    name = partitura.musicanalysis.estimate_key(partitura_notes(path), key_profiles=profiles)
    tonic = name.rstrip("m")
    return [pitch_class(tonic), "minor" if name.endswith("m") else "major"]


def music21_local(path, bpm):
    """The key of each bar in a window of eight, by music21's own sliding analyser."""
    from music21 import analysis, stream
    score = music21_score(path)
    score.makeMeasures(inPlace=True)
    analyser = analysis.floatingKey.KeyAnalyzer(score)
    analyser.windowSize = 4
    keys = analyser.run()
    bars = list(score.parts[0].getElementsByClass(stream.Measure))
    spans = []
    for measure, key in zip(bars, keys):
        start = float(measure.offset)
        length = float(measure.barDuration.quarterLength)
        spans.append([start, start + length, key.tonic.pitchClass, key.mode])
    return spans


def music21_chords(path, bpm):
    from scores import QUALITIES
    spans = []
    for chord in music21_score(path).chordify().flatten().getElementsByClass("Chord"):
        root = chord.root().pitchClass
        shape = tuple(sorted({(p.pitchClass - root) % 12 for p in chord.pitches}))
        quality = QUALITIES.get(shape) or {"major": "maj", "minor": "min", "diminished": "dim",
                                           "augmented": "aug"}.get(chord.quality)
        start = float(chord.offset)
        if quality and chord.quarterLength > 0:
            spans.append([
                start, start + float(chord.quarterLength),
                label(root, quality, chord.bass().pitchClass)])
    return spans


def pychord_chords(path, bpm):
    """The exact match of each beat's notes, from the lowest upwards."""
    from pychord import find_chords_from_notes
    from scores import QUALITIES
    notes, spans = notes_in(path), []
    for beat in range(int(max(start + length for start, length, _ in notes)) + 1):
        sounding = sorted(
            pitch for start, length, pitch in notes
            if min(start + length, beat + 1) - max(start, beat) > 0.1)
        names = list(dict.fromkeys(NAMES[pitch % 12] for pitch in sounding))
        found = find_chords_from_notes(names) if len(names) > 1 else []
        if found:
            root = pitch_class(found[0].root)
            shape = {(pitch_class(n) - root) % 12 for n in found[0].components()}
            quality = QUALITIES.get(tuple(sorted(shape)))
            if quality:
                spans.append([beat, beat + 1, label(root, quality, sounding[0] % 12)])
    return spans


def chorder_chords(path, bpm):
    import miditoolkit
    from chorder import Dechorder
    spelled = {"M": "maj", "m": "min", "o": "dim", "+": "aug", "7": "7", "M7": "maj7", "m7": "min7",
               "o7": "dim7", "/o7": "hdim7", "sus2": "sus2", "sus4": "sus4"}
    spans = []
    for beat, chord in enumerate(Dechorder.dechord(miditoolkit.MidiFile(path))):
        if chord.is_complete() and chord.quality in spelled:
            spans.append([
                beat, beat + 1, label(chord.root_pc, spelled[chord.quality], chord.bass_pc)])
    return spans


def smg_chords(path, bpm):
    from smg_metrics.chord_recognition import recognize_chords_beat
    import mir_eval
    spans = []
    for start, end, text in recognize_chords_beat(path):
        try:
            mir_eval.chord.encode(text)
        except mir_eval.chord.InvalidChordException:
            continue
        spans.append([start * bpm / 60, end * bpm / 60, text])
    return spans


def librosa_beats(path, bpm):
    """librosa's beat tracker over a curve of the notes' beginnings, as loud as they are many."""
    import librosa
    rate, hop = 22050, 512
    starts = [start for start, _, _ in notes_in(path, bpm=120) if start < 120]
    curve = np.zeros(int((max(starts) + 2) * rate / hop))
    for start in starts:
        curve[int(round(start * rate / hop))] += 1
    tempo, beats = librosa.beat.beat_track(
        onset_envelope=np.log1p(curve), sr=rate, hop_length=hop, units="time")
    return {"tempo": float(np.atleast_1d(tempo)[0]), "beats": [float(beat) for beat in beats]}


def pretty_midi_beats(path, bpm):
    """pretty_midi's tempo from note onsets, and beats of that length from where it says they begin."""
    import pretty_midi
    midi = pretty_midi.PrettyMIDI(path)
    tempo = midi.estimate_tempo()
    first = midi.estimate_beat_start()
    end = min(120, midi.get_end_time())
    return {"tempo": float(tempo), "beats": list(np.arange(first, end, 60 / tempo))}


def partitura_beats(path, bpm):
    import partitura
    notes = partitura_notes(path)
    notes = notes[notes["onset_sec"] < 30]
    found = partitura.musicanalysis.estimate_time(notes)
    return {"tempo": float(found["tempo"]), "beats": [float(beat[0]) for beat in found["beats"]]}


def amads_swing(path, beats):
    """amads' mean beat-upbeat ratio, given the true beats and every onset clear of one."""
    from amads.time.swing import beat_upbeat_ratio
    beats = np.array(beats)
    starts = np.unique(np.array([start for start, _, _ in notes_in(path, bpm=120)]))
    gap = float(np.median(np.diff(beats)))
    clear = starts[np.min(np.abs(starts[:, None] - beats[None, :]), axis=1) > 0.13 * gap]
    # Its reader takes one upbeat a beat: notes struck together are one.
    kept = [one for index, one in enumerate(clear) if index == 0 or one - clear[index - 1] > 0.06]
    ratios = [ratio for ratio in beat_upbeat_ratio(beats, np.array(kept)) if ratio is not None]
    return float(np.nanmean([ratio for ratio in ratios if 0.25 <= ratio <= 4]))


# What is asked of whom: (task, name in the table, package, work, its further argument, seconds).
KEY = [
    ("music21, Krumhansl", "music21", music21_key, "key.krumhanslkessler", 60),
    ("music21, Temperley", "music21", music21_key, "key.temperleykostkapayne", 60),
    ("partitura, Krumhansl", "partitura", partitura_key, "krumhansl_kessler", 30),
    ("partitura, Kostka-Payne", "partitura", partitura_key, "kostka_payne", 30),
]
LOCAL = [("music21, sliding window", "music21", music21_local, None, 90)]
CHORDS = [
    ("music21, chordify", "music21", music21_chords, None, 90),
    ("pychord", "pychord", pychord_chords, None, 60),
    ("chorder", "chorder", chorder_chords, None, 60),
    ("smg-metrics", "smg-metrics", smg_chords, None, 60),
]
BEATS = [
    ("librosa", "librosa", librosa_beats, None, 60),
    ("pretty_midi", "pretty_midi", pretty_midi_beats, None, 60),
    ("partitura (30 s)", "partitura", partitura_beats, None, 20),
]
SWING = [("amads, with the true beats", "amads", amads_swing, None, 30)]


def version(package):
    """The installed version; None where the package is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def ask(task):
    """Runs one peer over one file: (its place in the list, its answer or None, why there is none)."""
    index, work, path, given, more, seconds = task
    warnings.simplefilter("ignore")
    arguments = [path, given] + ([more] if more is not None else [])
    try:
        return index, limited(seconds, work, *arguments), None
    except TooLong as error:
        return index, None, str(error)
    except Exception as error:  # a peer that fails on a file is scored as wrong, and told
        return index, None, f"{type(error).__name__}: {error}"[:120]


def without_drums(source, target):
    """A copy without channel 10, for those who do not know of it."""
    midi = mido.MidiFile(source)
    for track in midi.tracks:
        kept, waited = [], 0
        for message in track:
            waited += message.time
            if getattr(message, "channel", None) == 9:
                continue
            kept.append(message.copy(time=waited))
            waited = 0
        track[:] = kept
    midi.save(target)
