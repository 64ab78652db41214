// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <tlm_utils/tlm_quantumkeeper.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "../base_protocol_checker.h"
#include "../contract_checker.h"
#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "ivshmem/tlm/pcie/bridge.h"
#include "ivshmem/tlm/pcie/enumeration.h"
#include "ivshmem/tlm/pcie/link.h"
#include "ivshmem/tlm/pcie/packet_switch.h"
#include "ivshmem/tlm/pcie/root_complex.h"

namespace ivshmem::test {

/// A tree below a port: an endpoint, or a switch with these below it.
struct shape {
  std::vector<shape> below;
};

struct platform_config {
  timing_mode mode = timing_mode::functional;
  std::vector<shape> slots = {{}};  ///< what is at device 0, 1... of bus 0
  bool root_ports = false;          ///< a bridge in front of each slot
  bool links = true;                ///< a link in front of each endpoint and switch
  bool non_blocking = false;        ///< the processor uses four phases
  bool logged = true;               ///< order logs and TLP checkers
  bool unbound_leaf = false;        ///< nothing at the last port of the first switch
  unsigned extra_device = 0;        ///< a further port of the root complex, bound by the test
  pcie::link_config link;
  pcie::root_complex_config root;
  timing_config timing;
  unsigned vectors = 4;
  std::uint64_t shared_bytes = 1U << 20U;
  sc_core::sc_time fabric_latency{100, sc_core::SC_NS};
};

/// A processor with any number of threads, a tree of switches with an endpoint at each leaf, and
/// memory and interrupt controller behind the root complex, with every checker in place: base
/// protocol on both sides of the root complex, TLPs and their order at the root and at each leaf.
class platform final : public sc_core::sc_module, private pcie::config_access {
 public:
  static constexpr std::uint64_t ram_bytes = 1U << 20U;
  static constexpr std::uint64_t msi_base = 0xfee0'0000;

  struct message {
    std::uint64_t offset;
    std::uint32_t data;
    sc_core::sc_time at;
  };
  struct leaf {
    std::unique_ptr<contract_checker> checker;
    std::unique_ptr<endpoint> device;
    pcie::link* link = nullptr;  ///< in front of it
    pcie::bdf id{};
    std::array<std::uint64_t, 3> bar{};
  };

  explicit platform(const platform_config& config,
                    const sc_core::sc_module_name& name = "platform");
  ~platform() override;

  /// Boots, then runs `body` in a SystemC thread, then checks all checkers and that nothing is left
  /// under way. Other platforms of the same simulation boot() and check() in the body.
  void run(std::function<void()> body);
  /// Enumerates: leaves get their addresses.
  void boot();
  void check() const;
  /// Runs every function in a thread of its own; returns when all have returned.
  static void all(const std::vector<std::function<void()>>& threads);

  // Accesses of the processor. `delay` is its local time; without it, the access waits to its end.
  tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t address, void* data,
                                  unsigned bytes, sc_core::sc_time& delay);
  std::uint64_t read(std::uint64_t address, unsigned bytes = 4);
  void write(std::uint64_t address, std::uint64_t value, unsigned bytes = 4);
  std::uint64_t ecam(pcie::bdf id, std::uint32_t offset) const {
    return root.config().ecam.base + (std::uint64_t{pcie::to_int(id)} << 12U) + offset;
  }
  void configure(pcie::bdf id, const reg_desc& reg, std::uint64_t value) {
    write(ecam(id, reg.offset), value, reg.bytes);
  }
  /// Makes vector `vector` of leaf `index` a message of `data` to `address`, and MSI-X on.
  void program(std::size_t index, unsigned vector, std::uint64_t address, std::uint32_t data);
  void mask(std::size_t index, unsigned vector, bool on);
  void ring(std::size_t index, unsigned peer, unsigned vector);

  const platform_config config;
  tlm_utils::simple_initiator_socket<platform, 64> cpu{"cpu"};
  base_protocol_checker cpu_checker{"cpu_checker"};
  pcie::root_complex root;
  base_protocol_checker dma_checker{"dma_checker"};
  tlm_utils::simple_target_socket<platform, 64> dma{"dma"};
  std::vector<std::uint8_t> shared;
  in_process_fabric fabric;
  std::vector<std::unique_ptr<pcie::link>> links;
  std::vector<std::unique_ptr<pcie::packet_switch>> switches;
  std::vector<std::unique_ptr<pcie::bridge>> bridges;
  std::vector<std::unique_ptr<contract_checker>> root_checkers;
  std::vector<leaf> leaves;
  order_log down_order;
  order_log up_order;
  std::vector<std::uint8_t> ram = std::vector<std::uint8_t>(ram_bytes);
  std::vector<message> messages;
  std::function<void(const message&)> on_message;  ///< interrupt handler
  sc_core::sc_time dma_time;                       ///< a write to memory takes so long
  bool expect_idle = true;                         ///< run() checks that nothing is left under way

 private:
  struct in_flight;
  class manager;
  class leaf_access;

  void build(const shape& what, pcie::port& above);
  void serve_dma(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);
  void transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);
  tlm::tlm_sync_enum phase(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                           sc_core::sc_time& delay);
  std::uint32_t read(pcie::bdf function, std::uint32_t offset, unsigned bytes) override {
    return static_cast<std::uint32_t>(read(ecam(function, offset), bytes));
  }
  void write(pcie::bdf function, std::uint32_t offset, unsigned bytes,
             std::uint32_t value) override {
    write(ecam(function, offset), value, bytes);
  }
  void run_body();

  std::function<void()> body_;
  bool finished_ = false;
  std::unique_ptr<manager> manager_;
  std::map<const tlm::tlm_generic_payload*, in_flight*> in_flight_;
  const tlm::tlm_generic_payload* requesting_ = nullptr;
  sc_core::sc_event request_ended_;
};

}  // namespace ivshmem::test
