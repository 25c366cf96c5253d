// SPDX-License-Identifier: MIT
#include "ring.h"
#include "fail.h"
#include <stdlib.h>
#include <string.h>

bool ring_open(ring *r, size_t capacity) {
  memset(r, 0, sizeof *r);
  r->bytes = malloc(capacity);
  if (!r->bytes) return false;
  memset(r->bytes, 0, capacity);
  r->capacity = capacity;
  return true;
}

void ring_close(ring *r) {
  free(r->bytes);
  r->bytes = NULL;
}

static void copy_in(ring *r, size_t at, const void *from, size_t size) {
  const size_t place = at & (r->capacity - 1);
  const size_t first = size < r->capacity - place ? size : r->capacity - place;
  memcpy(r->bytes + place, from, first);
  memcpy(r->bytes, (const uint8_t *)from + first, size - first);
}

static void copy_out(const ring *r, size_t at, void *to, size_t size) {
  const size_t place = at & (r->capacity - 1);
  const size_t first = size < r->capacity - place ? size : r->capacity - place;
  memcpy(to, r->bytes + place, first);
  memcpy((uint8_t *)to + first, r->bytes, size - first);
}

bool ring_push(ring *r, const record *head, const uint8_t *bytes) {
  const size_t written = atomic_load_explicit(&r->written, memory_order_relaxed);
  // Acquire: pairs with the release in ring_pop, so that freed space is really free.
  const size_t read = atomic_load_explicit(&r->read, memory_order_acquire);
  const size_t size = sizeof *head + head->size;
  if (size > r->capacity - (written - read)) {
    atomic_fetch_add_explicit(&r->refused, 1, memory_order_relaxed);
    return false;
  }
  copy_in(r, written, head, sizeof *head);
  if (head->size) copy_in(r, written + sizeof *head, bytes, head->size);
  // Release: pairs with the acquire in ring_pop, so that the bytes are there with the index.
  atomic_store_explicit(&r->written, written + size, memory_order_release);
  return true;
}

bool ring_pop(ring *r, record *head, uint8_t **bytes, size_t *room) {
  const size_t read = atomic_load_explicit(&r->read, memory_order_relaxed);
  if (atomic_load_explicit(&r->written, memory_order_acquire) == read) return false;
  copy_out(r, read, head, sizeof *head);
  if (head->size > *room) {
    *bytes = realloc(*bytes, head->size);
    if (!*bytes) fail(1, "out of memory for an event of %u bytes", head->size);
    *room = head->size;
  }
  if (head->size) copy_out(r, read + sizeof *head, *bytes, head->size);
  atomic_store_explicit(&r->read, read + sizeof *head + head->size, memory_order_release);
  return true;
}
