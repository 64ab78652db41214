// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <systemc>
#include <vector>

#include "ivshmem/rtl_bridge/lockstep_device.h"
#include "ivshmem/tlm/pcie/payload_pool.h"
#include "request_generator.h"

namespace ivshmem::lockstep {

/// A lockstep device with a requester at its port, and someone who notifies and resets it, all
/// random; it needs no PCIe bus and no fabric.
class fuzz_bench final : public sc_core::sc_module,
                         private pcie::component,
                         private fabric_seat,
                         private rtl::tlp_disguise {
 public:
  pcie::port pcie{"pcie", *this};

  /// Sends `requests` requests. `waveform`: see lockstep_checker_config.
  fuzz_bench(const sc_core::sc_module_name& name, const setup& drawn, std::uint64_t requests,
             const std::string& waveform);

  /// After the simulation. False: RTL and model differ, or something is still under way.
  bool finish();
  const setup& drawn() const noexcept { return setup_; }
  const function_coverage& coverage() const noexcept { return coverage_; }
  rtl::lockstep_device& device() noexcept { return *device_; }

 private:
  void produce();
  void disturb();
  void reset();
  void send(const request& wanted, const sc_core::sc_time& delay);

  void receive(pcie::port& from, pcie::payload& trans, sc_core::sc_time& delay) override;
  unsigned receive_debug(pcie::port& from, pcie::payload& trans) override;
  void request_arrived(pcie::port& from, pcie::payload& trans,
                       const sc_core::sc_time& delay) override;
  void completion_arrived(pcie::port& from, pcie::payload& trans,
                          const sc_core::sc_time& delay) override;
  void accepted(pcie::port& from, pcie::payload& trans, bool completion) override;

  peer_id id() const override { return static_cast<peer_id>(setup_.id); }
  memory_view memory() const override;
  void attached() override;
  void detached() override {}
  void ring(peer_id /*peer*/, vector_index /*vector*/, const sc_core::sc_time& /*delay*/) override {
  }

  void change(const pcie::payload& trans, rtl::raw_tlp& tlp) override;
  void change_completion(const pcie::payload& trans, rtl::header_words& header) override;

  const setup setup_;
  const sc_core::sc_time period_{4, sc_core::SC_NS};
  request_generator generator_;
  std::mt19937_64 random_;
  std::unique_ptr<stall_pattern> stalls_;
  std::unique_ptr<rtl::lockstep_device> device_;
  mutable std::vector<std::uint8_t> memory_;
  function_coverage coverage_;
  pcie::payload_pool pool_;
  sc_core::sc_event room_;
  std::uint64_t left_;
  std::uint64_t left_at_reset_;
  std::uint64_t notified_ = 0;
  unsigned outstanding_ = 0;
  unsigned uncompleted_ = 0;
  std::uint64_t next_cycle_ = 10;
  unsigned idle_percent_;
  unsigned notify_gap_;
  unsigned reset_one_in_;
};

}  // namespace ivshmem::lockstep
