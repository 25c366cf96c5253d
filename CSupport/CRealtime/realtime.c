// SPDX-License-Identifier: MIT
#include "continuo_realtime.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

// SAFETY: clock_gettime(CLOCK_MONOTONIC) is answered by the vDSO and memcpy of a bounded size is
// plain code; neither header says so, hence these redeclarations.
CONTINUO_NONBLOCKING extern int clock_gettime(clockid_t clock, struct timespec *_Nonnull time);
CONTINUO_NONBLOCKING extern void *memcpy(void *restrict to, const void *restrict from, size_t size);

CONTINUO_REALTIME void continuo_copy(void *to, const void *from, size_t size) {
  memcpy(to, from, size);
}

CONTINUO_REALTIME uint64_t continuo_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

CONTINUO_REALTIME int32_t continuo_process(uint32_t frames, void *_Nullable process_context) {
  const continuo_process_context *process = process_context;
  return process == NULL ? 0 : process->cycle(frames, process->context);
}

int32_t continuo_prefault_and_lock(void *memory, size_t size) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  volatile uint8_t *bytes = memory;
  for (size_t at = 0; at < size; at += page) {
    bytes[at] = bytes[at];
  }
  return mlock(memory, size) == 0 ? 0 : errno;
}

void continuo_unlock(void *memory, size_t size) { munlock(memory, size); }

int32_t continuo_has_realtime_sanitizer(void) {
#if defined(__has_feature)
#if __has_feature(realtime_sanitizer)
  return 1;
#endif
#endif
  return 0;
}
