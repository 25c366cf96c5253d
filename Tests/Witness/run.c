// SPDX-License-Identifier: MIT
// witness run: becomes another program that must not outlive the tests that started it.
#include "commands.h"
#include "fail.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void nap(void) {
  const struct timespec interval = {.tv_nsec = 50000000};
  nanosleep(&interval, NULL);
}

/// The parent of `child`, or 0 when it cannot be told.
static pid_t parent_of(pid_t child) {
  char path[64], text[512];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)child);
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  const ssize_t got = read(file, text, sizeof text - 1);
  close(file);
  if (got <= 0) return 0;
  text[got] = 0;
  // The name in brackets may hold anything, so what follows the last bracket counts.
  const char *after = strrchr(text, ')');
  char state = 0;
  int parent = 0;
  if (!after || sscanf(after + 1, " %c %d", &state, &parent) != 2) return 0;
  return (pid_t)parent;
}

/// Waits for the end of the program, or of the tests, and then ends the program too. The kernel's
/// own parent-death signal would not do: it watches the thread that started us, not the process.
static void watch(pid_t tests, pid_t program) {
  setsid();
  closefrom(0);
  while (getppid() == program) {
    const pid_t parent = parent_of(program);
    if (parent && parent != tests) break;
    nap();
  }
  if (getppid() != program) _exit(0);
  kill(program, SIGTERM);
  for (int i = 0; i < 60 && getppid() == program; i++) nap();
  if (getppid() == program) kill(program, SIGKILL);
  _exit(0);
}

int command_run(int count, char **arguments) {
  if (count < 1) fail(exit_usage, "run needs a program");
  const pid_t tests = getppid(), program = getpid();
  const pid_t watcher = fork();
  if (watcher < 0) fail(exit_failed, "cannot watch over %s: %s", arguments[0], strerror(errno));
  if (watcher == 0) watch(tests, program);
  execvp(arguments[0], arguments);
  fail(127, "cannot run %s: %s", arguments[0], strerror(errno));
}
