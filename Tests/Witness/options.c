// SPDX-License-Identifier: MIT
#include "options.h"
#include "fail.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint32_t whole(const char *option, const char *text, uint32_t low, uint32_t high) {
  char *end = NULL;
  errno = 0;
  const unsigned long value = strtoul(text, &end, 10);
  if (errno || end == text || *end || *text == '-' || value < low || value > high)
    fail(exit_usage, "%s takes a whole number from %u to %u, not '%s'", option, low, high, text);
  return (uint32_t)value;
}

static double seconds(const char *option, const char *text) {
  char *end = NULL;
  const double value = strtod(text, &end);
  if (end == text || *end || !isfinite(value) || value < 0)
    fail(exit_usage, "%s takes seconds, not '%s'", option, text);
  return value;
}

/// A comma separates ports; a name that holds one is given by an option of its own and `\,`.
static void add_targets(options *o, char *text) {
  char *name = text, *to = text;
  for (char *from = text;; from++) {
    if (*from == '\\' && from[1] == ',') {
      *to++ = *++from;
      continue;
    }
    if (*from && *from != ',') {
      *to++ = *from;
      continue;
    }
    const char ended = *from;
    *to++ = 0;
    if (o->to_count == most_ports) fail(exit_usage, "--to takes at most %d ports", most_ports);
    o->to[o->to_count++] = name;
    name = to;
    if (!ended) return;
  }
}

void options_read(options *o, int count, char **arguments) {
  *o = (options){.ports = 1, .wait = 10, .ticks = 1920, .rate = 48000, .mode = "double"};
  for (int i = 0; i < count; i += 2) {
    const char *option = arguments[i];
    if (i + 1 == count) fail(exit_usage, "%s needs a value", option);
    char *value = arguments[i + 1];
    if (!strcmp(option, "--server")) o->server = value;
    else if (!strcmp(option, "--name")) o->name = value;
    else if (!strcmp(option, "--script")) o->script = value;
    else if (!strcmp(option, "--log")) o->log = value;
    else if (!strcmp(option, "--map")) o->map = value;
    else if (!strcmp(option, "--mode")) o->mode = value;
    else if (!strcmp(option, "--from")) o->from = value;
    else if (!strcmp(option, "--to")) add_targets(o, value);
    else if (!strcmp(option, "--ports")) o->ports = whole(option, value, 1, most_ports);
    else if (!strcmp(option, "--lead")) o->lead = whole(option, value, 1, 1u << 30);
    else if (!strcmp(option, "--fragment")) o->fragment = whole(option, value, 3, 1u << 20);
    else if (!strcmp(option, "--latency")) o->latency = whole(option, value, 0, 1u << 20);
    else if (!strcmp(option, "--ticks")) o->ticks = whole(option, value, 1, 1u << 20);
    else if (!strcmp(option, "--rate")) o->rate = whole(option, value, 8000, 768000);
    else if (!strcmp(option, "--seconds")) o->seconds = seconds(option, value);
    else if (!strcmp(option, "--wait")) o->wait = seconds(option, value);
    else fail(exit_usage, "%s is not an option; witness --help lists them", option);
  }
}

void options_need(const char *value, const char *option) {
  if (!value)
    fail(exit_usage, "%s is missing; witness --help shows what each command needs", option);
}
