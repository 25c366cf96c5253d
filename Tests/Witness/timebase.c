// SPDX-License-Identifier: MIT
// witness timebase: JACK's timebase master, and the transport's hands, driven by lines on stdin.
#include "commands.h"
#include "fail.h"
#include "tempo_map.h"
#include "transport.h"
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  client client;
  transport_watch transport;
  tempo_map map;
  tick_mode mode;
  FILE *log;
  double wait;
  record last; ///< Latest change of the transport.
} conductor;

static int process(jack_nframes_t frames, void *argument) {
  conductor *c = argument;
  transport_step(&c->transport, frames);
  atomic_fetch_add_explicit(&c->client.cycles, 1, memory_order_release);
  return 0;
}

static void timebase(jack_transport_state_t state, jack_nframes_t frames, jack_position_t *position,
                     int is_new, void *argument) {
  (void)state, (void)frames, (void)is_new;
  const conductor *c = argument;
  tempo_map_locate(&c->map, position, c->mode);
}

static void say(const char *line) {
  puts(line);
  fflush(stdout);
}

/// Takes the next change of the transport, if there is one, and logs it.
static bool next_change(conductor *c) {
  uint8_t *none = NULL;
  size_t room = 0;
  if (!ring_pop(&c->transport.changes, &c->last, &none, &room)) return false;
  if (c->log) {
    fprintf(c->log, "%" PRIu64 " %s %" PRId64 "\n", c->last.frame,
            transport_state_name(c->last.tag), c->last.transport);
    fflush(c->log);
  }
  return true;
}

typedef struct {
  uint32_t state; ///< Wanted state, or any.
  int64_t song;   ///< Wanted transport frame, or any.
} wish;
enum { any = -1 };

/// Waits for a change that fulfils the wish and tells it, or for the deadline and tells that.
static void await_change(conductor *c, const char *what, wish wanted) {
  const double deadline = seconds_now() + c->wait;
  for (;;) {
    while (next_change(c)) {
      const bool state = wanted.state == (uint32_t)any || c->last.tag == wanted.state;
      const bool song = wanted.song == any || c->last.transport == wanted.song;
      if (!state || !song) continue;
      printf("%s %" PRIu64 " %" PRId64 "\n", what, c->last.frame, c->last.transport);
      fflush(stdout);
      return;
    }
    client_check(&c->client);
    if (seconds_now() > deadline) {
      printf("error %s did not take effect in %g seconds\n", what, c->wait);
      fflush(stdout);
      return;
    }
    pause_briefly();
  }
}

static void settle_changes(conductor *c) {
  while (next_change(c)) continue;
}

static void set_rolling(conductor *c, bool rolling) {
  const uint32_t state = rolling ? JackTransportRolling : JackTransportStopped;
  const char *what = rolling ? "rolling" : "stopped";
  settle_changes(c);
  const transport_cycle now = transport_now(&c->transport);
  if (now.state == state) {
    printf("%s %" PRIu64 " %" PRIu64 "\n", what, now.frame, now.song);
    fflush(stdout);
    return;
  }
  if (rolling) jack_transport_start(c->client.jack);
  else jack_transport_stop(c->client.jack);
  await_change(c, what, (wish){state, any});
}

static void locate(conductor *c, uint32_t to) {
  settle_changes(c);
  const transport_cycle now = transport_now(&c->transport);
  if (now.state == JackTransportStopped && now.song == to) {
    printf("located %" PRIu64 " %u\n", now.frame, to);
    fflush(stdout);
    return;
  }
  if (jack_transport_locate(c->client.jack, to)) return say("error JACK refuses the locate");
  await_change(c, "located", (wish){(uint32_t)any, to});
}

static void set_loop(conductor *c, uint32_t from, uint32_t to) {
  atomic_store(&c->transport.looping, false);
  client_await_cycles(&c->client, 2); // The process thread has let go of the old ends.
  atomic_store(&c->transport.loop_from, from);
  atomic_store(&c->transport.loop_to, to);
  atomic_store(&c->transport.looping, true);
  client_await_cycles(&c->client, 1);
  printf("loop %u %u\n", from, to);
  fflush(stdout);
}

static void await_value(conductor *c, const char *what, uint32_t wanted, bool period) {
  const double deadline = seconds_now() + c->wait;
  for (;;) {
    const uint32_t now = period ? (uint32_t)atomic_load(&c->client.period)
                                : (uint32_t)atomic_load(&c->client.freewheel);
    if (now == wanted) break;
    client_check(&c->client);
    if (seconds_now() > deadline) {
      printf("error %s did not take effect in %g seconds\n", what, c->wait);
      fflush(stdout);
      return;
    }
    settle_changes(c);
    pause_briefly();
  }
  client_await_cycles(&c->client, 1);
  say(what);
}

static void set_period(conductor *c, uint32_t frames) {
  char what[32];
  snprintf(what, sizeof what, "buffersize %u", frames);
  if (jack_set_buffer_size(c->client.jack, frames)) return say("error JACK refuses the size");
  await_value(c, what, frames, true);
}

static void set_freewheel(conductor *c, bool on) {
  if (jack_set_freewheel(c->client.jack, on)) return say("error JACK refuses to freewheel");
  await_value(c, on ? "freewheel on" : "freewheel off", on, false);
}

static void tell_frame(conductor *c) {
  const transport_cycle now = transport_now(&c->transport);
  printf("frame %" PRIu64 " %" PRIu64 " %s\n", now.frame, now.song,
         transport_state_name(now.state));
  fflush(stdout);
}

/// Obeys one line. False when it was `quit`.
static bool obey(conductor *c, const char *line) {
  uint32_t a = 0, b = 0;
  char rest;
  if (!strcmp(line, "quit")) return false;
  else if (!strcmp(line, "start")) set_rolling(c, true);
  else if (!strcmp(line, "stop")) set_rolling(c, false);
  else if (!strcmp(line, "frame")) tell_frame(c);
  else if (!strcmp(line, "freewheel on")) set_freewheel(c, true);
  else if (!strcmp(line, "freewheel off")) set_freewheel(c, false);
  else if (!strcmp(line, "loop off")) {
    atomic_store(&c->transport.looping, false);
    client_await_cycles(&c->client, 1);
    say("loop off");
  } else if (sscanf(line, "locate %" SCNu32 " %c", &a, &rest) == 1) locate(c, a);
  else if (sscanf(line, "buffersize %" SCNu32 " %c", &a, &rest) == 1) set_period(c, a);
  else if (sscanf(line, "loop %" SCNu32 " %" SCNu32 " %c", &a, &b, &rest) == 2 && a < b)
    set_loop(c, a, b);
  else
    say("error the commands are start, stop, locate F, loop A B, loop off, buffersize N, frame, "
        "freewheel on|off, quit");
  return true;
}

/// Reads lines without ever waiting longer than a pause, so that the log keeps up.
static void converse(conductor *c) {
  char line[256];
  size_t length = 0;
  while (!signals_came()) {
    client_check(&c->client);
    settle_changes(c);
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&in, 1, 2) <= 0) continue;
    char byte;
    const ssize_t got = read(STDIN_FILENO, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    if (byte != '\n') {
      if (length + 1 < sizeof line) line[length++] = byte;
      continue;
    }
    line[length] = 0;
    length = 0;
    if (!obey(c, line)) return;
  }
}

static tick_mode mode_named(const char *name) {
  if (!strcmp(name, "double")) return ticks_double;
  if (!strcmp(name, "int")) return ticks_int;
  if (!strcmp(name, "round")) return ticks_round;
  fail(exit_usage, "--mode is double, int or round, not '%s'", name);
}

int command_timebase(const options *o) {
  static conductor c;
  options_need(o->map, "--map");
  c.mode = mode_named(o->mode);
  c.wait = o->wait;
  c.log = o->log ? log_open(o->log) : NULL;
  if (!ring_open(&c.transport.changes, 1 << 20)) fail(exit_failed, "out of memory for the log");
  client_open(&c.client, o);
  c.transport.client = &c.client;
  tempo_map_read(&c.map, o->map, c.client.rate, o->ticks);
  jack_set_process_callback(c.client.jack, process, &c);
  if (jack_set_timebase_callback(c.client.jack, 0, timebase, &c))
    fail(exit_failed, "JACK does not make this client its timebase master");
  client_activate(&c.client);
  client_await_cycles(&c.client, 2);
  printf("ready %s\n", jack_get_client_name(c.client.jack));
  fflush(stdout);
  converse(&c);
  jack_release_timebase(c.client.jack);
  client_close(&c.client);
  settle_changes(&c);
  if (c.log) log_close(c.log, o->log);
  const uint64_t refused = atomic_load(&c.transport.changes.refused);
  printf("{\"command\":\"timebase\",\"rate\":%u,\"period\":%" PRIuFAST32 ",\"wraps\":%" PRIuFAST64
         ",\"xruns\":%" PRIuFAST64 ",\"unlogged\":%" PRIu64 "}\n",
         c.client.rate, atomic_load(&c.client.period), atomic_load(&c.transport.wraps),
         atomic_load(&c.client.xruns), refused);
  ring_close(&c.transport.changes);
  tempo_map_free(&c.map);
  return refused == 0 ? 0 : exit_failed;
}
