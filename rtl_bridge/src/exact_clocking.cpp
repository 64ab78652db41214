// SPDX-License-Identifier: Apache-2.0
//
// The clock that turns by itself: how far, and when.
#include "exact_clocking.h"

#include <algorithm>

namespace ivshmem::rtl {

void exact_clocking::made() {
  rtl_clocking::made();
  looked_ = false;
  asleep_ = true;
  driver().skip_to(clock().cycle_at());
}

// ---- inputs

void exact_clocking::receive(pcie::payload& trans, sc_core::sc_time& delay) {
  wait_for(delay);
  delay = sc_core::SC_ZERO_TIME;
  sc_core::sc_event done;
  queue(trans, clock().cycle_at(), &done, false);
  input();
  sc_core::wait(done);
}

bool exact_clocking::arrived(pcie::payload& trans, const sc_core::sc_time& delay) {
  trans.acquire();
  queue(trans, clock().cycle_at(delay), nullptr, true);
  input();
  return true;
}

void exact_clocking::input() {
  if (asleep_) {
    due_.notify(sc_core::SC_ZERO_TIME);
  }
}

// ---- outputs

void exact_clocking::send_upstream(const raw_tlp& tlp, const sc_core::sc_time& delay) {
  pcie::payload& trans = pool_.allocate(payload_bytes(tlp));
  fill(tlp, trans);
  port().send_request(trans, delay);
}

// ---- the clock

void exact_clocking::sleep_until(std::uint64_t cycle) {
  due_.notify(sc_core::sc_time::from_value(cycle * period_ - sc_core::sc_time_stamp().value()));
}

/// Up to when nobody else acts, as far as is known, in units of the time resolution.
std::uint64_t exact_clocking::undisturbed() const {
  const std::uint64_t free =
      sc_core::sc_time_to_pending_activity(sc_core::sc_get_curr_simcontext()).value();
  return sc_core::sc_time_stamp().value() + std::min(free, options().batch_cycles * period_);
}

void exact_clocking::step() {
  if (is_empty()) {
    return;
  }
  const std::uint64_t inserted = insertion();
  core_driver& core = driver();
  const std::uint64_t now = sc_core::sc_time_stamp().value();
  std::uint64_t horizon = 0;  // 0: to be asked for
  const auto is_beyond = [&](std::uint64_t time) {
    if (horizon == 0) {
      horizon = undisturbed();
    }
    return time >= horizon;
  };
  asleep_ = false;
  for (;;) {
    if (!looked_ && core.idle()) {
      const std::uint64_t next = core.due();
      asleep_ = next == never || (next * period_ > now && is_beyond(next * period_));
      if (next == never) {
        report_violations();
        return;
      }
      if (asleep_) {
        sleep_until(next);
        return;
      }
      if (options().skip_idle) {
        core.skip_to(next);
      }
    }
    const std::uint64_t at = core.cycle() * period_;
    const driver_outputs& seen = core.look();
    if (!looked_ && seen.any()) {
      if (at > now) {
        sleep_until(core.cycle());
        return;
      }
      looked_ = true;
      take(seen);
      if (insertion() != inserted) {
        return;  // somebody took the device out
      }
      horizon = 0;  // who was called may have something to do now
    }
    if (at >= now && is_beyond(at)) {
      sleep_until(at > now ? core.cycle() : core.cycle() + 1);
      return;
    }
    core.finish();
    looked_ = false;
  }
}

}  // namespace ivshmem::rtl
