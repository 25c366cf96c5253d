import { LiveRoll, drawComparison } from "/roll.js";

const $ = (id) => document.getElementById(id);

// The token comes behind the link's # and stays in this tab only.
if (location.hash.length > 1) {
  sessionStorage.setItem("token", location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
}
const token = sessionStorage.getItem("token") ?? "";

const live = new LiveRoll($("live"));
let song = null;
let anchor = { quarters: 0, at: 0 };
let state = { followed: [], playing: null, locked: "", chords: [] };
let shelf = null;
let chosen = 1;
let known = [];
let missed = { frames: 0, notes: 0 };

// Commands

function show(lines) {
  const said = $("said");
  said.textContent = (said.textContent + lines.join("\n") + "\n").slice(-20000);
  said.scrollTop = said.scrollHeight;
}

function tell(text) { $("news").textContent = text; }

async function command(value) {
  let reply;
  try {
    const answer = await fetch("/api/command", {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
      body: JSON.stringify(value),
    });
    reply = await answer.json();
  } catch {
    tell("Continuo does not answer");
    return null;
  }
  if (reply.lines) show(reply.lines);
  if (reply.data?.asks) {
    ask(reply, value);
    return reply;
  }
  tell(reply.error ?? reply.lines?.[0] ?? "");
  if (reply.error) show([reply.error]);
  return reply;
}

function ask(reply, value) {
  const [name] = Object.keys(value);
  $("question-lines").textContent = reply.lines.join("\n");
  $("question-text").textContent = reply.data.asks;
  $("yes").onclick = () => {
    $("question").close();
    tell("Working…");
    command({ [name]: { ...value[name], agreed: true } });
  };
  $("question").showModal();
  $("no").focus();
}
$("no").onclick = () => { $("question").close(); tell("Left as it is"); };

const audition = (number) => { choose(number); return command({ audition: { candidate: number, quantise: "bar" } }); };
const actions = {
  audition: () => audition(chosen),
  original: () => command({ original: {} }),
  keep: () => command({ keep: { candidate: chosen } }),
  undo: () => command({ undo: {} }),
  discard: () => command({ discard: {} }),
  silence: () => command({ stop: {} }),
  unlock: () => command({ unlock: {} }),
  roll: () => command({ transport: { move: song?.rolling ? { stop: {} } : { play: {} } } }),
  start: () => command({ transport: { move: { locate: { bar: 1 } } } }),
  vary: () => {
    const words = $("request").value.trim();
    tell("Asking…");
    return command({ vary: { candidate: chosen, request: { request: words || "vary it" } } });
  },
};
for (const [id, action] of Object.entries(actions)) $(id).onclick = action;

$("ask").onsubmit = (event) => {
  event.preventDefault();
  const words = $("request").value.trim();
  if (!words) return;
  const request = { request: words };
  if ($("about").value) request.track = $("about").value;
  tell("Asking…");
  chosen = 1;
  command({ enhance: { request } });
};
$("locking").onsubmit = (event) => {
  event.preventDefault();
  const words = $("lock").value.trim();
  if (words) command({ lock: { words } });
};
$("follow").onsubmit = (event) => {
  event.preventDefault();
  const tracks = [...$("tracks").selectedOptions].map((option) => option.value);
  if (tracks.length) command({ follow: { tracks } });
};
$("take").onsubmit = (event) => {
  event.preventDefault();
  command({ take: { request: { bars: Number($("bars").value) } } });
};

const keys = {
  a: actions.audition, o: actions.original, k: actions.keep, d: actions.discard, v: actions.vary,
  s: actions.silence, " ": actions.roll, l: () => $("lock").focus(), "/": () => $("request").focus(),
  ArrowUp: () => choose(chosen - 1), ArrowDown: () => choose(chosen + 1),
};
document.addEventListener("keydown", (event) => {
  const target = event.target;
  if (event.ctrlKey || event.altKey || event.metaKey || $("question").open) return;
  if (target.matches("input, select")) {
    if (event.key === "Escape") target.blur();
    return;
  }
  // A focused button has the space bar, and text that scrolls has the arrows.
  if ((event.key === " " && target.matches("button, a")) || (target.matches("pre") && event.key.startsWith("Arrow"))) return;
  const number = Number(event.key);
  const action = number >= 1 && number <= 9 ? () => shelf?.candidates[number - 1] && audition(number) : keys[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

// What is shown

function choose(number) {
  const count = shelf?.candidates.length ?? 0;
  chosen = Math.min(Math.max(number, 1), Math.max(count, 1));
  showShelf();
}

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function showShelf() {
  const list = $("candidates");
  const candidates = shelf?.candidates ?? [];
  // The buttons are kept, so that the focus stays while a candidate grows.
  while (list.children.length > candidates.length) list.lastChild.remove();
  candidates.forEach((candidate, index) => {
    let button = list.children[index]?.firstChild;
    if (!button) {
      button = element("button", "");
      button.type = "button";
      button.onclick = () => choose(index + 1);
      button.ondblclick = () => audition(index + 1);
      const item = element("li", "");
      item.append(button);
      list.append(item);
    }
    const sounds = state.playing?.candidate === index + 1;
    button.setAttribute("aria-pressed", String(index + 1 === chosen));
    const origin = candidate.variedFrom ? `from ${candidate.variedFrom}, ` : "";
    button.replaceChildren(
      element("span", `${index + 1}  ${candidate.name}`, sounds ? "sounding" : ""),
      element("small", `${candidate.isWhole ? `score ${candidate.score.toFixed(2)}` : "being written"}, ${origin}`
        + `${candidate.notes} notes, ${candidate.changed} changed, ${candidate.composer}: ${candidate.summary}`));
  });
  $("about-shelf").textContent = shelf
    ? `${shelf.track}, bars ${shelf.firstBar} to ${shelf.firstBar + shelf.bars - 1}: “${shelf.request}”` : "None yet.";
  const figures = candidates[chosen - 1]?.figures;
  const rows = figures && typeof figures === "object" ? flatten(figures) : [];
  $("figures").tBodies[0].replaceChildren(...rows.map(([name, value]) => {
    const row = element("tr", "");
    const head = element("th", name);
    head.scope = "row";
    row.append(head, element("td", typeof value === "number" ? String(Math.round(value * 1000) / 1000) : String(value)));
    return row;
  }));
}

function flatten(value, before = "") {
  return Object.entries(value).flatMap(([name, inner]) =>
    inner !== null && typeof inner === "object" ? flatten(inner, `${before}${name} `) : [[before + name, inner ?? "none"]]);
}

function options(select, names) {
  const had = new Set([...select.selectedOptions].map((option) => option.value));
  select.replaceChildren(...names.map((name) => {
    const option = element("option", name || "as the words say");
    option.value = name;
    option.selected = had.has(name);
    return option;
  }));
}

function takeFrame(frame) {
  const now = performance.now();
  if (frame.song) {
    const expected = placeAt(now);
    song = frame.song;
    // Messages come when they come: small differences are drawn in, large ones are jumps.
    const error = song.quarters - expected;
    if (!song.rolling || Math.abs(error) > 1) live.endSounding(expected);
    const quarters = song.rolling && Math.abs(error) < 0.25 ? expected + error * 0.1 : song.quarters;
    anchor = { quarters, at: now };
  }
  if (frame.notes) live.take(frame.notes);
  if (frame.state) {
    // A track is not listened to while a candidate sounds in it.
    const track = frame.state.playing?.track;
    const paused = frame.state.followed.find((followed) => followed.track === track);
    if (paused && track !== state.playing?.track) live.endSounding(placeAt(now), paused.input);
    state = frame.state;
    live.setTracks(state.followed);
    live.chords = state.chords;
    $("empty").hidden = state.followed.length > 0;
    $("locked").textContent = state.locked ? `Locked: ${state.locked}` : "Nothing is locked";
    $("sounds").textContent = state.isRecording ? "recording a take"
      : state.playing ? `candidate ${state.playing.candidate}${state.playing.sounds ? "" : " soon"}` : "the original";
    showShelf();
  }
  if ("shelf" in frame) {
    shelf = frame.shelf;
    choose(chosen);
  }
  if (frame.health) {
    const health = frame.health;
    const names = [...new Set([...state.followed.map((track) => track.track), ...health.tracks])];
    if (names.join("\n") !== known.join("\n")) {
      known = names;
      options($("tracks"), names);
      options($("about"), ["", ...names]);
    }
    showHealth(health);
  }
  for (const text of frame.news ?? []) { tell(text); show([text]); }
  missed = { frames: frame.missedFrames ?? missed.frames, notes: frame.skippedNotes ?? missed.notes };
}

function showHealth(health) {
  $("health").textContent = [
    health.jack ? `JACK: ${health.xruns} xruns` : "JACK: gone",
    `callback ${health.callbackMicroseconds} µs, at most ${health.callbackMostMicroseconds} µs`,
    `dropped ${health.dropped}, lost ${health.lost}`,
    health.ardour ? `Ardour: ${health.ardour}` : "Ardour: not there",
    `model: ${health.model}`,
    ...(missed.frames || missed.notes ? [`this page missed ${missed.frames} frames and ${missed.notes} notes`] : []),
  ].join(" · ");
}

// Drawing, and how well it goes

function placeAt(now) {
  if (!song) return 0;
  return anchor.quarters + (song.rolling ? ((now - anchor.at) / 60000) * song.tempo : 0);
}

const pace = { times: [], draws: [] };

function draw(now) {
  const began = performance.now();
  const position = placeAt(began);
  const shown = song ?? { barStart: 0, barLength: 4, beatLength: 1, bar: 1 };
  live.draw(shown, position);
  drawComparison($("compare"), shelf, shelf?.candidates[chosen - 1], position);
  showPlace(position);
  pace.times.push(now);
  pace.draws.push(performance.now() - began);
  if (pace.times.length > 3600) { pace.times.shift(); pace.draws.shift(); }
  requestAnimationFrame(draw);
}

function setText(id, text) { if ($(id).textContent !== text) $(id).textContent = text; }

function showPlace(position) {
  if (!song?.known) {
    setText("position", "?");
    return;
  }
  const bars = Math.floor((position - song.barStart) / song.barLength + 1e-6);
  const inBar = position - song.barStart - bars * song.barLength;
  setText("position", `${song.bar + bars} | ${Math.floor(inBar / song.beatLength + 1e-6) + 1}`);
  setText("tempo", song.tempo ? `${Math.round(song.tempo * 100) / 100}` : "?");
  setText("chord", state.chords.at(-1)?.name ?? "?");
  setText("roll", song.rolling ? "Stop" : "Play");
}

/// Frames a second since `measure()`, the worst gap, and how long drawing took, in milliseconds.
window.continuoPace = {
  /// Shows a frame that no session told of: what a measurement draws.
  take(frame) { takeFrame(frame); },
  /// Hears the session no more.
  deafen() { isDeaf = true; },
  measure() { pace.times = []; pace.draws = []; },
  result() {
    const gaps = pace.times.slice(1).map((time, index) => time - pace.times[index]);
    const draws = [...pace.draws].sort((a, b) => a - b);
    const total = pace.times.at(-1) - pace.times[0];
    return {
      frames: pace.times.length, framesPerSecond: (gaps.length * 1000) / total,
      longestGap: Math.max(...gaps), gapsOver25: gaps.filter((gap) => gap > 25).length,
      medianDraw: draws[draws.length >> 1], draw99: draws[Math.floor(draws.length * 0.99)],
      notesHeld: [...live.tracks.values()].reduce((sum, track) => sum + track.notes.length, 0),
    };
  },
};

// The events

let wait = 500;
let isDeaf = false;
function listen() {
  const socket = new WebSocket(`ws://${location.host}/api/events`, ["continuo", `token.${token}`]);
  socket.onopen = () => { wait = 500; };
  socket.onmessage = (message) => { if (!isDeaf) takeFrame(JSON.parse(message.data)); };
  socket.onclose = () => {
    $("health").textContent = token
      ? "Not connected to Continuo; trying again" : "Open the link that continuo printed: this one has no token";
    if (!token) return;
    setTimeout(listen, wait);
    wait = Math.min(wait * 2, 8000);
  };
}
if (token) listen(); else $("health").textContent = "Open the link that continuo printed: this one has no token";
requestAnimationFrame(draw);
