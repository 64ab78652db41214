// SPDX-License-Identifier: Apache-2.0
//
// Two devices behind a switch, in the timing mode that the argument names. The processor enumerates
// the bus, prints what it found, lets the first device ring the second, and tells when the write,
// the message and a register read were done. docs/pcie.md explains the numbers.
//
//   processor - root complex - root port - link - switch +- endpoint first
//                                                        +- endpoint second
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <systemc>

#include "ivshmem/model/shared_memory.h"
#include "ivshmem/tlm/driver.h"
#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "ivshmem/tlm/pcie/bridge.h"
#include "ivshmem/tlm/pcie/enumeration.h"
#include "ivshmem/tlm/pcie/link.h"
#include "ivshmem/tlm/pcie/packet_switch.h"
#include "ivshmem/tlm/pcie/root_complex.h"

namespace {

using namespace ivshmem;

timing_config device_in(timing_mode mode) {
  timing_config timing;
  timing.mode = mode;
  return timing;
}
pcie::root_complex_config root_in(timing_mode mode) {
  pcie::root_complex_config config;
  config.mode = mode;
  return config;
}
pcie::link_config link_in(timing_mode mode) {
  pcie::link_config config;  // generation 3, four lanes
  config.mode = mode;
  return config;
}
pcie::packet_switch_config switch_in(timing_mode mode) {
  pcie::packet_switch_config config;  // two downstream ports, 100 ns
  config.mode = mode;
  return config;
}
device_properties doorbell() {
  device_properties properties;
  properties.variant = device_variant::doorbell;
  return properties;
}

class platform final : public sc_core::sc_module {
 public:
  platform(const sc_core::sc_module_name& name, in_process_fabric& fabric, timing_mode mode)
      : sc_module(name),
        root_("root", root_in(mode)),
        root_port_("root_port", {}, mode),
        link_("link", link_in(mode)),
        switch_("switch", switch_in(mode)),
        first_("first", doorbell(), fabric.join(1), device_in(mode)),
        second_("second", doorbell(), fabric.join(1), device_in(mode)) {
    cpu_.bind(root_.cpu);
    root_.dma.bind(messages_);
    messages_.register_b_transport(this, &platform::take_message);
    root_.downstream(0).bind(root_port_.upstream);
    root_port_.downstream.bind(link_.upstream);
    link_.downstream.bind(switch_.upstream);
    switch_.downstream(0).bind(first_.pcie);
    switch_.downstream(1).bind(second_.pcie);
    SC_HAS_PROCESS(platform);
    SC_THREAD(run);
  }

  bool rang() const noexcept { return message_data_ == expected_data; }

 private:
  static constexpr std::uint32_t expected_data = 0x41;

  void run() {
    const pcie::root_complex_config& map = root_.config();
    pcie::ecam_access config(*cpu_.operator->(), map.ecam.base);
    const auto found = pcie::enumerate(config, {map.mmio[0], map.mmio[1]});
    if (!found) {
      SC_REPORT_ERROR(name(), found.error().text().c_str());
      return;
    }
    print(*found);
    const auto ringing = find_device(*found, 0);
    const auto rung = find_device(*found, 1);
    if (!rung) {
      SC_REPORT_ERROR(name(), to_string(rung.error()).c_str());
      return;
    }
    const auto in_no_time = annotated_delay::ignored;  // in tlm_lt, as enumeration
    pci_access to_first(config, *cpu_.operator->(), *ringing, in_no_time);
    pci_access to_second(config, *cpu_.operator->(), *rung, in_no_time);
    driver second(to_second, rung->msix_vectors);
    second.set_up_vectors(map.msi.base, expected_data);
    std::printf("set up:         %s\n", sc_core::sc_time_stamp().to_string().c_str());

    wait(sc_core::sc_time(1, sc_core::SC_MS) - sc_core::sc_time_stamp());
    begin_ = sc_core::sc_time_stamp();
    print("doorbell write",
          access(tlm::TLM_WRITE_COMMAND, to_first.address(0, bar0::doorbell.offset),
                 driver::doorbell_value(peer_id{1}, 0)));
    wait(sc_core::sc_time(1, sc_core::SC_US));
    begin_ = sc_core::sc_time_stamp();
    print("register read",
          access(tlm::TLM_READ_COMMAND, to_first.address(0, bar0::iv_position.offset), 0));
  }

  /// Returns the time at which the access is over: now, and what is annotated.
  sc_core::sc_time access(tlm::tlm_command command, std::uint64_t address, std::uint32_t value) {
    tlm::tlm_generic_payload trans;
    trans.set_command(command);
    trans.set_address(address);
    trans.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    trans.set_data_length(sizeof value);
    trans.set_streaming_width(sizeof value);
    sc_core::sc_time delay;
    cpu_->b_transport(trans, delay);
    return sc_core::sc_time_stamp() + delay;
  }

  void take_message(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
    std::memcpy(&message_data_, trans.get_data_ptr(), sizeof message_data_);
    print("MSI-X message", sc_core::sc_time_stamp() + delay);
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
  }

  void print(const char* what, const sc_core::sc_time& at) const {
    std::printf("%-15s after %s\n", what, (at - begin_).to_string().c_str());
  }

  static void print(const std::vector<pcie::enumerated_function>& found) {
    for (const auto& function : found) {
      std::printf("%02x:%02x.%u %04x:%04x", pcie::bus_of(function.id), pcie::device_of(function.id),
                  pcie::function_of(function.id), function.vendor_id, function.device_id);
      if (function.is_bridge) {
        std::printf(" bridge to buses %02x to %02x", function.secondary_bus,
                    function.subordinate_bus);
      }
      for (const auto& bar : function.bars) {
        std::printf(" BAR%u %llx", bar.index, static_cast<unsigned long long>(bar.base));
      }
      std::printf("\n");
    }
  }

  tlm_utils::simple_initiator_socket<platform, 64> cpu_{"cpu"};
  tlm_utils::simple_target_socket<platform, 64> messages_{"messages"};
  pcie::root_complex root_;
  pcie::bridge root_port_;
  pcie::link link_;
  pcie::packet_switch switch_;
  endpoint first_;
  endpoint second_;
  sc_core::sc_time begin_;
  std::uint32_t message_data_ = 0;
};

std::optional<timing_mode> mode_of(const std::string& name) {
  if (name == "functional") {
    return timing_mode::functional;
  }
  if (name == "tlm-lt") {
    return timing_mode::tlm_lt;
  }
  if (name == "tlm-cycle") {
    return timing_mode::tlm_cycle;
  }
  return std::nullopt;
}

}  // namespace

int sc_main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "tlm-cycle";
  const auto mode = mode_of(name);
  if (!mode || argc > 2) {
    std::fprintf(stderr, "switch_tree: mode '%s': must be functional, tlm-lt or tlm-cycle\n",
                 name.c_str());
    return 2;
  }
  shared_memory_config options;
  options.size_bytes = 1U << 20U;
  const auto memory = shared_memory::create(options);
  if (!memory) {
    std::fprintf(stderr, "switch_tree: %s\n", to_string(memory.error()).c_str());
    return 1;
  }
  in_process_fabric fabric("fabric", {memory->data(), memory->size_bytes()},
                           sc_core::sc_time(50, sc_core::SC_NS));
  const platform all("platform", fabric, *mode);
  std::printf("mode %s\n", name.c_str());
  sc_core::sc_start();
  return all.rang() ? 0 : 1;
}
