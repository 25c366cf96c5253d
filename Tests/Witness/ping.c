// SPDX-License-Identifier: MIT
// witness ping: waits until a server answers and runs cycles.
#include "client.h"
#include "commands.h"
#include "fail.h"
#include <inttypes.h>

static int process(jack_nframes_t frames, void *argument) {
  (void)frames;
  atomic_fetch_add_explicit(&((client *)argument)->cycles, 1, memory_order_release);
  return 0;
}

int command_ping(const options *o) {
  static client c;
  const double deadline = seconds_now() + o->wait;
  while (!client_try_open(&c, o)) {
    if (seconds_now() > deadline || signals_came())
      fail(exit_no_server, "the JACK server '%s' did not answer in %g seconds", o->server, o->wait);
    pause_briefly();
  }
  jack_set_process_callback(c.jack, process, &c);
  client_activate(&c);
  printf("{\"command\":\"ping\",\"rate\":%u,\"period\":%" PRIuFAST32 "}\n", c.rate,
         atomic_load(&c.period));
  client_close(&c);
  return 0;
}
