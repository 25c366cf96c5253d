// SPDX-License-Identifier: MIT
#pragma once
#include <stdnoreturn.h>

enum { exit_failed = 1, exit_usage = 2, exit_no_server = 3 };

/// Prints `witness: ` and one sentence to stderr and ends the program. Main thread only.
__attribute__((format(printf, 2, 3))) noreturn void fail(int code, const char *format, ...);
