// SPDX-License-Identifier: Apache-2.0
//
// The clock that an access turns on the spot.
#include "spot_clocking.h"

#include <cstring>

namespace ivshmem::rtl {

namespace {

/// More than any access can take: 4 KiB at 8 bytes a cycle, 2,048 vectors to sweep or to scan.
constexpr std::uint64_t most_cycles = 1'000'000;

}  // namespace

void spot_clocking::made() {
  rtl_clocking::made();
  outbox_.clear();
  messengers_.clear();
}

// ---- inputs

void spot_clocking::receive(pcie::payload& trans, sc_core::sc_time& delay) {
  if (is_reentry(trans)) {
    return;
  }
  const bool write = trans.is_write();
  bar_hit hit{};
  const bool memory = decode(trans, hit);
  enter(memory && write && hit.bar == 0, delay);
  delay_ = delay;
  start_ = driver().cycle();
  queue(trans, start_, nullptr, false);
  settle();
  delay = sum_of(delay, duration(finished_at() - start_));
  if (memory && hit.bar == 2) {
    trans.set_dmi_allowed(true);
  }
  send_messages(memory && write && hit.bar == 1);
}

/// The real device refuses an access that comes back through its own message [behaviour 5]. What
/// this device does to such an access is nothing.
bool spot_clocking::is_reentry(pcie::payload& trans) {
  bar_hit hit{};
  if (!messengers_.has_this_process() || !decode(trans, hit) || hit.bar == 2) {
    return false;
  }
  // The completion is a good one; a read has zeros.
  complete(trans, pcie::completion_status::successful);
  if (trans.is_read()) {
    std::memset(trans.get_data_ptr(), 0, trans.get_data_length());
  }
  if (observer() != nullptr) {
    observer()->on_blocked_reentry(hit.bar, static_cast<std::uint32_t>(hit.offset));
  }
  return true;
}

void spot_clocking::input() {
  delay_ = sc_core::SC_ZERO_TIME;
  start_ = driver().cycle();
  settle();
}

// ---- outputs

void spot_clocking::message(const raw_tlp& tlp) { outbox_.push_back({tlp, output_delay()}); }

void spot_clocking::send_upstream(const raw_tlp& tlp, const sc_core::sc_time& delay) {
  const pcie::payload_pool::lease trans(pool_);
  unsigned char data[4] = {};
  trans->set_data_ptr(data);
  fill(tlp, *trans);
  sc_core::sc_time local = delay;
  port().send(*trans, local);  // posted: whether it arrived is not the device's business
}

/// `inside`: they come from an access of BAR1, so that one that comes back is refused.
void spot_clocking::send_messages(bool inside) {
  const std::uint64_t mine = insertion();
  std::vector<outgoing> messages;
  messages.swap(outbox_);
  for (const outgoing& one : messages) {
    if (inside) {
      messengers_.add_this_process();
    }
    send_upstream(one.tlp, one.delay);  // the platform may wait in there
    if (insertion() != mine) {
      return;
    }
    if (inside) {
      messengers_.remove_this_process();
    }
  }
}

// ---- the clock

void spot_clocking::settle() {
  core_driver& core = driver();
  const std::uint64_t limit = core.cycle() + most_cycles;
  do {
    const driver_outputs& seen = core.look();
    if (seen.any()) {
      take(seen);
    }
    core.finish();
  } while (!core.idle() && core.cycle() < limit);
  if (core.cycle() >= limit) {
    report("the core is still busy after 1000000 cycles");
  }
  give_up_waiting();
  report_violations();
}

sc_core::sc_time spot_clocking::duration(std::uint64_t /*cycles*/) const {
  return sc_core::SC_ZERO_TIME;
}

void spot_clocking::enter(bool /*to_bar0*/, sc_core::sc_time& /*delay*/) {}

void timed_spot_clocking::enter(bool to_bar0, sc_core::sc_time& delay) {
  if (to_bar0 && delay != sc_core::SC_ZERO_TIME) {
    wait_for(delay);  // what leaves this device must not run ahead of what it left behind
    delay = sc_core::SC_ZERO_TIME;
  }
  delay = clock().to_edge(delay);
}

}  // namespace ivshmem::rtl
