// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cycle_log.h"
#include "ivshmem/model/timing.h"
#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "requester.h"

namespace ivshmem {

/// A requester directly at a device in tlm_cycle: what it sends is there at once.
struct endpoint_bench {
  static constexpr std::uint64_t window = 0x10'0000'0000;   // BAR2
  static constexpr std::uint64_t registers = 0x1000'0000;   // BAR0
  static constexpr std::uint64_t vectors_at = 0x1001'0000;  // BAR1

  static device_timing exact(unsigned beat_bytes = timing::default_beat_bytes) {
    device_timing settings;
    settings.mode = timing_mode::tlm_cycle;
    settings.beat_bytes = beat_bytes;
    return settings;
  }
  static device_properties doorbell(unsigned vectors) {
    device_properties values;
    values.variant = device_variant::doorbell;
    values.vectors = vectors;
    return values;
  }

  explicit endpoint_bench(unsigned vector_count = 4, const device_timing& timing = exact())
      : endpoint_bench(doorbell(vector_count), timing) {}
  endpoint_bench(const device_properties& properties, const device_timing& timing)
      : settings(timing),
        vectors(properties.has_msix() ? properties.vectors : 0),
        device("device", properties, fabric.join(properties.vectors), settings),
        peer(fabric.join(properties.vectors)) {
    host.pcie.bind(device.pcie);
    device.observe_cycles(&log);
  }
  /// BARs and MSI-X on, every vector programmed and unmasked; then all is quiet.
  void start() {
    host.configure(cfg::bar0_reg.offset, 4, registers);
    host.configure(cfg::bar1_reg.offset, 4, vectors_at);
    host.configure(cfg::bar2_reg.offset + 4, 4, window >> 32U);
    host.configure(cfg::command.offset, 2, cfg::command_memory | cfg::command_master);
    host.configure(cfg::msix_control.offset, 2, cfg::msix_enable);
    for (unsigned v = 0; v < vectors; ++v) {
      write(vectors_at + bar1::entry_bytes * v + bar1::entry_data, 0x40 + v);
      write(vectors_at + bar1::entry_bytes * v + bar1::entry_control, 0);
    }
    settle();
  }
  std::uint64_t now() const {
    return sc_core::sc_time_stamp().value() / settings.clock_period.value();
  }
  void run(std::uint64_t cycles) const {
    sc_core::sc_start(static_cast<double>(cycles) * settings.clock_period);
  }
  /// Lets everything end and forgets it.
  void settle(unsigned cycles = 20'000) {
    run(cycles);
    log = {};
    host.completions.clear();
    host.requests.clear();
    host.credits.clear();
  }
  pcie::payload& write(std::uint64_t where, std::uint32_t value, unsigned after_cycles = 0) {
    pcie::payload& trans = host.make(pcie::tlp_type::memory_write, where, 4);
    std::memcpy(trans.get_data_ptr(), &value, sizeof value);
    host.pcie.send_request(trans, after_cycles * settings.clock_period);
    return trans;
  }
  void send(pcie::tlp_type type, std::uint64_t address, unsigned bytes, unsigned after_cycles = 0) {
    host.send(type, address, bytes, after_cycles * settings.clock_period);
  }
  /// Rings a vector of the device, as its fabric does: it arrives a delta cycle later.
  void ring(unsigned vector) {
    peer.ring(peer_id{0}, static_cast<vector_index>(vector), sc_core::SC_ZERO_TIME);
  }

  const device_timing settings;
  const unsigned vectors;
  cycle_log log;
  requester host{"host"};
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(1U << 20U);
  in_process_fabric fabric{"fabric", {shared.data(), shared.size()}};
  endpoint device;
  fabric_seat& peer;
};

}  // namespace ivshmem
