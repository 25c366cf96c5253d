// SPDX-License-Identifier: MIT
// The witness: a JACK client that shares no code with the product and says what really happened.
#include "client.h"
#include "commands.h"
#include "fail.h"
#include <string.h>

static const char usage[] =
    "witness send     --server S --name N --ports K [--to C:in_1,C:in_2,…] --script F --log F\n"
    "                 [--lead FRAMES] [--fragment BYTES] [--wait SECONDS] [--latency FRAMES]\n"
    "    Ports N:out_1 … N:out_K. Script lines: <frames from the base> <port 1…K> <hex bytes>.\n"
    "    Prints `base B` once the first frame is chosen. Log lines: <absolute frame> <port> "
    "<hex>,\n"
    "    one for each event or SysEx fragment, at the frame where it was really sent.\n"
    "witness log      --server S --name N [--from C:out] --log F [--seconds T]\n"
    "                 [--latency FRAMES]\n"
    "    Port N:in; prints `ready N:in`. Log lines: <absolute frame> <transport frame or -1> "
    "<hex>.\n"
    "witness timebase --server S --name N --map F [--mode double|int|round] [--ticks T] [--log F]\n"
    "    Map lines: <bar> <quarters per minute> <beats per bar> <beat unit>; T ticks in a beat of\n"
    "    the unit (1920). JACK's beats_per_minute counts beats of the unit: 120 quarters in 6/8\n"
    "    are 240. Prints `ready N`, then answers each line on stdin once it took effect:\n"
    "      start            rolling <absolute frame> <transport frame>   (the first rolling "
    "cycle)\n"
    "      stop             stopped <absolute frame> <transport frame>\n"
    "      locate F         located <absolute frame> F\n"
    "      loop A B | off   loop A B | loop off   (back to A from the first cycle edge at or "
    "after\n"
    "                       B, so exactly from B when B - A is a multiple of the period)\n"
    "      buffersize N     buffersize N\n"
    "      freewheel on|off freewheel on|off\n"
    "      frame            frame <absolute frame> <transport frame> stopped|starting|rolling\n"
    "      quit             the summary; so does the end of stdin\n"
    "    or `error …`. The log holds each change: <absolute frame> <state> <transport frame>.\n"
    "witness play     --server S --name N [--to PORT] --script F [--log F] [--fragment BYTES]\n"
    "    Port N:out; prints `ready N:out`. Script lines: <transport frame> <hex bytes>, sent "
    "while\n"
    "    the transport rolls; ends after the last. Log lines as those of `log`.\n"
    "witness place    --map F [--mode M] [--ticks T] [--rate HZ]\n"
    "    What `timebase` tells of each frame on stdin, without a server: <frame> <bar> <beat> "
    "<tick>\n"
    "    <exact tick or -1> <bar start tick> <beats per bar> <beat unit> <beats per minute>.\n"
    "witness ping     --server S --name N [--wait SECONDS]\n"
    "    Waits until the server answers and runs; its JSON tells rate and period.\n"
    "witness run      PROGRAM [ARGUMENT…]\n"
    "    Becomes PROGRAM, with a watcher beside it that ends it when whoever started it dies.\n"
    "Frames are 64 bits, widened from the first raw one. Each ends with one line of JSON and code\n"
    "0, 1 when anything is missing from what it says, 2 for a wrong call, 3 without a server.\n";

int main(int count, char **arguments) {
  if (count < 2 || !strcmp(arguments[1], "--help")) {
    fputs(usage, count < 2 ? stderr : stdout);
    return count < 2 ? exit_usage : 0;
  }
  if (!strcmp(arguments[1], "run")) return command_run(count - 2, arguments + 2);
  signals_catch();
  options o;
  options_read(&o, count - 2, arguments + 2);
  if (!strcmp(arguments[1], "place")) return command_place(&o);
  options_need(o.server, "--server");
  options_need(o.name, "--name");
  if (!strcmp(arguments[1], "send")) return command_send(&o);
  if (!strcmp(arguments[1], "log")) return command_log(&o);
  if (!strcmp(arguments[1], "timebase")) return command_timebase(&o);
  if (!strcmp(arguments[1], "play")) return command_play(&o);
  if (!strcmp(arguments[1], "ping")) return command_ping(&o);
  fail(exit_usage, "'%s' is not a command; witness --help lists them", arguments[1]);
}
