// SPDX-License-Identifier: MIT
// What every subcommand needs of JACK off the process thread.
#pragma once
#include "options.h"
#include "ring.h"
#include <jack/jack.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

typedef struct {
  jack_client_t *jack;
  const char *server;
  uint32_t rate;               ///< Hz.
  atomic_uint_fast32_t period; ///< Frames in a cycle.
  atomic_uint_fast64_t xruns;
  atomic_uint_fast64_t cycles;
  atomic_bool gone;     ///< The server has shut down or dropped us.
  atomic_int freewheel; ///< 0 or 1, as JACK last told.
  uint32_t latency;     ///< Frames that the ports claim; 0 claims nothing.
  jack_port_t *ports[most_ports];
  unsigned port_count; ///< Complete before the client is activated.
} client;

/// Opens `name` on a server that already runs; ends the program with code 3 when there is none.
void client_open(client *c, const options *o);
/// The same, but false when it cannot.
bool client_try_open(client *c, const options *o);
jack_port_t *client_port(client *c, const char *name, unsigned long direction);
void client_activate(client *c);
void client_close(client *c);

/// Connects, trying again until the other port exists or the deadline passes.
void client_connect(client *c, const char *from, const char *to, double deadline);
/// Waits until `port` has a connection, whoever makes it.
void client_await_connection(client *c, const jack_port_t *port, double deadline);
/// Waits until `cycles` more process cycles have begun.
void client_await_cycles(client *c, uint64_t cycles);

/// Ends the program with code 3 once the server has gone.
void client_check(const client *c);

/// Seconds on the monotonic clock.
double seconds_now(void);
/// Yields the processor for a millisecond: the interval at which main looks at conditions.
void pause_briefly(void);

/// True once SIGTERM or SIGINT has come; `signals_catch` comes first.
void signals_catch(void);
bool signals_came(void);

/// Opens a log for writing; ends the program when it cannot.
FILE *log_open(const char *path);
void log_hex(FILE *file, const uint8_t *bytes, uint32_t size);
/// Flushes and closes; ends the program when anything could not be written.
void log_close(FILE *file, const char *path);
