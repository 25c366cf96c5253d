// SPDX-License-Identifier: MIT
#include "transport.h"

static void publish(transport_watch *t, uint64_t frame, uint64_t song, uint32_t state) {
  // A sequence lock: odd while the fields change.
  const uint64_t version = atomic_load_explicit(&t->version, memory_order_relaxed);
  atomic_store(&t->version, version + 1);
  atomic_store(&t->frame, frame);
  atomic_store(&t->song, song);
  atomic_store(&t->now_state, state);
  atomic_store(&t->version, version + 2);
}

/// jackd obeys a jump two cycles after the one it was asked in (measured, -S or not), so it is
/// asked for in the cycle before the one that reaches the loop's end. If an xrun hid that cycle, it
/// is asked for as soon as the end is seen to have passed.
static void loop(transport_watch *t, uint64_t song, jack_nframes_t frames) {
  if (!atomic_load_explicit(&t->looping, memory_order_acquire)) {
    t->wrap = wrap_idle;
    return;
  }
  const uint64_t to = atomic_load(&t->loop_to), from = atomic_load(&t->loop_from);
  if (song + 2 * (uint64_t)frames < to) {
    t->wrap = wrap_ahead;
  } else if (t->wrap == wrap_ahead) {
    t->wrap = wrap_asked;
    jack_transport_locate(t->client->jack, (jack_nframes_t)from);
    atomic_fetch_add(&t->wraps, 1);
  }
}

void transport_step(transport_watch *t, jack_nframes_t frames) {
  const uint64_t frame = frame_clock_widen(&t->clock, jack_last_frame_time(t->client->jack));
  jack_position_t position;
  const uint32_t state = (uint32_t)jack_transport_query(t->client->jack, &position);
  const uint64_t song = position.frame;
  // After an xrun frame and song have both moved on by the missed cycles: that is no jump.
  const uint64_t passed = frame - t->frame_then;
  const uint64_t expected = t->song_then + (t->state == JackTransportRolling ? passed : 0);
  if (!t->begun || state != t->state || song != expected) {
    const record change = {frame, (int64_t)song, state, 0};
    ring_push(&t->changes, &change, NULL);
  }
  t->begun = true;
  t->state = state;
  t->frame_then = frame;
  t->song_then = song;
  publish(t, frame, song, state);
  if (state == JackTransportRolling) loop(t, song, frames);
}

transport_cycle transport_now(transport_watch *t) {
  for (;;) {
    const uint64_t before = atomic_load(&t->version);
    const transport_cycle now = {atomic_load(&t->frame), atomic_load(&t->song),
                                 (uint32_t)atomic_load(&t->now_state)};
    if (before % 2 == 0 && atomic_load(&t->version) == before) return now;
  }
}

const char *transport_state_name(uint32_t state) {
  switch (state) {
  case JackTransportStopped: return "stopped";
  case JackTransportRolling: return "rolling";
  case JackTransportStarting: return "starting";
  default: return "other";
  }
}
