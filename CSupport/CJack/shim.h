// SPDX-License-Identifier: MIT
// JACK as Swift sees it, and the list of JACK calls allowed on the process thread.
#pragma once

#include <jack/jack.h>
#include <jack/metadata.h>
#include <jack/midiport.h>
#include <jack/thread.h>
#include <jack/transport.h>
#include <jack/uuid.h>

// Same meaning as CONTINUO_REALTIME; repeated since a system module cannot import ours.
#define CONTINUO_JACK_REALTIME                                                                     \
  __attribute__((swift_attr("@_noLocks"), swift_attr("@_noAllocation"), nonblocking))

// The allow-list. Any other jack_* call in real-time code is a compile error, in C and in Swift.
// SAFETY: JACK's own documentation calls each of these suitable for the process callback.
CONTINUO_JACK_REALTIME extern void *jack_port_get_buffer(jack_port_t *port, jack_nframes_t frames);
CONTINUO_JACK_REALTIME extern uint32_t jack_midi_get_event_count(void *port_buffer);
CONTINUO_JACK_REALTIME extern int jack_midi_event_get(jack_midi_event_t *event, void *port_buffer,
                                                      uint32_t event_index);
CONTINUO_JACK_REALTIME extern void jack_midi_clear_buffer(void *port_buffer);
CONTINUO_JACK_REALTIME extern size_t jack_midi_max_event_size(void *port_buffer);
CONTINUO_JACK_REALTIME extern jack_midi_data_t *
jack_midi_event_reserve(void *port_buffer, jack_nframes_t time, size_t data_size);
CONTINUO_JACK_REALTIME extern jack_nframes_t jack_last_frame_time(const jack_client_t *client);
CONTINUO_JACK_REALTIME extern jack_transport_state_t
jack_transport_query(const jack_client_t *client, jack_position_t *pos);

// jack_client_open is variadic: the server's name is its only optional argument.
static inline jack_client_t *continuo_jack_open(const char *name, jack_options_t options,
                                                jack_status_t *status, const char *server) {
  if (server != NULL) {
    return jack_client_open(name, (jack_options_t)(options | JackServerName), status, server);
  }
  return jack_client_open(name, options, status);
}

// Swift does not import these string and flag macros.
static inline const char *continuo_jack_midi_type(void) {
  return JACK_DEFAULT_MIDI_TYPE;
}

static inline const char *continuo_jack_pretty_name_key(void) {
  return JACK_METADATA_PRETTY_NAME;
}

static inline const char *continuo_jack_order_key(void) {
  return "http://jackaudio.org/metadata/order";
}
