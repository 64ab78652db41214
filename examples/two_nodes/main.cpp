// SPDX-License-Identifier: Apache-2.0
//
// Two simulated nodes count up a number in shared memory, each ringing the other when it has done
// its step. docs/integration.md goes through this file.
#include <tlm_utils/simple_initiator_socket.h>

#include <cstdio>
#include <cstring>
#include <systemc>

#include "ivshmem/model/regmap.h"
#include "ivshmem/model/shared_memory.h"
#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "ivshmem/tlm/interrupt_target.h"
#include "ivshmem/tlm/pcie/enumeration.h"
#include "ivshmem/tlm/pcie/root_complex.h"

namespace {

using namespace ivshmem;

constexpr std::uint32_t last_count = 6;

device_properties doorbell() {
  device_properties properties;
  properties.variant = device_variant::doorbell;
  return properties;
}

/// A processor (the thread), its host bridge, an ivshmem device and an interrupt controller.
class node final : public sc_core::sc_module {
 public:
  node(const sc_core::sc_module_name& name, fabric_seat& seat)
      : sc_module(name),
        device_("device", doorbell(), seat),
        interrupts_("interrupts", [this](std::uint64_t, std::uint32_t) { interrupt_.notify(); }) {
    cpu_.bind(host_.cpu);
    host_.dma.bind(interrupts_.bus);  // a platform with DMA puts a bus with its RAM in between
    host_.downstream(0).bind(device_.pcie);
    SC_HAS_PROCESS(node);
    SC_THREAD(run);
  }

 private:
  void run() {
    boot();
    const std::uint32_t own_id = read32(registers_ + bar0::iv_position.offset);
    const std::uint32_t other_id = 1 - own_id;
    if (own_id != 0) {
      wait(interrupt_);
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
      write32(registers_ + bar0::doorbell.offset, other_id << 16U | 0);  // vector 0
      wait(interrupt_);
    }
  }

  /// What firmware and a driver do: assign the BARs, set up vector 0, map the shared memory.
  void boot() {
    const pcie::root_complex_config& map = host_.config();
    pcie::ecam_access config(*cpu_.operator->(), map.ecam.base);
    const auto found = pcie::enumerate(config, {map.mmio[0], map.mmio[1]});
    if (!found) {
      SC_REPORT_ERROR(name(), found.error().text().c_str());
    }
    const pcie::enumerated_function& function = found->at(0);
    registers_ = function.bar(0)->base;

    const std::uint64_t entry = function.bar(1)->base;
    write32(entry + bar1::entry_address_low, static_cast<std::uint32_t>(map.msi.base));
    write32(entry + bar1::entry_data, 0x40);
    write32(entry + bar1::entry_control, 0);  // unmasked
    config.write(function.id, function.msix_capability + 2, 2, cfg::msix_enable);

    tlm::tlm_generic_payload request;
    request.set_command(tlm::TLM_READ_COMMAND);
    request.set_address(function.bar(2)->base);
    tlm::tlm_dmi dmi;
    sc_assert(cpu_->get_direct_mem_ptr(request, dmi));
    shared_ = dmi.get_dmi_ptr();
  }

  std::uint32_t read32(std::uint64_t address) { return access(tlm::TLM_READ_COMMAND, address, 0); }
  void write32(std::uint64_t address, std::uint32_t value) {
    access(tlm::TLM_WRITE_COMMAND, address, value);
  }
  std::uint32_t access(tlm::tlm_command command, std::uint64_t address, std::uint32_t value) {
    tlm::tlm_generic_payload trans;
    trans.set_command(command);
    trans.set_address(address);
    trans.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    trans.set_data_length(sizeof value);
    trans.set_streaming_width(sizeof value);
    sc_core::sc_time delay;
    cpu_->b_transport(trans, delay);
    return value;
  }

  tlm_utils::simple_initiator_socket<node, 64> cpu_{"cpu"};
  pcie::root_complex host_{"host"};
  endpoint device_;
  interrupt_target interrupts_;
  sc_core::sc_event interrupt_;
  std::uint64_t registers_ = 0;      // address of BAR0
  unsigned char* shared_ = nullptr;  // contents of BAR2
};

}  // namespace

int sc_main(int, char**) {
  shared_memory_options options;
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
