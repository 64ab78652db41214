// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <systemc>

#include "ivshmem/model/timing.h"

namespace ivshmem {

/// How much time a platform models. All components of one platform use the same mode.
enum class timing_mode : std::uint8_t {
  functional,  ///< none: b_transport returns at once with the delay it came with
  tlm_lt,      ///< b_transport adds the unloaded delay of everything on the way
  tlm_cycle,   ///< every TLP leaves the device in an exact clock cycle; contention is modelled
};

constexpr const char* to_string(timing_mode mode) noexcept {
  switch (mode) {
    case timing_mode::functional:
      return "functional";
    case timing_mode::tlm_lt:
      return "tlm_lt";
    case timing_mode::tlm_cycle:
      return "tlm_cycle";
  }
  return "?";
}

/// What a device is made of, as a platform chooses it.
enum class device_view : std::uint8_t {
  functional,  ///< the model in the timing_mode of that name, as the next two
  tlm_lt,
  tlm_cycle,
  rtl,       ///< the verilated SystemVerilog
  lockstep,  ///< the model in tlm_cycle and the RTL, compared in every cycle
};

/// Clock and surroundings of the device; what happens in which cycle is model/timing.h.
struct timing_config {
  timing_mode mode = timing_mode::functional;
  sc_core::sc_time clock_period{4, sc_core::SC_NS};  ///< 250 MHz
  unsigned beat_bytes = timing::default_beat_bytes;  ///< 8, 16 or 32
  /// Of the memory behind BAR2: read address to first data beat, at least 1.
  unsigned memory_latency_cycles = timing::default_memory_latency_cycles;
  /// Last beat of a write burst to its confirmation, 1 to 64.
  unsigned memory_write_latency_cycles = timing::default_memory_write_latency_cycles;
  /// Longest payload of a TLP: 128, 256, 512, 1024, 2048 or 4096.
  unsigned max_payload_bytes = timing::default_max_payload_bytes;
};

/// The sum of two times; where that is beyond the end of time, the end of time.
inline sc_core::sc_time sum_of(const sc_core::sc_time& a, const sc_core::sc_time& b) {
  const bool fits = a.value() + b.value() >= a.value();  // else it begins again at 0
  return fits ? a + b : sc_core::sc_max_time();
}
/// `delay` from now.
inline sc_core::sc_time time_after(const sc_core::sc_time& delay) {
  return sum_of(sc_core::sc_time_stamp(), delay);
}
/// Waits for `delay`, or to the end of time.
inline void wait_for(const sc_core::sc_time& delay) {
  sc_core::wait(time_after(delay) - sc_core::sc_time_stamp());
}

/// The edges of a device's clock: cycle n is at n periods of simulation time.
class device_clock {
 public:
  using cycle = std::uint64_t;

  explicit device_clock(const sc_core::sc_time& period) noexcept
      : period_(period.value()), never_(~std::uint64_t{0} / period_) {
    for (std::uint64_t count = 0; count < few_.size(); ++count) {
      few_[count] = sc_core::sc_time::from_value(count * period_);
    }
  }

  /// An edge of the clock, and whether it is at the present time.
  struct edge {
    cycle at;
    bool is_now;
  };
  /// The first edge that is not before `delay` from now; of the end of time, the last.
  edge edge_at(const sc_core::sc_time& delay) const {
    const std::uint64_t at = time_after(delay).value();
    const bool is_between = at % period_ != 0;
    return {std::min(at / period_ + (is_between ? 1 : 0), never_),
            !is_between && delay == sc_core::SC_ZERO_TIME};
  }
  cycle cycle_at(const sc_core::sc_time& delay = sc_core::SC_ZERO_TIME) const {
    return edge_at(delay).at;
  }
  /// From now to the edge of cycle `at`; zero when that is past.
  sc_core::sc_time until(cycle at) const {
    const std::uint64_t then = at < never_ ? at * period_ : ~std::uint64_t{0};
    const std::uint64_t from = ticks();
    return then > from ? sc_core::sc_time::from_value(then - from) : sc_core::SC_ZERO_TIME;
  }
  /// The same, when it is known that the edge of cycle `current` is now; above `at`: it is not.
  sc_core::sc_time until(cycle at, cycle current) const {
    return current <= at && at - current < few_.size() ? few_[at - current] : until(at);
  }
  /// `delay`, or until the edge after it.
  sc_core::sc_time to_edge(const sc_core::sc_time& delay) const {
    const std::uint64_t past = time_after(delay).value() % period_;
    return past == 0 ? delay : sum_of(delay, sc_core::sc_time::from_value(period_ - past));
  }
  sc_core::sc_time cycles(std::uint64_t count) const {
    return count < few_.size() ? few_[count] : sc_core::sc_time::from_value(count * period_);
  }
  /// Whether it is the edge of cycle `at` now, and the last cycle whose edge is not after now.
  bool is_edge(cycle at) const { return at < never_ && at * period_ == ticks(); }
  cycle now() const { return ticks() / period_; }

 private:
  static std::uint64_t ticks() { return sc_core::sc_time_stamp().value(); }

  std::uint64_t period_;  // in units of the simulation's time resolution
  cycle never_;           // its edge is at the end of time, or after it
  // As many cycles as the index says. from_value() is a call into the kernel's library, and most
  // times are a few cycles.
  std::array<sc_core::sc_time, 16> few_;
};

}  // namespace ivshmem
