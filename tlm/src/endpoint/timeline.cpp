// SPDX-License-Identifier: Apache-2.0
//
// In which cycle the device does what: arithmetic only.
#include "timeline.h"

namespace ivshmem {

device_timeline::beats device_timeline::register_piece(cycle last, unsigned dwords) {
  const unsigned count = dwords == 0 ? 1 : settings_.width.beats(dwords);
  cycle at = std::max({last + timing::build_cycles, builder_free_, output_.room()});
  if (stalls_ == nullptr) {
    const cycle last_built = at + count - 1;
    take_slot(last_built);
    return {at + timing::output_cycles, output_.push_all(at, last_built)};
  }
  beats out{};
  out.first = out.last = output_.push(at, stalls_);
  for (unsigned i = 1; i < count; ++i) {
    at = std::max(at + 1, output_.room());
    out.last = output_.push(at, stalls_);
  }
  take_slot(at);
  return out;
}

device_timeline::read_burst device_timeline::memory_read(cycle at, unsigned start,
                                                         unsigned dwords) {
  const beat_width width = settings_.width;
  const unsigned reads = width.beats(start + dwords);
  const unsigned sends = width.beats(dwords);
  // The memory's beat that brings the last dword of completion beat k.
  const auto needed = [&](unsigned k) {
    return width.beat_of(start + std::min((k + 1) * width.dwords(), dwords) - 1);
  };
  read_burst out{};
  out.address = ar_.push(at, stalls_);
  cycle offer = std::max(out.address + settings_.memory_latency, memory_free_);
  const cycle built = std::max(at + timing::build_cycles, builder_free_);
  if (stalls_ == nullptr) {
    const cycle first = std::max({offer, built, output_.room()});
    const bool two_at_the_end = sends > 1 && needed(sends - 2) == reads - 1;
    const cycle last = first + reads - 1 + (two_at_the_end ? 1 : 0);
    memory_free_ = first + reads;
    out.completion.first = first + needed(0) + timing::output_cycles;
    out.completion.last = output_.push_all(last - (sends - 1), last);
    take_slot(last);
    return out;
  }
  cycle ready = built;
  cycle pushed = 0;
  unsigned sent = 0;
  const auto send = [&](cycle when) {
    pushed = when;
    out.completion.last = output_.push(when, stalls_);
    if (sent++ == 0) {
      out.completion.first = out.completion.last;
    }
  };
  for (unsigned r = 0; r < reads; ++r) {
    const cycle taken =
        std::max({stalls_->next_ready(stall_port::r, offer), ready, output_.room()});
    offer = ready = taken + 1;
    if (needed(sent) == r) {
      send(taken);
    }
  }
  memory_free_ = offer;
  if (sent != sends) {
    send(std::max(pushed + 1, output_.room()));  // two of them on the memory's last beat
  }
  take_slot(pushed);
  return out;
}

device_timeline::write_burst device_timeline::memory_write(cycle at, unsigned first_beat,
                                                           unsigned last_beat, cycle arrived,
                                                           unsigned last_arrival, unsigned mark) {
  write_burst out{};
  const auto there = [&](unsigned beat) {
    return arrived + std::min(beat, last_arrival) + timing::execute_cycles;
  };
  at = std::max({at, there(first_beat), aw_.room(), w_.room()});
  out.address = aw_.push(at, stalls_);
  out.marked = at + (mark - first_beat);
  if (stalls_ == nullptr) {
    out.last_execute = at + (last_beat - first_beat);  // request beats come one a cycle
    out.last_data = w_.push_all(at, out.last_execute);
  } else {
    out.last_data = w_.push(at, stalls_);
    for (unsigned beat = first_beat + 1; beat <= last_beat; ++beat) {
      at = std::max({at + 1, there(beat), w_.room()});
      out.marked = beat == mark ? at : out.marked;
      out.last_data = w_.push(at, stalls_);
    }
    out.last_execute = at;
  }
  const cycle confirmed =
      std::max(std::max(out.address, out.last_data) + settings_.memory_write_latency, last_b_);
  last_b_ = confirmed + 1;
  confirmed_ = last_b_;
  return out;
}

void device_timeline::scanned(cycle at, bool through, unsigned vectors) noexcept {
  scan_next_ = at + 1;
  block_notifications(at + 1);
  if (through) {
    ++scan_word_;
    scanning_ = scan_vector() < vectors;
  }
}

}  // namespace ivshmem
