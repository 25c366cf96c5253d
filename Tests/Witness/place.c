// SPDX-License-Identifier: MIT
// witness place: what `timebase` would tell of the frames on stdin, without a server.
#include "commands.h"
#include "fail.h"
#include "tempo_map.h"
#include <inttypes.h>
#include <stdio.h>

int command_place(const options *o) {
  tempo_map map;
  options_need(o->map, "--map");
  tempo_map_read(&map, o->map, o->rate, o->ticks);
  jack_position_t position = {0};
  uint32_t frame;
  while (scanf("%" SCNu32, &frame) == 1) {
    position.frame = frame;
    tempo_map_locate(&map, &position, tick_mode_named(o->mode));
    printf("%u %d %d %d %.17g %.17g %g %g %.17g\n", position.frame, position.bar, position.beat,
           position.tick, position.valid & JackTickDouble ? position.tick_double : -1,
           position.bar_start_tick, (double)position.beats_per_bar, (double)position.beat_type,
           position.beats_per_minute);
  }
  tempo_map_free(&map);
  return 0;
}
