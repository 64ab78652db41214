// SPDX-License-Identifier: Apache-2.0
//
// Two simulated nodes count up a number in shared memory, each ringing the other when it has done
// its step. docs/integration.md goes through this file.
#include <tlm_utils/simple_initiator_socket.h>

#include <cstdio>
#include <cstring>
#include <systemc>

#include "ivshmem/model/shared_memory.h"
#include "ivshmem/tlm/driver.h"
#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "ivshmem/tlm/interrupt_target.h"
#include "ivshmem/tlm/pcie/root_complex.h"

namespace {

using namespace ivshmem;

constexpr std::uint32_t last_count = 6;

device_properties doorbell() {
  device_properties properties;
  properties.variant = device_variant::doorbell;
  return properties;
}

/// A processor (the thread), its root complex, an ivshmem device and an interrupt controller.
class node final : public sc_core::sc_module {
 public:
  node(const sc_core::sc_module_name& name, fabric_seat& seat)
      : sc_module(name),
        device_("device", doorbell(), seat),
        controller_("controller",
                    [this](std::uint64_t, std::uint32_t data) { interrupts_.raise(data); }) {
    cpu_.bind(root_.cpu);
    root_.dma.bind(controller_.bus);  // a platform with DMA puts a bus with its RAM in between
    root_.downstream(0).bind(device_.pcie);
    SC_HAS_PROCESS(node);
    SC_THREAD(run);
  }

 private:
  void run() {
    const pcie::root_complex_config& map = root_.config();
    pcie::ecam_access config(*cpu_.operator->(), map.ecam.base);
    const auto function = find_device(pcie::enumerate(config, {map.mmio[0], map.mmio[1]}));
    if (!function) {
      SC_REPORT_ERROR(name(), to_string(function.error()).c_str());
      return;
    }
    pci_access access(config, *cpu_.operator->(), *function);
    driver device(access, function->msix_vectors);
    device.set_up_vectors(map.msi.base);  // vector v sends v; MSI-X is on then
    map_shared_memory(access.address(2));
    take_turns(device);
  }

  /// Counts when it is this node's turn, which an interrupt says; node 0 begins.
  void take_turns(driver& device) {
    const auto own_id = to_int(device.read_id());
    const auto other_id = static_cast<peer_id>(1 - own_id);
    if (own_id != 0) {
      interrupts_.wait(0);
    }
    for (;;) {
      std::uint32_t count = 0;
      std::memcpy(&count, shared_, sizeof count);
      ++count;
      std::memcpy(shared_, &count, sizeof count);
      std::printf("%-6s node %u: count is %u\n", sc_core::sc_time_stamp().to_string().c_str(),
                  own_id, count);
      if (count == last_count) {
        sc_core::sc_stop();
        return;
      }
      device.ring(other_id, 0);
      interrupts_.wait(0);
    }
  }

  void map_shared_memory(std::uint64_t address) {
    tlm::tlm_generic_payload request;
    request.set_command(tlm::TLM_READ_COMMAND);
    request.set_address(address);
    tlm::tlm_dmi dmi;
    if (cpu_->get_direct_mem_ptr(request, dmi)) {
      shared_ = dmi.get_dmi_ptr();
    }
    sc_assert(shared_ != nullptr);
  }

  tlm_utils::simple_initiator_socket<node, 64> cpu_{"cpu"};
  pcie::root_complex root_{"root"};
  endpoint device_;
  interrupt_target controller_;
  interrupt_counter interrupts_;
  unsigned char* shared_ = nullptr;  // contents of BAR2
};

}  // namespace

int sc_main(int, char**) {
  shared_memory_config options;
  options.size_bytes = 1U << 20U;
  const auto memory = shared_memory::create(options);
  if (!memory) {
    std::fprintf(stderr, "two_nodes: %s\n", to_string(memory.error()).c_str());
    return 1;
  }
  in_process_fabric fabric("fabric", {memory->data(), memory->size_bytes()},
                           sc_core::sc_time(2, sc_core::SC_US));
  const node first("first", fabric.join(1));
  const node second("second", fabric.join(1));
  sc_core::sc_start();

  std::uint32_t count = 0;
  std::memcpy(&count, memory->data(), sizeof count);
  const fabric_statistics& counted = fabric.statistics();
  std::printf("%llu doorbells rung, %llu delivered\n",
              static_cast<unsigned long long>(counted.rung),
              static_cast<unsigned long long>(counted.delivered));
  return count == last_count ? 0 : 1;
}
