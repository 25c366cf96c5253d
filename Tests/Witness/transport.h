// SPDX-License-Identifier: MIT
// What the transport does, cycle by cycle: seen on the process thread, told to main.
#pragma once
#include "client.h"
#include "frame_clock.h"

typedef struct {
  client *client;
  ring changes;      ///< A record for each change of state and each jump; its tag is the state.
  frame_clock clock; ///< Process thread only.
  uint64_t frame_then, song_then; ///< Of the last cycle; process thread only.
  uint32_t state;                 ///< Process thread only.
  bool begun;                     ///< Process thread only.
  // The cycle that runs now. Main reads frame and song as a pair under `version`.
  atomic_uint_fast64_t version, frame, song, now_state;
  // A loop; main writes both ends while `looping` is false.
  atomic_uint_fast64_t loop_from, loop_to;
  atomic_bool looping;
  atomic_uint_fast64_t wraps;
  /// Whether the loop's end lies ahead, or its jump has been asked for; process thread only.
  enum { wrap_idle, wrap_ahead, wrap_asked } wrap;
} transport_watch;

typedef struct {
  uint64_t frame;
  uint64_t song;
  uint32_t state;
} transport_cycle;

/// Process thread, once a cycle: notes what changed, and asks for the loop's jump.
void transport_step(transport_watch *t, jack_nframes_t frames);

/// Main thread: the latest cycle, its fields of one and the same cycle.
transport_cycle transport_now(transport_watch *t);

/// "stopped", "rolling", "starting" or "other".
const char *transport_state_name(uint32_t state);
