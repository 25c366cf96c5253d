// SPDX-License-Identifier: MIT
#include "realtime_canary.h"

void realtime_canary_call(void (*body)(void)) __attribute__((nonblocking)) { body(); }
