// SPDX-License-Identifier: MIT
#pragma once
#include "options.h"
#include <stdlib.h>

/// Room for half a million short events between two drains; a power of two.
enum { default_ring_bytes = 1 << 24 };

int command_send(const options *o);
int command_log(const options *o);
int command_timebase(const options *o);
int command_play(const options *o);
int command_ping(const options *o);
/// Only returns by ending the program.
int command_run(int count, char **arguments);
