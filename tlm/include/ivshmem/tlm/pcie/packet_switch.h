// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <systemc>
#include <vector>

#include "ivshmem/tlm/pcie/router.h"
#include "ivshmem/tlm/time_queue.h"

namespace ivshmem::pcie {

/// What a switch is.
struct packet_switch_config {
  unsigned downstream_ports = 2;                  ///< 1 to 32
  sc_core::sc_time latency{100, sc_core::SC_NS};  ///< last byte in to first byte out
  timing_mode mode = timing_mode::functional;
};

/// A PCI Express switch: one upstream bridge, and a downstream bridge for each port on the bus
/// between them [PCIe 1.3.3].
///
/// Routes by address and by ID, in both directions and between downstream ports. INTx wires of the
/// ports are combined with the standard swizzle [PCIe 2.2.8.1]. In tlm_cycle the messages that
/// drive them count in the order in which they come; of those that come at one time, that of the
/// lower function counts first. All queueing is in the links; here every packet takes `latency`.
class packet_switch final : public sc_core::sc_module, private router {
 public:
  port upstream{"upstream", *this};

  explicit packet_switch(const sc_core::sc_module_name& name,
                         const packet_switch_config& config = {});
  ~packet_switch() override;
  const char* kind() const override { return "ivshmem::pcie::packet_switch"; }

  /// Downstream port `index`, from 0; its bridge has this device number.
  port& downstream(unsigned index);

  const bridge_function& upstream_function() const noexcept { return up_; }
  using router::statistics;

 private:
  struct below;

  decision decide(port& from, const payload& trans) override;
  void apply(port& from, payload& trans, decision& where) override;
  decision decide_down(const payload& trans);
  decision decide_up(port& from, const payload& trans);
  bool combine_intx(unsigned index, tlp& message);
  port& root_side() override { return upstream; }
  void configured(bridge_function& function, bool was_in_reset) override;
  bool is_whole(const port& out, const route& found) const override;
  void hot_reset(port& from) override;
  void request_arrived(port& from, payload& trans, const sc_core::sc_time& delay) override;
  void drive_wires();

  struct wire_message {
    port* from;
    payload* trans;
  };

  bridge_function up_;
  std::vector<std::unique_ptr<below>> below_;
  unsigned last_hit_ = 0;                   // took the last memory request: tried first
  std::array<unsigned, 4> intx_levels_{};   // ports that assert the wire
  time_queue<wire_message> wire_messages_;  // tlm_cycle: announced
  sc_core::sc_event wires_due_;
  bool all_came_ = false;  // those of this time
};

}  // namespace ivshmem::pcie
