// SPDX-License-Identifier: MIT
#pragma once

/// Calls `body` as the real-time thread would: a build with RealtimeSanitizer ends the program when
/// `body` does anything that may block.
void realtime_canary_call(void (*_Nonnull body)(void)) __attribute__((nonblocking));
