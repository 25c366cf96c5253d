// SPDX-License-Identifier: MIT
// witness play: events at exact transport frames, while the transport rolls.
#include "client.h"
#include "commands.h"
#include "fail.h"
#include "frame_clock.h"
#include "output.h"
#include <inttypes.h>

typedef struct {
  client client;
  script script;
  output output;
  ring log;
  jack_port_t *port;
  frame_clock clock; ///< Process thread only.
  size_t next;       ///< Next event to send; process thread only.
  uint64_t expected; ///< Transport frame that follows the last rolling cycle; process thread only.
  bool rolling;      ///< In the last cycle; process thread only.
  atomic_bool finished; ///< The last event has been sent.
} player;

/// First event at or after `frame`.
static size_t find(const script *s, uint64_t frame) {
  size_t low = 0, high = s->count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (s->events[middle].frame < frame) low = middle + 1;
    else high = middle;
  }
  return low;
}

static void play_cycle(player *p, void *buffer, uint64_t start, uint64_t song, uint32_t frames) {
  if (!p->rolling || song != p->expected) {
    // The transport jumped or has just started: what lies ahead is played (again) from here.
    p->next = find(&p->script, song);
    for (size_t i = p->next; i < p->script.count; i++) {
      p->script.events[i].done = false;
      p->script.events[i].sent = 0;
    }
  }
  for (; p->next < p->script.count; p->next++) {
    script_event *event = &p->script.events[p->next];
    if (event->frame >= song + frames) break;
    const uint64_t at = event->frame > song ? event->frame : song;
    if (!output_write(&p->output, buffer, event, (jack_nframes_t)(at - song), start + (at - song),
                      (int64_t)at, &p->log))
      break;
  }
  if (p->next == p->script.count) atomic_store_explicit(&p->finished, true, memory_order_release);
}

static int process(jack_nframes_t frames, void *argument) {
  player *p = argument;
  const uint64_t start = frame_clock_widen(&p->clock, jack_last_frame_time(p->client.jack));
  void *buffer = output_begin(&p->output, p->port, frames);
  jack_position_t position;
  const bool rolling = jack_transport_query(p->client.jack, &position) == JackTransportRolling;
  if (rolling && !atomic_load_explicit(&p->finished, memory_order_relaxed))
    play_cycle(p, buffer, start, position.frame, frames);
  p->rolling = rolling;
  p->expected = (uint64_t)position.frame + frames;
  atomic_fetch_add_explicit(&p->client.cycles, 1, memory_order_release);
  return 0;
}

static void drain(player *p, FILE *file, uint8_t **bytes, size_t *room) {
  record head;
  while (ring_pop(&p->log, &head, bytes, room)) {
    if (!file) continue;
    fprintf(file, "%" PRIu64 " %" PRId64 " ", head.frame, head.transport);
    log_hex(file, *bytes, head.size);
    putc('\n', file);
  }
  if (file) fflush(file);
}

int command_play(const options *o) {
  static player p;
  options_need(o->script, "--script");
  if (o->to_count > 1) fail(exit_usage, "play has one port, so --to takes one");
  script_read(&p.script, o->script, 0);
  FILE *file = o->log ? log_open(o->log) : NULL;
  if (!ring_open(&p.log, default_ring_bytes)) fail(exit_failed, "out of memory for the log");
  client_open(&p.client, o);
  p.output.fragment = o->fragment;
  p.port = client_port(&p.client, "out", JackPortIsOutput);
  jack_set_process_callback(p.client.jack, process, &p);
  client_activate(&p.client);
  const double deadline = seconds_now() + o->wait;
  if (o->to_count) client_connect(&p.client, jack_port_name(p.port), o->to[0], deadline);
  client_await_connection(&p.client, p.port, deadline);
  client_await_cycles(&p.client, 2);
  printf("ready %s\n", jack_port_name(p.port));
  fflush(stdout);
  uint8_t *bytes = NULL;
  size_t room = 0;
  while (!atomic_load_explicit(&p.finished, memory_order_acquire) && !signals_came()) {
    client_check(&p.client);
    drain(&p, file, &bytes, &room);
    pause_briefly();
  }
  client_await_cycles(&p.client, 2);
  client_close(&p.client);
  drain(&p, file, &bytes, &room);
  if (file) log_close(file, o->log);
  const uint64_t refused = atomic_load(&p.log.refused);
  const bool finished = atomic_load(&p.finished);
  printf("{\"command\":\"play\",\"rate\":%u,\"period\":%" PRIuFAST32
         ",\"events\":%zu,\"sent\":%" PRIuFAST64 ",\"pieces\":%" PRIuFAST64
         ",\"retried\":%" PRIuFAST64 ",\"unsendable\":%" PRIuFAST64 ",\"xruns\":%" PRIuFAST64
         ",\"unlogged\":%" PRIu64 ",\"finished\":%s}\n",
         p.client.rate, atomic_load(&p.client.period), p.script.count, atomic_load(&p.output.sent),
         atomic_load(&p.output.pieces), atomic_load(&p.output.retried),
         atomic_load(&p.output.unsendable), atomic_load(&p.client.xruns), refused,
         finished ? "true" : "false");
  free(bytes);
  ring_close(&p.log);
  script_free(&p.script);
  return finished && refused == 0 && atomic_load(&p.output.unsendable) == 0 ? 0 : exit_failed;
}
