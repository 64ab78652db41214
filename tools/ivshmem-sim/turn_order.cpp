// SPDX-License-Identifier: Apache-2.0
//
// Gives each program a time of its own to act.
#include "turn_order.h"

namespace ivshmem::sim {

void turn_order::add(const host& where, const sc_core::sc_process_handle& program) {
  unsigned& members = members_.try_emplace(&where, firmware + 1).first->second;
  number_[program.get_process_object()] = members++;
  most_members_ = std::max(most_members_, members);
}

void turn_order::take(bool write) const {
  if (!is_kept_) {
    return;
  }
  if (const picoseconds left = until(2 * running() + (write ? 1 : 0), now()); left != 0) {
    sc_core::wait(sc_core::sc_time::from_value(left));
  }
}

picoseconds turn_order::until_interrupts() const { return until(2 * interrupts, now()); }

unsigned turn_order::running() const {
  const auto found = number_.find(sc_core::sc_get_current_process_handle().get_process_object());
  return found == number_.end() ? firmware : found->second;
}

picoseconds turn_order::until(unsigned turn, picoseconds at) const {
  const picoseconds round = 2 * picoseconds{most_members_};
  return is_kept_ ? (turn + round - at % round) % round : 0;
}

}  // namespace ivshmem::sim
