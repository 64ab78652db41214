// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ivshmem/tlm/pcie/payload_pool.h"
#include "rtl_clocking.h"

namespace ivshmem::rtl {

/// The clock in tlm_cycle: turns by itself, cycle n at n clock periods.
///
/// A cycle is over for the inputs when its time is past, or nobody else can act up to then; the
/// outputs are known a cycle ahead, and are handed on at their time.
class exact_clocking final : public rtl_clocking {
 public:
  explicit exact_clocking(rtl_device& owner)
      : rtl_clocking(owner), period_(clock().cycles(1).value()) {}

  void made() override;
  void receive(pcie::payload& trans, sc_core::sc_time& delay) override;
  bool arrived(pcie::payload& trans, const sc_core::sc_time& delay) override;
  std::uint64_t input_cycle() const override { return clock().cycle_at(); }
  void input() override;

  sc_core::sc_time output_delay() const override { return sc_core::SC_ZERO_TIME; }
  void message(const raw_tlp& tlp) override { send_upstream(tlp, sc_core::SC_ZERO_TIME); }
  void send_upstream(const raw_tlp& tlp, const sc_core::sc_time& delay) override;

  bool allows_dmi() const noexcept override { return false; }
  const sc_core::sc_event* due() const noexcept override { return &due_; }
  void step() override;

 private:
  void sleep_until(std::uint64_t cycle);
  std::uint64_t undisturbed() const;

  const std::uint64_t period_;  // in units of the time resolution
  sc_core::sc_event due_;
  pcie::payload_pool pool_;
  bool looked_ = false;  // the outputs of this cycle are taken
  bool asleep_ = true;   // the clock stands
};

}  // namespace ivshmem::rtl
