// SPDX-License-Identifier: MIT
// witness send: each event at exactly base + offset, and a log of what was really sent.
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
  jack_port_t *ports[most_ports];
  unsigned port_count;
  uint32_t lead;
  frame_clock clock;         ///< Process thread only.
  size_t next;               ///< First event that may be unsent; process thread only.
  atomic_bool go;            ///< Main: everything is connected.
  atomic_uint_fast64_t base; ///< Set by the process thread; valid once `based`.
  atomic_bool based;
  atomic_bool finished; ///< Process thread: nothing is left to send.
} sender;

/// Writes all events before `end`. A port that is full waits for the next cycle with everything
/// behind it, so that order on a port never changes; the other ports go on.
static void send_until(sender *s, void **buffers, uint64_t start, uint64_t end, uint64_t base) {
  bool full[most_ports] = {false};
  for (size_t i = s->next; i < s->script.count; i++) {
    script_event *event = &s->script.events[i];
    const uint64_t due = base + event->frame;
    if (due >= end) break;
    if (event->done || full[event->port]) continue;
    const uint64_t at = due > start ? due : start;
    if (event->sent == 0 && at > due && !event->retried)
      atomic_fetch_add_explicit(&s->output.late, 1, memory_order_relaxed);
    full[event->port] = !output_write(&s->output, buffers[event->port], event,
                                      (jack_nframes_t)(at - start), at, -1, &s->log);
  }
  while (s->next < s->script.count && s->script.events[s->next].done) s->next++;
}

static int process(jack_nframes_t frames, void *argument) {
  sender *s = argument;
  const uint64_t start = frame_clock_widen(&s->clock, jack_last_frame_time(s->client.jack));
  void *buffers[most_ports];
  for (unsigned i = 0; i < s->port_count; i++)
    buffers[i] = output_begin(&s->output, s->ports[i], frames);
  if (atomic_load_explicit(&s->go, memory_order_acquire)) {
    if (!atomic_load_explicit(&s->based, memory_order_relaxed)) {
      atomic_store_explicit(&s->base, start + s->lead, memory_order_relaxed);
      atomic_store_explicit(&s->based, true, memory_order_release);
    }
    send_until(s, buffers, start, start + frames,
               atomic_load_explicit(&s->base, memory_order_relaxed));
    if (s->next == s->script.count) atomic_store_explicit(&s->finished, true, memory_order_release);
  }
  atomic_fetch_add_explicit(&s->client.cycles, 1, memory_order_release);
  return 0;
}

static void connect_all(sender *s, const options *o) {
  const double deadline = seconds_now() + o->wait;
  for (unsigned i = 0; i < o->to_count; i++)
    client_connect(&s->client, jack_port_name(s->ports[i]), o->to[i], deadline);
  for (unsigned i = 0; i < s->port_count; i++)
    if (s->script.used[i]) client_await_connection(&s->client, s->ports[i], deadline);
}

static void drain(sender *s, FILE *file, uint8_t **bytes, size_t *room) {
  record head;
  bool any = false;
  for (; ring_pop(&s->log, &head, bytes, room); any = true) {
    fprintf(file, "%" PRIu64 " %u ", head.frame, head.tag);
    log_hex(file, *bytes, head.size);
    putc('\n', file);
  }
  if (any) fflush(file);
}

static int summary(sender *s, uint64_t begun_xruns) {
  const uint64_t sent = atomic_load(&s->output.sent), refused = atomic_load(&s->log.refused);
  printf("{\"command\":\"send\",\"rate\":%u,\"period\":%" PRIuFAST32 ",\"base\":%" PRIuFAST64
         ",\"events\":%zu,\"sent\":%" PRIu64 ",\"pieces\":%" PRIuFAST64 ",\"retried\":%" PRIuFAST64
         ",\"late\":%" PRIuFAST64 ",\"unsendable\":%" PRIuFAST64
         ",\"largest\":%zu,\"xruns\":%" PRIu64 ",\"unlogged\":%" PRIu64 "}\n",
         s->client.rate, atomic_load(&s->client.period), atomic_load(&s->base), s->script.count,
         sent, atomic_load(&s->output.pieces), atomic_load(&s->output.retried),
         atomic_load(&s->output.late), atomic_load(&s->output.unsendable),
         atomic_load(&s->output.largest), atomic_load(&s->client.xruns) - begun_xruns, refused);
  fflush(stdout);
  return sent == s->script.count && refused == 0 ? 0 : exit_failed;
}

int command_send(const options *o) {
  static sender s; // Static: too large for a stack, and zero from the start.
  options_need(o->script, "--script");
  options_need(o->log, "--log");
  if (o->to_count > o->ports) fail(exit_usage, "--to names more ports than --ports says");
  script_read(&s.script, o->script, o->ports);
  FILE *file = log_open(o->log);
  if (!ring_open(&s.log, default_ring_bytes)) fail(exit_failed, "out of memory for the log");
  client_open(&s.client, o);
  s.output.fragment = o->fragment;
  s.port_count = o->ports;
  const uint32_t tenth = s.client.rate / 10, periods = (uint32_t)(4 * s.client.period);
  s.lead = o->lead ? o->lead : tenth > periods ? tenth : periods;
  for (unsigned i = 0; i < o->ports; i++) {
    char name[16];
    snprintf(name, sizeof name, "out_%u", i + 1);
    s.ports[i] = client_port(&s.client, name, JackPortIsOutput);
  }
  jack_set_process_callback(s.client.jack, process, &s);
  client_activate(&s.client);
  connect_all(&s, o);
  // The graph changes a cycle or two after the connection was made.
  client_await_cycles(&s.client, 2);
  const uint64_t xruns = atomic_load(&s.client.xruns);
  atomic_store_explicit(&s.go, true, memory_order_release);
  while (!atomic_load_explicit(&s.based, memory_order_acquire)) {
    client_check(&s.client);
    pause_briefly();
  }
  printf("base %" PRIuFAST64 "\n", atomic_load(&s.base));
  fflush(stdout);
  uint8_t *bytes = NULL;
  size_t room = 0;
  while (!atomic_load_explicit(&s.finished, memory_order_acquire) && !signals_came()) {
    client_check(&s.client);
    drain(&s, file, &bytes, &room);
    pause_briefly();
  }
  // Whoever listens has read the last cycle's buffer once the next one begins.
  client_await_cycles(&s.client, 2);
  client_close(&s.client);
  drain(&s, file, &bytes, &room);
  log_close(file, o->log);
  const int code = summary(&s, xruns);
  free(bytes);
  ring_close(&s.log);
  script_free(&s.script);
  return code;
}
