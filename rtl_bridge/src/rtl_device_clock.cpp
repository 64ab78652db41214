// SPDX-License-Identifier: Apache-2.0
//
// rtl_device.h, the clock: who turns it, how far, and when.
#include <algorithm>

#include "rtl_device_parts.h"

namespace ivshmem::rtl {

namespace {

/// More than any access can take: 4 KiB at 8 bytes a cycle, 2,048 vectors to sweep or to scan.
constexpr std::uint64_t most_cycles = 1'000'000;

}  // namespace

std::uint64_t rtl_device::cycle_at(const sc_core::sc_time& delay) const {
  return is_exact_ ? clock_.cycle_at(delay) : parts_->driver.cycle();
}

/// How far what leaves the core now is ahead of the simulation time.
sc_core::sc_time rtl_device::output_delay() const {
  if (is_exact_) {
    return sc_core::SC_ZERO_TIME;
  }
  return takes_time_ ? parts_->delay + clock_.cycles(parts_->driver.cycle() - parts_->start)
                     : parts_->delay;
}

// ---- functional, tlm_lt

void rtl_device::settle() {
  core_driver& driver = parts_->driver;
  const std::uint64_t limit = driver.cycle() + most_cycles;
  do {
    const driver_outputs& seen = driver.look();
    if (seen.any()) {
      take(seen);
    }
    driver.finish();
  } while (!driver.idle() && driver.cycle() < limit);
  if (driver.cycle() >= limit) {
    SC_REPORT_ERROR(name(), "the core is still busy after 1000000 cycles");
  }
  // A malformed request is not completed [PCIe 2.3.1]; a blocking caller must get an answer now.
  for (parts::flight* one : parts_->waiting) {
    unsupported(*one->trans);
    parts_->free_flights.push_back(one);
  }
  parts_->waiting.clear();
  report_violations();
}

// ---- tlm_cycle

void rtl_device::wake() {
  if (parts_->asleep) {
    wake_.notify(sc_core::SC_ZERO_TIME);
  }
}

/// A cycle is over for the inputs when its time is past, or nobody else can act up to then; the
/// outputs are known a cycle ahead, and are handed on at their time.
void rtl_device::run_clock() {
  if (parts_ == nullptr) {
    return;
  }
  parts& p = *parts_;
  core_driver& driver = p.driver;
  const std::uint64_t period = timing().clock_period.value();
  const std::uint64_t now = sc_core::sc_time_stamp().value();
  const auto later = [&](std::uint64_t cycle) {
    next_trigger(sc_core::sc_time::from_value(cycle * period - now), wake_);
  };
  const auto look_ahead = [&] {
    const std::uint64_t free =
        sc_core::sc_time_to_pending_activity(sc_core::sc_get_curr_simcontext()).value();
    return now + std::min(free, options_.batch_cycles * period);
  };
  std::uint64_t horizon = look_ahead();
  p.asleep = false;
  for (;;) {
    if (driver.idle() && !p.looked) {
      const std::uint64_t due = driver.due();
      if (due == never) {
        p.asleep = true;
        report_violations();
        return;
      }
      if (due * period >= horizon && due * period > now) {
        p.asleep = true;
        later(due);
        return;
      }
      if (options_.skip_idle) {
        driver.skip_to(due);
      }
    }
    const std::uint64_t at = driver.cycle() * period;
    const driver_outputs& seen = driver.look();
    if (seen.any() && !p.looked) {
      if (at > now) {
        later(driver.cycle());
        return;
      }
      p.looked = true;
      take(seen);
      if (parts_.get() != &p) {
        return;  // somebody took the device out
      }
      horizon = look_ahead();
    }
    if (at >= horizon && at >= now) {
      later(at > now ? driver.cycle() : driver.cycle() + 1);
      return;
    }
    driver.finish();
    p.looked = false;
  }
}

}  // namespace ivshmem::rtl
