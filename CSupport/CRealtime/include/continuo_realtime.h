// SPDX-License-Identifier: MIT
// What the real-time modules need from C: the attribute that the compiler checks, the port
// interface that lets the process code run without a JACK server, a clock, and locked memory.
#pragma once

#include <stddef.h>
#include <stdint.h>

// A function that neither allocates, locks nor blocks. Clang checks C bodies
// (-Wfunction-effects) and, under RealtimeSanitizer, watches them at run time; swiftc lets Swift's
// @_noLocks @_noAllocation code call it.
#define CONTINUO_REALTIME                                                                          \
  __attribute__((swift_attr("@_noLocks"), swift_attr("@_noAllocation"), nonblocking))

// The same promise on a function pointer's type.
#define CONTINUO_NONBLOCKING __attribute__((nonblocking))

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

// One MIDI event in a port buffer. `time` is frames from the cycle's start, 0 ..< frames.
typedef struct {
  uint32_t time;
  uint32_t size;
  const uint8_t *_Nullable bytes;
} continuo_midi_event;

typedef uint32_t (*continuo_event_count)(void *buffer) CONTINUO_NONBLOCKING;
// Fills `event`; 0 when there is an event at `index`. The bytes are valid for this cycle only.
typedef int32_t (*continuo_event_get)(continuo_midi_event *event, void *buffer,
                                      uint32_t index) CONTINUO_NONBLOCKING;
typedef void (*continuo_buffer_clear)(void *buffer) CONTINUO_NONBLOCKING;
// Room for `size` bytes at `time`, or NULL when the buffer is full or `time` goes backwards.
typedef uint8_t *_Nullable (*continuo_event_reserve)(void *buffer, uint32_t time,
                                                     uint32_t size) CONTINUO_NONBLOCKING;

// How port buffers are read and written: JACK's calls in the product, fakes in the tests.
typedef struct {
  continuo_event_count count;
  continuo_event_get get;
  continuo_buffer_clear clear;
  continuo_event_reserve reserve;
} continuo_port_api;

CONTINUO_REALTIME static inline uint32_t continuo_port_count(const continuo_port_api *api,
                                                             void *buffer) {
  return api->count(buffer);
}

CONTINUO_REALTIME static inline int32_t continuo_port_get(const continuo_port_api *api,
                                                          continuo_midi_event *event, void *buffer,
                                                          uint32_t index) {
  return api->get(event, buffer, index);
}

CONTINUO_REALTIME static inline void continuo_port_clear(const continuo_port_api *api,
                                                         void *buffer) {
  api->clear(buffer);
}

CONTINUO_REALTIME static inline uint8_t *_Nullable continuo_port_reserve(
    const continuo_port_api *api, void *buffer, uint32_t time, uint32_t size) {
  return api->reserve(buffer, time, size);
}

// Copies `size` bytes; the areas must not overlap.
CONTINUO_REALTIME void continuo_copy(void *to, const void *from, size_t size);

// The largest whole number not above `value`: one instruction.
CONTINUO_REALTIME static inline double continuo_floor(double value) {
  return __builtin_floor(value);
}

// CLOCK_MONOTONIC in nanoseconds: the vDSO answers without entering the kernel.
CONTINUO_REALTIME uint64_t continuo_nanoseconds(void);

// The function that runs one cycle; 0 when it went well.
typedef int32_t (*continuo_cycle)(uint32_t frames, void *context) CONTINUO_NONBLOCKING;

// What an audio server is given as its callback's argument. Must outlive the callback.
typedef struct {
  continuo_cycle cycle;
  void *context;
} continuo_process_context;

// The process callback an audio server calls: enters the checked real-time scope, then `cycle`.
// Under RealtimeSanitizer anything below that blocks ends the program with a stack.
CONTINUO_REALTIME int32_t continuo_process(uint32_t frames, void *_Nullable process_context);

// Touches every page of `size` bytes and asks for them to stay in memory.
// 0, or errno of mlock (EPERM, ENOMEM: the memlock limit): the pages are touched all the same.
int32_t continuo_prefault_and_lock(void *memory, size_t size);

// Undoes the lock.
void continuo_unlock(void *memory, size_t size);

// 1 when this build watches real-time code (RealtimeSanitizer), else 0.
int32_t continuo_has_realtime_sanitizer(void);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
