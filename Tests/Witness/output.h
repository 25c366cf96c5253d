// SPDX-License-Identifier: MIT
// Writing script events into JACK's MIDI buffers. Runs on the process thread.
#pragma once
#include "ring.h"
#include "script.h"
#include <jack/jack.h>

typedef struct {
  uint32_t fragment;               ///< Largest SysEx fragment asked for; 0 means what fits.
  atomic_uint_fast64_t sent;       ///< Whole events.
  atomic_uint_fast64_t pieces;     ///< Buffer entries: an event, or a fragment of one.
  atomic_uint_fast64_t retried;    ///< Events that had to wait for a later cycle.
  atomic_uint_fast64_t late;       ///< Events that began later than asked for.
  atomic_uint_fast64_t unsendable; ///< Too large for the buffer and not a SysEx.
  atomic_size_t largest;           ///< Largest event an empty buffer takes, in bytes.
} output;

/// Clears a port's buffer for this cycle and measures what it takes.
void *output_begin(output *out, jack_port_t *port, jack_nframes_t frames);

/// Writes what of `event` is still unsent, at `offset` in the cycle, and logs each piece at
/// `absolute` (and `transport`). False when the buffer is full: try again in the next cycle.
bool output_write(output *out, void *buffer, script_event *event, jack_nframes_t offset,
                  uint64_t absolute, int64_t transport, ring *log);
