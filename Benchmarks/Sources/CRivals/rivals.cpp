// SPDX-License-Identifier: MIT
#include "rivals.h"

#include <jack/ringbuffer.h>
#include <sched.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#if __has_include(<boost/lockfree/spsc_queue.hpp>)
#include <boost/lockfree/spsc_queue.hpp>
#include <boost/version.hpp>
#define HAS_BOOST 1
#endif
#if __has_include(<readerwriterqueue/readerwriterqueue.h>)
#include <readerwriterqueue/readerwriterqueue.h>
#define HAS_MOODYCAMEL 1
#endif

namespace {

struct Event {
  uint64_t frame;
  uint8_t rest[56];
};
static_assert(sizeof(Event) == 64);

// Each queue: how many of `events` went in, and how many came out (0 for none yet).

class JackQueue {
public:
  static constexpr bool batches = true;
  // One byte of a jack_ringbuffer is never used, so twice the room holds `capacity` events.
  explicit JackQueue(size_t capacity) : ring(jack_ringbuffer_create(2 * capacity * sizeof(Event))) {}
  ~JackQueue() { jack_ringbuffer_free(ring); }
  size_t put(const Event *events, size_t count) {
    const size_t bytes = count * sizeof(Event);
    if (jack_ringbuffer_write_space(ring) < bytes) return 0;
    jack_ringbuffer_write(ring, reinterpret_cast<const char *>(events), bytes);
    return count;
  }
  size_t take(Event *events, size_t most) {
    const size_t ready = jack_ringbuffer_read_space(ring) / sizeof(Event);
    const size_t count = ready < most ? ready : most;
    if (count > 0) jack_ringbuffer_read(ring, reinterpret_cast<char *>(events), count * sizeof(Event));
    return count;
  }

private:
  jack_ringbuffer_t *ring;
};

#ifdef HAS_BOOST
class BoostQueue {
public:
  static constexpr bool batches = true;
  explicit BoostQueue(size_t capacity) : queue(capacity) {}
  size_t put(const Event *events, size_t count) {
    return count == 1 ? queue.push(*events) : queue.push(events, count);
  }
  size_t take(Event *events, size_t most) {
    return most == 1 ? queue.pop(*events) : queue.pop(events, most);
  }

private:
  boost::lockfree::spsc_queue<Event> queue;
};
#endif

#ifdef HAS_MOODYCAMEL
class MoodycamelQueue {
public:
  static constexpr bool batches = false;
  explicit MoodycamelQueue(size_t capacity) : queue(capacity) {}
  size_t put(const Event *events, size_t) { return queue.try_enqueue(*events) ? 1 : 0; }
  size_t take(Event *events, size_t) { return queue.try_dequeue(*events) ? 1 : 0; }

private:
  moodycamel::ReaderWriterQueue<Event> queue;
};
#endif

using Clock = std::chrono::steady_clock;

double seconds(Clock::time_point since) {
  return std::chrono::duration<double>(Clock::now() - since).count();
}

template <class Queue> double throughput(size_t capacity, size_t batch, size_t count) {
  if (batch > 1 && !Queue::batches) return 0;
  Queue queue(capacity);
  std::atomic<bool> wrong{false};
  const auto start = Clock::now();
  std::thread reader([&] {
    std::vector<Event> events(batch);
    for (uint64_t serial = 0; serial < count;) {
      const size_t ready = queue.take(events.data(), batch);
      if (ready == 0) sched_yield();
      for (size_t offset = 0; offset < ready; offset++) {
        if (events[offset].frame != serial + offset) wrong = true;
      }
      serial += ready;
    }
  });
  std::thread writer([&] {
    std::vector<Event> events(batch);
    for (uint64_t serial = 0; serial < count;) {
      const size_t size = std::min<uint64_t>(batch, count - serial);
      for (size_t offset = 0; offset < size; offset++) events[offset].frame = serial + offset;
      for (size_t put = 0; put < size;) {
        const size_t now = queue.put(events.data() + put, size - put);
        if (now == 0) sched_yield();
        put += now;
      }
      serial += size;
    }
  });
  reader.join();
  writer.join();
  return wrong ? -1 : static_cast<double>(count) / seconds(start) / 1e6;
}

template <class Queue> double latency(size_t rounds) {
  Queue there(64), back(64);
  std::thread answering([&] {
    Event event{};
    for (size_t round = 0; round < rounds; round++) {
      while (there.take(&event, 1) == 0) {}
      while (back.put(&event, 1) == 0) {}
    }
  });
  Event event{};
  const auto start = Clock::now();
  for (size_t round = 0; round < rounds; round++) {
    event.frame = round;
    while (there.put(&event, 1) == 0) {}
    while (back.take(&event, 1) == 0) {}
  }
  const double took = seconds(start);
  answering.join();
  return took / static_cast<double>(rounds) / 2 * 1e9;
}

} // namespace

const char *rival_name(int rival) {
  switch (rival) {
  case RIVAL_JACK: return "jack_ringbuffer";
#ifdef HAS_BOOST
  case RIVAL_BOOST: return "boost spsc_queue " BOOST_LIB_VERSION;
#endif
#ifdef HAS_MOODYCAMEL
  case RIVAL_MOODYCAMEL: return "ReaderWriterQueue";
#endif
  default: return nullptr;
  }
}

double rival_throughput(int rival, size_t capacity, size_t batch, size_t count) {
  switch (rival) {
  case RIVAL_JACK: return throughput<JackQueue>(capacity, batch, count);
#ifdef HAS_BOOST
  case RIVAL_BOOST: return throughput<BoostQueue>(capacity, batch, count);
#endif
#ifdef HAS_MOODYCAMEL
  case RIVAL_MOODYCAMEL: return throughput<MoodycamelQueue>(capacity, batch, count);
#endif
  default: return 0;
  }
}

double rival_latency(int rival, size_t rounds) {
  switch (rival) {
  case RIVAL_JACK: return latency<JackQueue>(rounds);
#ifdef HAS_BOOST
  case RIVAL_BOOST: return latency<BoostQueue>(rounds);
#endif
#ifdef HAS_MOODYCAMEL
  case RIVAL_MOODYCAMEL: return latency<MoodycamelQueue>(rounds);
#endif
  default: return 0;
  }
}
