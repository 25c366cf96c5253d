#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Goes through the page's whole story in a headless Chromium and takes its pictures.

usage: page-story.py LINK PICTURES-FOLDER

The instance behind LINK has a song in Ardour, as Scripts/page-pictures sets it up. Each step waits for
what the page shows; the first that does not come ends the script with exit status 1. Prints one JSON
object: the frames a second with eight tracks at fifty notes a second, and what was checked.
"""

import json
import os
import sys

from playwright.sync_api import sync_playwright

# Names, contrast and focus, as accessibility checkers look at them.
CHECKS = """() => {
  const wrong = [];
  const shows = (node) => node.getClientRects().length > 0;
  const name = (node) => (node.getAttribute('aria-label') || (node.labels && [...node.labels]
    .map((label) => label.textContent).join(' ')) || node.textContent || '').trim();
  for (const node of document.querySelectorAll('button, input, select, canvas, a, pre[tabindex]'))
    if (shows(node) && !name(node)) wrong.push(`no name: ${node.outerHTML.slice(0, 80)}`);
  const ids = [...document.querySelectorAll('[id]')].map((node) => node.id);
  for (const id of ids) if (ids.filter((other) => other === id).length > 1) wrong.push(`twice: ${id}`);
  if (!document.documentElement.lang) wrong.push('no language');
  const rgb = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  let least = 21;
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!own || !shows(node)) continue;
    const pair = [light(rgb(getComputedStyle(node).color)), light(ground(node))];
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    least = Math.min(least, ratio);
    if (ratio < 4.5) wrong.push(`contrast ${ratio.toFixed(2)}: ${node.outerHTML.slice(0, 80)}`);
  }
  return { wrong, leastContrast: Math.round(least * 100) / 100 };
}"""

# Eight tracks at fifty notes a second through the page's own path from message to drawing.
LOAD = """async () => {
  const followed = [...Array(8)].map((_, index) => ({ input: index + 1, track: `Track ${index + 1}` }));
  const began = performance.now();
  let told = 0, first = true;
  const tempo = 120;
  await new Promise((resolve) => {
    const timer = setInterval(() => {
      const seconds = (performance.now() - began) / 1000;
      const quarters = seconds * tempo / 60, notes = [];
      for (; told < seconds * 50; told += 1) {
        const at = told / 50 * tempo / 60;
        for (let input = 1; input <= 8; input += 1) {
          const key = 36 + (told * 7 + input * 5) % 48;
          notes.push([input, 0, key, 40 + told % 80, at], [input, 0, key, 0, at + 0.03]);
        }
      }
      const bar = Math.floor(quarters / 4);
      const frame = { notes, song: { known: true, rolling: true, quarters, bar: bar + 1, beat: 1,
        barStart: bar * 4, barLength: 4, beatLength: 1, tempo } };
      if (first) frame.state = { followed, playing: null, locked: '', chords: [], isRecording: false };
      first = false;
      window.continuoPace.take(frame);
      // The first eighteen seconds fill the roll.
      if (seconds > 18 && !window.measuring) { window.measuring = true; window.continuoPace.measure(); }
      if (seconds > 28) { clearInterval(timer); resolve(); }
    }, 33);
  });
  return window.continuoPace.result();
}"""


def main():
    link, folder = sys.argv[1], sys.argv[2]
    faults = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: faults.append(f"outside: {request.url}")
                if not request.url.startswith(("http://127.0.0.1:", "data:")) else None)
        page.goto(link)

        def shows(what, words, seconds=30):
            page.wait_for_function(
                "([id, words]) => document.getElementById(id).textContent.includes(words)",
                arg=[what, words], timeout=seconds * 1000)

        shows("health", "JACK: ")
        assert "#" not in page.url, "the token stays in the address"
        page.wait_for_selector("#tracks option[value=Bass]", state="attached")
        page.select_option("#tracks", ["Bass", "Keys", "Drums"])
        page.click("#follow button")
        shows("said", "Bass")
        page.click("#start")
        page.wait_for_timeout(300)
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("Space")
        page.wait_for_function("() => window.continuoPace.result().notesHeld > 60", timeout=40000)
        page.wait_for_function(
            "() => parseInt(document.getElementById('position').textContent) >= 6", timeout=40000)
        page.screenshot(path=f"{folder}/page-live.png")
        # From here on by keys alone.
        page.keyboard.press("/")
        page.keyboard.type("make the bassline groovier")
        page.select_option("#about", "Bass")
        page.focus("#request")
        page.keyboard.press("Enter")
        page.wait_for_selector("#candidates li button")
        # What was told of the first candidate while it was being written.
        grown = set()
        for _ in range(1200):
            told = page.evaluate(
                "() => [...document.querySelectorAll('#candidates small')].map((n) => n.textContent)")
            if told and told[0].startswith("being written") and told[0] not in grown:
                grown.add(told[0])
                if len(grown) == 4:
                    page.screenshot(path=f"{folder}/page-streaming.png")
            if len(told) >= 3 and all(text.startswith("score") for text in told):
                break
            page.wait_for_timeout(50)
        else:
            raise AssertionError("three whole candidates did not come")
        page.keyboard.press("Escape")
        assert len(grown) >= 3, f"the notes did not stream in: {grown}"
        page.keyboard.press("1")
        shows("sounds", "candidate 1")
        page.wait_for_selector("#candidates .sounding")
        page.keyboard.press("2")
        shows("sounds", "candidate 2")
        page.wait_for_timeout(2500)
        page.screenshot(path=f"{folder}/page-audition.png")
        page.keyboard.press("o")
        shows("sounds", "the original")
        page.keyboard.press("k")
        page.wait_for_selector("#question[open]")
        page.screenshot(path=f"{folder}/page-keep.png")
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("document.activeElement.id") == "yes", "the question is not reached by Tab"
        page.keyboard.press("Enter")
        shows("said", "Kept candidate 2", 120)
        checked = page.evaluate(CHECKS)
        # Every control is reached by Tab, and shows that it has the focus.
        page.evaluate("document.activeElement.blur()")
        reached = set()
        for _ in range(80):
            page.keyboard.press("Tab")
            focus = page.evaluate(
                "() => [document.activeElement.id, getComputedStyle(document.activeElement).outlineStyle]")
            if focus[0]:
                reached.add(focus[0])
                assert focus[1] != "none", f"{focus[0]} does not show its focus"
        missing = set(page.evaluate(
            "() => [...document.querySelectorAll('main button[id], main input[id], main select[id]')]"
            ".filter((n) => n.getClientRects().length && !n.disabled).map((n) => n.id)")) - reached
        page.set_viewport_size({"width": 390, "height": 844})
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        page.screenshot(path=f"{folder}/page-phone.png")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.evaluate("() => window.continuoPace.deafen()")
        pace = page.evaluate(LOAD)
        browser.close()
    wrong = checked["wrong"] + [f"console: {fault}" for fault in faults]
    wrong += [f"not reached by Tab: {name}" for name in sorted(missing)]
    wrong += [f"{wide} pixels wide on a telephone of 390"] if wide > 390 else []
    print(json.dumps({
        "wrong": wrong, "leastContrast": checked["leastContrast"],
        "statesWhileWritten": len(grown), "pace": pace}))
    sys.exit(1 if wrong else 0)


main()
