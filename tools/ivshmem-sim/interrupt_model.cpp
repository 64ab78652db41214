// SPDX-License-Identifier: Apache-2.0
//
// How many interrupts a vector owes, as the random workload expects it.
#include "interrupt_model.h"

namespace ivshmem::sim {

interrupt_model::interrupt_model(const device_properties& properties, picoseconds fabric_latency)
    : msix_(properties.has_msix()),
      in_kernel_(properties.irq_path == interrupt_path::irqfd),
      latency_(fabric_latency),
      vectors_(properties.has_msix()   ? properties.vectors
               : properties.has_intx() ? 1
                                       : 0) {}

void interrupt_model::ring(unsigned vector, picoseconds now) {
  under_way_.push_back({now + latency_, msix_ ? vector : 0});
}

void interrupt_model::advance(picoseconds now) {
  while (!under_way_.empty() && under_way_.front().due <= now) {
    arrive(under_way_.front());
    under_way_.pop_front();
  }
}

void interrupt_model::arrive(const arrival& what) {
  vector_state& v = vectors_[what.vector];
  if (v.last_arrival == what.due) {
    return;  // what arrives together is one notification
  }
  v.last_arrival = what.due;
  if (!msix_) {
    send(v, true, what.due);
  } else if (!enabled_ && !in_kernel_) {
    ++drops_[static_cast<std::size_t>(drop_cause::msix_disabled)];
  } else if (!silent(v)) {
    send(v, in_kernel_, what.due);
  } else if (in_kernel_) {
    v.latched = true;
  } else {
    v.pending = true;
  }
}

void interrupt_model::send(vector_state& v, bool injected, picoseconds now) {
  if (!injected && !bus_master_) {
    ++drops_[static_cast<std::size_t>(drop_cause::bus_master_off)];
    return;
  }
  ++v.interrupts;
  v.latest = now;
}

void interrupt_model::release(vector_state& v, picoseconds now) {
  if (silent(v)) {
    return;
  }
  if (v.latched) {
    v.latched = false;
    send(v, true, now);
  }
  if (v.pending) {
    v.pending = false;
    send(v, false, now);
  }
}

/// Latches of masked vectors become pending bits.
void interrupt_model::collect() {
  for (vector_state& v : vectors_) {
    if (enabled_ && v.latched && silent(v)) {
      v.latched = false;
      v.pending = true;
    }
  }
}

void interrupt_model::set_masked(unsigned vector, bool masked, picoseconds now) {
  advance(now);
  vectors_[vector].masked = masked;
  release(vectors_[vector], now);
}

void interrupt_model::set_msix(bool enabled, bool function_masked, picoseconds now) {
  advance(now);
  const bool was_enabled = enabled_;
  enabled_ = enabled;
  function_masked_ = function_masked;
  for (vector_state& v : vectors_) {
    release(v, now);
  }
  if (!was_enabled) {
    collect();
  }
}

void interrupt_model::set_bus_master(bool on, picoseconds now) {
  advance(now);
  bus_master_ = on;
}

std::uint32_t interrupt_model::read_pending(unsigned dword, picoseconds now) {
  advance(now);
  collect();
  std::uint32_t bits = 0;
  for (unsigned i = 0; i < 32 && 32 * dword + i < vectors_.size(); ++i) {
    bits |= vectors_[32 * dword + i].pending ? 1U << i : 0U;
  }
  return bits;
}

}  // namespace ivshmem::sim
