// SPDX-License-Identifier: MIT
// A script: what to send and when, read whole before the client starts.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint64_t frame; ///< From the base (send) or of the transport (play).
  uint32_t port;  ///< 0-based.
  uint32_t size;
  const uint8_t *bytes;
  uint32_t sent; ///< Bytes already sent; process thread only.
  bool done;     ///< Process thread only.
  bool retried;  ///< Process thread only.
} script_event;

typedef struct {
  script_event *events; ///< By frame; events of one frame keep the order of their lines.
  size_t count;
  bool used[64]; ///< Ports that have at least one event.
} script;

/// Reads `<frame> <port> <hex>` lines, or `<frame> <hex>` when `ports` is 0. Blank lines and lines
/// that begin with `#` are passed over. Ends the program naming file and line on anything else.
void script_read(script *s, const char *path, unsigned ports);
void script_free(script *s);
