// SPDX-License-Identifier: MIT
#include "tempo_map.h"
#include "fail.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append(tempo_map *map, tempo_piece piece, const char *path, size_t line) {
  const double unit = piece.beat_unit, beats = piece.beats_per_bar;
  const bool power = unit == 1 || unit == 2 || unit == 4 || unit == 8 || unit == 16 || unit == 32;
  if (!(piece.bpm >= 1 && piece.bpm <= 1000) || !(beats >= 1 && beats <= 64) ||
      floor(beats) < beats || !power)
    fail(exit_usage, "%s:%zu: bpm is 1 to 1000, beats 1 to 64, the unit 1, 2, 4 … 32", path, line);
  piece.frames_per_beat = map->rate * 240 / (piece.bpm * unit);
  if (map->count) {
    const tempo_piece *last = &map->pieces[map->count - 1];
    if (piece.bar <= last->bar) fail(exit_usage, "%s:%zu: bars must rise", path, line);
    const double passed = (double)(piece.bar - last->bar) * last->beats_per_bar;
    piece.start_frame = last->start_frame + passed * last->frames_per_beat;
    piece.start_tick = last->start_tick + passed * map->ticks_per_beat;
  } else if (piece.bar != 1) {
    fail(exit_usage, "%s:%zu: the first line must be for bar 1", path, line);
  }
  map->pieces = realloc(map->pieces, (map->count + 1) * sizeof *map->pieces);
  if (!map->pieces) fail(exit_failed, "out of memory at %s:%zu", path, line);
  map->pieces[map->count++] = piece;
}

void tempo_map_read(tempo_map *map, const char *path, double rate, double ticks_per_beat) {
  *map = (tempo_map){.rate = rate, .ticks_per_beat = ticks_per_beat};
  FILE *file = fopen(path, "r");
  if (!file) fail(exit_failed, "cannot read the map %s: %s", path, strerror(errno));
  char text[256];
  for (size_t line = 1; fgets(text, sizeof text, file); line++) {
    const char *at = text;
    while (isspace((unsigned char)*at)) at++;
    if (!*at || *at == '#') continue;
    tempo_piece piece = {0};
    char rest;
    if (sscanf(at, "%d %lf %lf %lf %c", &piece.bar, &piece.bpm, &piece.beats_per_bar,
               &piece.beat_unit, &rest) != 4)
      fail(exit_usage, "%s:%zu: a line is <bar> <bpm> <beatsPerBar> <beatUnit>", path, line);
    append(map, piece, path, line);
  }
  fclose(file);
  if (!map->count) fail(exit_usage, "the map %s holds no line", path);
}

void tempo_map_free(tempo_map *map) {
  free(map->pieces);
  *map = (tempo_map){0};
}

/// A place within a millionth of a beat's thousandth of a whole one is that whole one: what is
/// left of the division's rounding must not turn 3|1|0 into 2|4|1919.
static double settle(double beats) {
  const double whole = nearbyint(beats);
  return fabs(beats - whole) < 1e-9 ? whole : beats;
}

void tempo_map_locate(const tempo_map *map, jack_position_t *position, tick_mode mode) {
  const double frame = position->frame;
  size_t i = map->count - 1;
  while (i > 0 && settle((frame - map->pieces[i].start_frame) / map->pieces[i].frames_per_beat) < 0)
    i--;
  const tempo_piece *piece = &map->pieces[i];
  const double beats = settle((frame - piece->start_frame) / piece->frames_per_beat);
  double whole = floor(beats);
  double tick = (beats - whole) * map->ticks_per_beat;
  if (mode == ticks_int) tick = floor(tick);
  if (mode == ticks_round) tick = nearbyint(tick);
  // The exact tick stays below a beat; a rounded one may be the next beat's first.
  if (tick >= map->ticks_per_beat) {
    tick = 0;
    whole += 1;
  }
  double bars = floor(whole / piece->beats_per_bar);
  double beat = whole - bars * piece->beats_per_bar;
  int32_t bar = piece->bar + (int32_t)bars;
  if (i + 1 < map->count && bar >= map->pieces[i + 1].bar) {
    piece = &map->pieces[i + 1];
    bars = beat = 0;
    bar = piece->bar;
  }
  position->valid = JackPositionBBT;
  if (mode == ticks_double) position->valid |= JackTickDouble;
  position->bar = bar;
  position->beat = (int32_t)beat + 1;
  position->tick = (int32_t)tick;
  position->tick_double = tick;
  position->bar_start_tick = piece->start_tick + bars * piece->beats_per_bar * map->ticks_per_beat;
  position->beats_per_bar = (float)piece->beats_per_bar;
  position->beat_type = (float)piece->beat_unit;
  position->ticks_per_beat = map->ticks_per_beat;
  position->beats_per_minute = piece->bpm * piece->beat_unit / 4;
}
