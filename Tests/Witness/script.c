// SPDX-License-Identifier: MIT
#include "script.h"
#include "fail.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_bytes = 1 << 20 };

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

static char *skip_space(char *text) {
  while (*text && isspace((unsigned char)*text)) text++;
  return text;
}

static uint64_t number(char **text, uint64_t low, uint64_t high, const char *path, size_t line) {
  char *start = skip_space(*text), *end = NULL;
  errno = 0;
  const unsigned long long value = isdigit((unsigned char)*start) ? strtoull(start, &end, 10) : 0;
  if (errno || !end || !isspace((unsigned char)*end) || value < low || value > high)
    fail(exit_usage, "%s:%zu: a number from %llu to %llu belongs at '%.20s'", path, line,
         (unsigned long long)low, (unsigned long long)high, start);
  *text = end;
  return value;
}

static uint8_t *hex_bytes(char *text, uint32_t *size, const char *path, size_t line) {
  text = skip_space(text);
  size_t digits = 0;
  while (hex_digit(text[digits]) >= 0) digits++;
  if (!digits || digits % 2 || digits / 2 > most_bytes || *skip_space(text + digits))
    fail(exit_usage, "%s:%zu: 1 to %d bytes in pairs of hex digits end a line", path, line,
         most_bytes);
  uint8_t *bytes = malloc(digits / 2);
  if (!bytes) fail(exit_failed, "out of memory at %s:%zu", path, line);
  for (size_t i = 0; i < digits / 2; i++)
    bytes[i] = (uint8_t)(hex_digit(text[2 * i]) * 16 + hex_digit(text[2 * i + 1]));
  *size = (uint32_t)(digits / 2);
  return bytes;
}

/// Stable: lines of one frame keep their order because merging takes the left half first.
static void sort_by_frame(script_event *events, script_event *scratch, size_t count) {
  if (count < 2) return;
  const size_t half = count / 2;
  sort_by_frame(events, scratch, half);
  sort_by_frame(events + half, scratch, count - half);
  size_t left = 0, right = half;
  for (size_t i = 0; i < count; i++) {
    const bool take_left =
        left < half && (right == count || events[left].frame <= events[right].frame);
    scratch[i] = events[take_left ? left++ : right++];
  }
  memcpy(events, scratch, count * sizeof *events);
}

void script_read(script *s, const char *path, unsigned ports) {
  *s = (script){0};
  FILE *file = fopen(path, "r");
  if (!file) fail(exit_failed, "cannot read the script %s: %s", path, strerror(errno));
  char *text = NULL;
  size_t room = 0, capacity = 0;
  for (size_t line = 1; getline(&text, &room, file) >= 0; line++) {
    char *at = skip_space(text);
    if (!*at || *at == '#') continue;
    if (s->count == capacity) {
      capacity = capacity ? capacity * 2 : 256;
      s->events = realloc(s->events, capacity * sizeof *s->events);
      if (!s->events) fail(exit_failed, "out of memory at %s:%zu", path, line);
    }
    script_event *event = &s->events[s->count++];
    *event = (script_event){0};
    event->frame = number(&at, 0, UINT64_C(1) << 62, path, line);
    if (ports) event->port = (uint32_t)number(&at, 1, ports, path, line) - 1;
    event->bytes = hex_bytes(at, &event->size, path, line);
    s->used[event->port] = true;
  }
  free(text);
  fclose(file);
  if (!s->count) fail(exit_usage, "the script %s holds no event", path);
  script_event *scratch = malloc(s->count * sizeof *scratch);
  if (!scratch) fail(exit_failed, "out of memory for %zu events", s->count);
  sort_by_frame(s->events, scratch, s->count);
  free(scratch);
}

void script_free(script *s) {
  for (size_t i = 0; i < s->count; i++) free((void *)(uintptr_t)s->events[i].bytes);
  free(s->events);
  *s = (script){0};
}
