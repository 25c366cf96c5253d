// SPDX-License-Identifier: MIT
// JACK counts frames in 32 bits and wraps after a day at 48 kHz; the witness speaks 64.
#pragma once
#include <jack/jack.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
  uint64_t last; ///< Last widened value; meaningless until known.
  bool known;
} frame_clock;

/// Widens `raw`. The first value is taken as it is, each later one by its distance from the last,
/// so up to 2^31 frames may pass between two calls. Process thread only.
static inline uint64_t frame_clock_widen(frame_clock *clock, jack_nframes_t raw) {
  if (!clock->known) {
    clock->known = true;
    clock->last = raw;
    return clock->last;
  }
  const int32_t distance = (int32_t)(raw - (uint32_t)clock->last);
  clock->last += (uint64_t)(int64_t)distance;
  return clock->last;
}
