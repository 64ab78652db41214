// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cycle_log.h"
#include "ivshmem/model/driver.h"
#include "ivshmem/model/timing.h"
#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "requester.h"

namespace ivshmem::test {

/// A requester directly at a device in tlm_cycle: what it sends is there at once.
struct endpoint_bench {
  static constexpr std::uint64_t window = 0x10'0000'0000;   // BAR2
  static constexpr std::uint64_t registers = 0x1000'0000;   // BAR0
  static constexpr std::uint64_t vectors_at = 0x1001'0000;  // BAR1

  static timing_config exact(unsigned beat_bytes = timing::default_beat_bytes) {
    timing_config settings;
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

  explicit endpoint_bench(unsigned vector_count = 4, const timing_config& timing = exact())
      : endpoint_bench(doorbell(vector_count), timing) {}
  endpoint_bench(const device_properties& properties, const timing_config& timing)
      : settings(timing),
        vectors(properties.has_msix() ? properties.vectors : 0),
        device("device", properties, fabric.join(properties.vectors), settings),
        peer(fabric.join(properties.vectors)) {
    root.pcie.bind(device.pcie);
    device.observe_cycles(&log);
  }
  /// BARs and MSI-X on, every vector programmed and unmasked; then all is quiet.
  void start() {
    posted_access access(*this);
    driver guest(access, vectors);
    guest.place_bar(0, registers);
    guest.place_bar(1, vectors_at);
    guest.place_bar(2, window);
    guest.enable();
    guest.set_up_vectors(0, 0x40);
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
    root.completions.clear();
    root.requests.clear();
    root.credits.clear();
  }
  pcie::payload& write(std::uint64_t where, std::uint32_t value, unsigned after_cycles = 0) {
    pcie::payload& trans = root.make(pcie::tlp_type::memory_write, where, 4);
    std::memcpy(trans.get_data_ptr(), &value, sizeof value);
    root.pcie.send_request(trans, after_cycles * settings.clock_period);
    return trans;
  }
  void send(pcie::tlp_type type, std::uint64_t address, unsigned bytes, unsigned after_cycles = 0) {
    root.send(type, address, bytes, after_cycles * settings.clock_period);
  }
  /// Rings a vector of the device, as its fabric does: it arrives a delta cycle later.
  void ring(unsigned vector) {
    peer.ring(peer_id{0}, static_cast<vector_index>(vector), sc_core::SC_ZERO_TIME);
  }

  const timing_config settings;
  const unsigned vectors;
  cycle_log log;
  requester root{"root"};
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(1U << 20U);
  in_process_fabric fabric{"fabric", {shared.data(), shared.size()}};
  endpoint device;
  fabric_seat& peer;

 private:
  /// Sends without waiting, so there is nothing to read.
  struct posted_access final : driver_access {
    explicit posted_access(endpoint_bench& of) : bench(of) {}
    std::uint32_t read_config(std::uint32_t, unsigned) override { return 0; }
    void write_config(std::uint32_t offset, unsigned bytes, std::uint32_t value) override {
      bench.root.configure(offset, bytes, value);
    }
    std::uint32_t read32(unsigned, std::uint64_t) override { return 0; }
    void write32(unsigned bar, std::uint64_t offset, std::uint32_t value) override {
      bench.write((bar == 0 ? registers : vectors_at) + offset, value);
    }
    endpoint_bench& bench;
  };
};

}  // namespace ivshmem::test
