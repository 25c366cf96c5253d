// The two piano rolls: what is heard, moving with the song, and a candidate over the original.

const colours = ["#f0b45a", "#7fb4e0", "#8fd19e", "#e58fb1", "#c4a5f0", "#e0d27f", "#7fd6d0", "#ff9d6b"];
const windowBars = 8;
const playhead = 0.8;

/// Fits a canvas' pixels to its place on the screen; its size in CSS pixels.
function fit(canvas) {
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const width = canvas.clientWidth, height = canvas.clientHeight;
  const wide = Math.round(width * ratio), high = Math.round(height * ratio);
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  const context = canvas.getContext("2d", { alpha: false });
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { context, width, height };
}

function clear(context, width, height) {
  context.fillStyle = "#101216";
  context.fillRect(0, 0, width, height);
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "top";
}

/// The notes of each input, as they come, and no older than the roll is long.
export class LiveRoll {
  constructor(canvas) {
    this.canvas = canvas;
    this.tracks = new Map();
    this.names = [];
    this.chords = [];
  }

  setTracks(followed) {
    this.names = followed;
    const inputs = new Set(followed.map((track) => track.input));
    for (const input of this.tracks.keys()) if (!inputs.has(input)) this.tracks.delete(input);
  }

  /// Takes `[input, channel, key, velocity, quarters]`; velocity 0 ends the key's oldest note.
  take(events) {
    for (const [input, channel, key, velocity, at] of events) {
      let track = this.tracks.get(input);
      if (!track) this.tracks.set(input, (track = { notes: [], open: new Map(), low: 127, high: 0 }));
      const name = channel * 128 + key;
      if (velocity === 0) {
        const open = track.open.get(name);
        if (open && open.length) open.shift().end = at;
        continue;
      }
      const note = { key, velocity, start: at, end: null };
      track.notes.push(note);
      track.low = Math.min(track.low, key);
      track.high = Math.max(track.high, key);
      if (!track.open.has(name)) track.open.set(name, []);
      track.open.get(name).push(note);
    }
    for (const track of this.tracks.values()) {
      // What a loop or a jump leaves behind goes with the oldest.
      if (track.notes.length > 4000) track.notes.splice(0, track.notes.length - 3000);
    }
  }

  /// Ends at `place` what still sounds, in one input or in all: its note-off will not come.
  endSounding(place, input) {
    for (const [number, track] of this.tracks) {
      if (input !== undefined && number !== input) continue;
      for (const notes of track.open.values()) for (const note of notes) note.end = place;
      track.open.clear();
    }
  }

  draw(song, position) {
    const { context, width, height } = fit(this.canvas);
    clear(context, width, height);
    const bar = song.barLength || 4;
    const span = bar * windowBars;
    const from = position - span * playhead;
    const scale = width / span;
    const top = 32;
    const lane = (height - top) / Math.max(this.names.length, 1);
    this.grid(context, song, from, span, scale, height);
    for (const chord of this.chords) {
      if (chord.end < from || chord.start > from + span) continue;
      context.fillStyle = "#e8e6e1";
      context.fillText(chord.name, Math.max((chord.start - from) * scale, 0) + 3, 16);
    }
    this.names.forEach((track, index) => {
      const y = top + index * lane;
      context.fillStyle = "#343a44";
      context.fillRect(0, y, width, 1);
      this.lane(context, this.tracks.get(track.input), index, y, lane, from, span, scale, position);
      context.fillStyle = "#101216";
      context.fillRect(0, y + 1, context.measureText(track.track).width + 8, 16);
      context.fillStyle = "#e8e6e1";
      context.fillText(track.track, 4, y + 3);
    });
    context.fillStyle = "#ffffff";
    context.fillRect(width * playhead, 0, 1, height);
  }

  grid(context, song, from, span, scale, height) {
    const bar = song.barLength || 4;
    const beat = song.beatLength || 1;
    // Counted from the bar the song is in: the metre there is the one that is known.
    for (let line = Math.ceil((from - song.barStart) / beat); ; line += 1) {
      const at = song.barStart + line * beat;
      if (at > from + span) break;
      if (at < -1e-6) continue;
      const bars = (at - song.barStart) / bar;
      const isBar = Math.abs(bars - Math.round(bars)) < 1e-6;
      context.fillStyle = isBar ? "#4a5260" : "#22262d";
      context.fillRect(Math.round((at - from) * scale), isBar ? 0 : 32, 1, height);
      if (isBar) {
        context.fillStyle = "#aeb4be";
        context.fillText(String(song.bar + Math.round(bars)), (at - from) * scale + 3, 2);
      }
    }
  }

  lane(context, track, index, y, height, from, span, scale, position) {
    if (!track) return;
    const low = track.low - 2, keys = Math.max(track.high - track.low + 5, 12);
    const row = (height - 4) / keys;
    const thick = Math.max(row - 0.5, 2);
    context.fillStyle = colours[index % colours.length];
    for (const note of track.notes) {
      const end = note.end === null || note.end < note.start ? Math.max(position, note.start) : note.end;
      if (end < from || note.start > from + span || note.start > position + 0.5) continue;
      context.globalAlpha = 0.35 + (note.velocity / 127) * 0.65;
      context.fillRect(
        (note.start - from) * scale, y + height - 2 - (note.key - low) * row,
        Math.max((end - note.start) * scale - 1, 2), thick);
    }
    context.globalAlpha = 1;
  }
}

/// A candidate over the original: ghosts behind, what changed in a colour of its own.
export function drawComparison(canvas, shelf, candidate, position) {
  const { context, width, height } = fit(canvas);
  clear(context, width, height);
  if (!shelf) return;
  const bar = shelf.barLength || 4;
  const length = bar * shelf.bars;
  const scale = width / length;
  const shown = candidate ? candidate.pattern : [];
  const keys = [...shelf.original, ...shown].map((note) => note[2]);
  const low = Math.min(127, ...keys) - 2, high = Math.max(0, ...keys) + 2;
  const top = 32, row = (height - top - 4) / Math.max(high - low, 12);
  for (let index = 0; index <= shelf.bars; index += 1) {
    context.fillStyle = "#4a5260";
    context.fillRect(Math.round(index * bar * scale), 0, 1, height);
    context.fillStyle = "#aeb4be";
    context.fillText(String(shelf.firstBar + index), index * bar * scale + 3, 2);
  }
  context.fillStyle = "#e8e6e1";
  for (const chord of shelf.chords) context.fillText(chord.name, (chord.start - shelf.start) * scale + 3, 16);
  const box = ([start, duration, key]) => [
    start * scale, height - 4 - (key - low) * row, Math.max(duration * scale - 1, 2), Math.max(row - 1, 3)];
  context.strokeStyle = "#aeb4be";
  context.setLineDash([3, 2]);
  for (const note of shelf.original) context.strokeRect(...box(note));
  context.setLineDash([]);
  for (const note of shown) {
    context.globalAlpha = 0.45 + (note[3] / 127) * 0.55;
    context.fillStyle = note[4] ? "#ff9d6b" : "#7fb4e0";
    const [x, y, wide, high] = box(note);
    context.fillRect(x, y, wide, high);
    // A mark besides the colour, for eyes that tell these two apart badly.
    if (note[4]) {
      context.fillStyle = "#101216";
      context.fillRect(x + 1, y + high / 2 - 0.5, Math.min(wide - 2, 4), 1.5);
    }
  }
  context.globalAlpha = 1;
  const place = position - shelf.start;
  if (place >= 0 && place <= length) {
    context.fillStyle = "#ffffff";
    context.fillRect(place * scale, 0, 1, height);
  }
}
