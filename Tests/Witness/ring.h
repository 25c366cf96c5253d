// SPDX-License-Identifier: MIT
// The one road from a process callback to a file: records through a wait-free byte ring.
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint64_t frame;    ///< Absolute JACK frame, widened.
  int64_t transport; ///< Transport frame, or -1 when not rolling.
  uint32_t tag;      ///< Port number or transport state: the subcommand's own.
  uint32_t size;     ///< Bytes that follow.
} record;

/// One producer (the process thread) and one consumer (main). A full ring refuses and counts.
typedef struct {
  uint8_t *bytes;
  size_t capacity; ///< A power of two.
  _Alignas(64) atomic_size_t written;
  _Alignas(64) atomic_size_t read;
  _Alignas(64) atomic_uint_fast64_t refused;
} ring;

/// Allocates and touches `capacity` bytes (a power of two), so that no page faults later.
bool ring_open(ring *r, size_t capacity);
void ring_close(ring *r);

/// Process thread. False, and counted, when record and bytes do not fit as a whole.
bool ring_push(ring *r, const record *head, const uint8_t *bytes);

/// Main thread. Takes the next record; `*bytes` is reallocated to hold its payload.
bool ring_pop(ring *r, record *head, uint8_t **bytes, size_t *room);
