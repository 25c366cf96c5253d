// SPDX-License-Identifier: MIT
// What the command line said. Every value is checked before a subcommand sees it.
#pragma once
#include <stdint.h>

enum { most_ports = 64 };

typedef struct {
  const char *server;
  const char *name;
  const char *script;
  const char *log;
  const char *map;
  const char *mode;
  const char *from;
  const char *to[most_ports];
  unsigned to_count;
  unsigned ports;    ///< 1...64.
  uint32_t lead;     ///< Frames between connection and base; 0 chooses.
  uint32_t fragment; ///< Largest SysEx fragment in bytes; 0 means what the port takes.
  uint32_t latency;  ///< Frames that our ports claim: of capture (`send`), of playback (`log`).
  uint32_t ticks;    ///< Ticks in a beat that the time base gives.
  uint32_t rate;     ///< Hz, where there is no server to ask.
  double seconds;    ///< How long to log; 0 means until a signal.
  double wait;       ///< Deadline in seconds for connections and for transport commands.
} options;

/// Reads `--name value` pairs; ends the program with a sentence and code 2 on anything else.
void options_read(options *o, int count, char **arguments);

/// Ends the program with code 2 when `value` is missing.
void options_need(const char *value, const char *option);
