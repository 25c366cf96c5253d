// SPDX-License-Identifier: MIT
#pragma once
#include <stddef.h>
#include <stdint.h>

// Other queues for one writer and one reader, at the work that RingBench gives to Continuo's ring:
// 64-byte events from one thread to another, each looked at, in order.

#ifdef __cplusplus
extern "C" {
#endif

enum { RIVAL_JACK, RIVAL_BOOST, RIVAL_MOODYCAMEL, RIVAL_COUNT };

// Its name and version; NULL when its header was not there when this was built.
const char *rival_name(int rival);

// Million events a second through a queue of `capacity` events, handed on `batch` at a time; 0 when
// it is not built in or has no way to hand on several, negative when an event came out of order.
double rival_throughput(int rival, size_t capacity, size_t batch, size_t count);

// Nanoseconds one way, as half of the mean of `rounds` rounds there and back.
double rival_latency(int rival, size_t rounds);

#ifdef __cplusplus
}
#endif
