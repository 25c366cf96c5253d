// SPDX-License-Identifier: MIT
#include "output.h"
#include <jack/midiport.h>
#include <string.h>

static void count(atomic_uint_fast64_t *counter) {
  atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

void *output_begin(output *out, jack_port_t *port, jack_nframes_t frames) {
  void *buffer = jack_port_get_buffer(port, frames);
  jack_midi_clear_buffer(buffer);
  atomic_store_explicit(&out->largest, jack_midi_max_event_size(buffer), memory_order_relaxed);
  return buffer;
}

bool output_write(output *out, void *buffer, script_event *event, jack_nframes_t offset,
                  uint64_t absolute, int64_t transport, ring *log) {
  const size_t whole = atomic_load_explicit(&out->largest, memory_order_relaxed);
  size_t most = whole;
  if (event->bytes[0] == 0xf0 && out->fragment && out->fragment < whole) most = out->fragment;
  if (event->size > most && event->bytes[0] != 0xf0) {
    count(&out->unsendable);
    event->done = true;
    return true;
  }
  while (event->sent < event->size) {
    const uint32_t left = event->size - event->sent;
    const uint32_t size = left < most ? left : (uint32_t)most;
    // Asked first: a refused reservation makes JACK print from the process thread, and count a lost
    // event that the receiver sees.
    const bool fits = jack_midi_max_event_size(buffer) >= size;
    jack_midi_data_t *place = fits ? jack_midi_event_reserve(buffer, offset, size) : NULL;
    if (!place) {
      if (!event->retried) count(&out->retried);
      event->retried = true;
      return false;
    }
    memcpy(place, event->bytes + event->sent, size);
    const record head = {absolute, transport, event->port + 1, size};
    ring_push(log, &head, event->bytes + event->sent);
    event->sent += size;
    count(&out->pieces);
  }
  event->done = true;
  count(&out->sent);
  return true;
}
