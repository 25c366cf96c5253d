// SPDX-License-Identifier: MIT
#include "client.h"
#include "fail.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void on_shutdown(void *argument) { atomic_store(&((client *)argument)->gone, true); }

static int on_xrun(void *argument) {
  atomic_fetch_add(&((client *)argument)->xruns, 1);
  return 0;
}

static int on_period(jack_nframes_t frames, void *argument) {
  atomic_store(&((client *)argument)->period, frames);
  return 0;
}

static void on_freewheel(int starting, void *argument) {
  atomic_store(&((client *)argument)->freewheel, starting != 0);
}

/// What goes out was captured `latency` frames ago, what comes in is heard as many later.
static void on_latency(jack_latency_callback_mode_t mode, void *argument) {
  client *c = argument;
  jack_latency_range_t range = {c->latency, c->latency};
  const int direction = mode == JackCaptureLatency ? JackPortIsOutput : JackPortIsInput;
  for (unsigned i = 0; i < c->port_count; i++)
    if (jack_port_flags(c->ports[i]) & direction)
      jack_port_set_latency_range(c->ports[i], mode, &range);
}

static bool try_open(client *c, const options *o, jack_status_t *status) {
  memset(c, 0, sizeof *c);
  c->server = o->server;
  setenv("JACK_NO_START_SERVER", "1", 1);
  c->jack = jack_client_open(o->name, JackServerName | JackNoStartServer | JackUseExactName, status,
                             o->server);
  if (!c->jack) return false;
  c->rate = jack_get_sample_rate(c->jack);
  atomic_store(&c->period, jack_get_buffer_size(c->jack));
  jack_on_shutdown(c->jack, on_shutdown, c);
  jack_set_xrun_callback(c->jack, on_xrun, c);
  jack_set_buffer_size_callback(c->jack, on_period, c);
  jack_set_freewheel_callback(c->jack, on_freewheel, c);
  c->latency = o->latency;
  if (c->latency) jack_set_latency_callback(c->jack, on_latency, c);
  return true;
}

bool client_try_open(client *c, const options *o) {
  jack_status_t status = 0;
  return try_open(c, o, &status);
}

void client_open(client *c, const options *o) {
  jack_status_t status = 0;
  if (try_open(c, o, &status)) return;
  fail(exit_no_server, "no client '%s' on the JACK server '%s' (status 0x%x%s)", o->name, o->server,
       (unsigned)status, status & JackNameNotUnique ? ": the name is taken" : "");
}

jack_port_t *client_port(client *c, const char *name, unsigned long direction) {
  jack_port_t *port = jack_port_register(c->jack, name, JACK_DEFAULT_MIDI_TYPE, direction, 0);
  if (!port) fail(exit_failed, "JACK refuses the port '%s'", name);
  if (c->port_count < most_ports) c->ports[c->port_count++] = port;
  return port;
}

void client_activate(client *c) {
  if (jack_activate(c->jack)) fail(exit_failed, "JACK does not activate the client");
  client_await_cycles(c, 1);
}

void client_close(client *c) {
  if (!atomic_load(&c->gone)) jack_deactivate(c->jack);
  jack_client_close(c->jack);
  c->jack = NULL;
}

void client_check(const client *c) {
  if (atomic_load(&c->gone)) fail(exit_no_server, "the JACK server '%s' has gone", c->server);
}

void client_connect(client *c, const char *from, const char *to, double deadline) {
  for (;;) {
    client_check(c);
    // A port that is not there yet makes libjack print an error, so look first.
    if (jack_port_by_name(c->jack, from) && jack_port_by_name(c->jack, to)) {
      const int result = jack_connect(c->jack, from, to);
      if (result == 0 || result == EEXIST) return;
    }
    if (seconds_now() > deadline) fail(exit_failed, "cannot connect '%s' to '%s'", from, to);
    pause_briefly();
  }
}

void client_await_connection(client *c, const jack_port_t *port, double deadline) {
  while (!jack_port_connected(port)) {
    client_check(c);
    if (seconds_now() > deadline)
      fail(exit_failed, "nothing was connected to '%s' in time", jack_port_name(port));
    pause_briefly();
  }
}

void client_await_cycles(client *c, uint64_t cycles) {
  const uint64_t until = atomic_load(&c->cycles) + cycles;
  const double deadline = seconds_now() + 10;
  while (atomic_load(&c->cycles) < until) {
    client_check(c);
    if (seconds_now() > deadline) fail(exit_failed, "JACK did not run a cycle in 10 seconds");
    pause_briefly();
  }
}

double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void pause_briefly(void) {
  const struct timespec millisecond = {.tv_nsec = 1000000};
  nanosleep(&millisecond, NULL);
}

static volatile sig_atomic_t came;

static void on_signal(int number) {
  (void)number;
  came = 1;
}

void signals_catch(void) {
  struct sigaction action = {.sa_handler = on_signal};
  sigemptyset(&action.sa_mask);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
}

bool signals_came(void) { return came != 0; }

FILE *log_open(const char *path) {
  FILE *file = fopen(path, "w");
  if (!file) fail(exit_failed, "cannot write the log %s: %s", path, strerror(errno));
  return file;
}

void log_hex(FILE *file, const uint8_t *bytes, uint32_t size) {
  static const char digits[] = "0123456789abcdef";
  for (uint32_t i = 0; i < size; i++) {
    putc(digits[bytes[i] >> 4], file);
    putc(digits[bytes[i] & 15], file);
  }
}

void log_close(FILE *file, const char *path) {
  const int bad = ferror(file);
  if (fclose(file) || bad) fail(exit_failed, "the log %s is not whole: %s", path, strerror(errno));
}
