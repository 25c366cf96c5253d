// SPDX-License-Identifier: MIT
// A tempo map of constant pieces, and the exact place of a frame in it.
#pragma once
#include <jack/transport.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  int32_t bar;            ///< First bar of the piece, 1-based.
  double bpm;             ///< Quarters a minute.
  double beats_per_bar;   ///< 1...64.
  double beat_unit;       ///< 1, 2, 4, 8, 16, 32.
  double start_frame;     ///< Exact, not rounded.
  double frames_per_beat; ///< Of a beat of beat_unit.
  double start_tick;      ///< Ticks from the song's start.
} tempo_piece;

typedef struct {
  tempo_piece *pieces;
  size_t count;
  double rate;
  double ticks_per_beat;
} tempo_map;

/// How much of the exact tick is told: all of it, the whole part, or the nearest whole tick.
typedef enum { ticks_double, ticks_int, ticks_round } tick_mode;

/// Reads `<bar> <bpm> <beatsPerBar> <beatUnit>` lines, bars rising from 1; ends the program naming
/// file and line on anything else.
void tempo_map_read(tempo_map *map, const char *path, double rate, double ticks_per_beat);
void tempo_map_free(tempo_map *map);

/// Fills the bar, beat, tick fields of `position` from its frame. Allocates nothing.
///
/// `beats_per_minute` counts beats of `beat_type`, as JACK has it: bpm × beat_unit / 4.
void tempo_map_locate(const tempo_map *map, jack_position_t *position, tick_mode mode);
