// SPDX-License-Identifier: MIT
// witness log: every event that arrives, with its absolute frame and its place in the transport.
#include "client.h"
#include "commands.h"
#include "fail.h"
#include "frame_clock.h"
#include <inttypes.h>
#include <jack/midiport.h>

typedef struct {
  client client;
  ring log;
  jack_port_t *port;
  frame_clock clock;         ///< Process thread only.
  atomic_uint_fast64_t lost; ///< Events JACK itself lost when mixing several sources.
} logger;

static int process(jack_nframes_t frames, void *argument) {
  logger *l = argument;
  const uint64_t start = frame_clock_widen(&l->clock, jack_last_frame_time(l->client.jack));
  jack_position_t position;
  const bool rolling = jack_transport_query(l->client.jack, &position) == JackTransportRolling;
  void *buffer = jack_port_get_buffer(l->port, frames);
  const uint32_t count = jack_midi_get_event_count(buffer);
  for (uint32_t i = 0; i < count; i++) {
    jack_midi_event_t event;
    if (jack_midi_event_get(&event, buffer, i)) continue;
    const int64_t transport = rolling ? (int64_t)position.frame + event.time : -1;
    const record head = {start + event.time, transport, 0, (uint32_t)event.size};
    ring_push(&l->log, &head, event.buffer);
  }
  atomic_fetch_add_explicit(&l->lost, jack_midi_get_lost_event_count(buffer), memory_order_relaxed);
  atomic_fetch_add_explicit(&l->client.cycles, 1, memory_order_release);
  return 0;
}

static uint64_t drain(logger *l, FILE *file, uint8_t **bytes, size_t *room) {
  record head;
  uint64_t events = 0;
  for (; ring_pop(&l->log, &head, bytes, room); events++) {
    fprintf(file, "%" PRIu64 " %" PRId64 " ", head.frame, head.transport);
    log_hex(file, *bytes, head.size);
    putc('\n', file);
  }
  if (events) fflush(file);
  return events;
}

int command_log(const options *o) {
  static logger l;
  options_need(o->log, "--log");
  FILE *file = log_open(o->log);
  if (!ring_open(&l.log, default_ring_bytes)) fail(exit_failed, "out of memory for the log");
  client_open(&l.client, o);
  l.port = client_port(&l.client, "in", JackPortIsInput);
  jack_set_process_callback(l.client.jack, process, &l);
  client_activate(&l.client);
  if (o->from) client_connect(&l.client, o->from, jack_port_name(l.port), seconds_now() + o->wait);
  client_await_cycles(&l.client, 2);
  printf("ready %s\n", jack_port_name(l.port));
  fflush(stdout);
  const double until = seconds_now() + o->seconds;
  uint8_t *bytes = NULL;
  size_t room = 0;
  uint64_t events = 0;
  bool gone = false;
  while (!signals_came() && !gone && (o->seconds == 0 || seconds_now() < until)) {
    gone = atomic_load(&l.client.gone);
    events += drain(&l, file, &bytes, &room);
    pause_briefly();
  }
  client_close(&l.client);
  events += drain(&l, file, &bytes, &room);
  log_close(file, o->log);
  const uint64_t refused = atomic_load(&l.log.refused), lost = atomic_load(&l.lost);
  printf("{\"command\":\"log\",\"rate\":%u,\"period\":%" PRIuFAST32 ",\"events\":%" PRIu64
         ",\"lost\":%" PRIu64 ",\"unlogged\":%" PRIu64 ",\"xruns\":%" PRIuFAST64
         ",\"serverGone\":%s}\n",
         l.client.rate, atomic_load(&l.client.period), events, lost, refused,
         atomic_load(&l.client.xruns), gone ? "true" : "false");
  free(bytes);
  ring_close(&l.log);
  if (gone) return exit_no_server;
  return refused == 0 && lost == 0 ? 0 : exit_failed;
}
