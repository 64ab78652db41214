// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bench.h"
#include "ivshmem/model/driver.h"

namespace ivshmem::test {

inline device_properties doorbell_of(unsigned vectors) {
  device_properties properties;
  properties.variant = device_variant::doorbell;
  properties.vectors = vectors;
  return properties;
}

/// Where one device of a bench is, and what a driver does with it.
struct node {
  bench& owner;
  pcie::bdf id;
  std::uint64_t bar0;
  std::uint64_t bar1;
  std::uint64_t bar2;

  /// Addresses that are free for device `number` of bus `bus`.
  node(bench& bench, unsigned number, unsigned bus = 0)
      : owner(bench),
        id(pcie::make_bdf(bus, number, 0)),
        bar0(0xc000'0000 + 0x10'0000 * (32 * bus + number)),
        bar1(bar0 + 0x1'0000),
        bar2(0x10'0000'0000 + 0x1'0000'0000 * (8 * bus + number)) {}

  /// Assigns the BARs, enables memory decoding and bus mastering.
  void start() const {
    drive([this](driver& device) {
      device.place_bar(0, bar0);
      device.place_bar(1, bar1);
      device.place_bar(2, bar2);
      device.enable();
    });
  }
  std::uint32_t get(const reg_desc& reg) const {
    return static_cast<std::uint32_t>(owner.read(bar0 + reg.offset));
  }
  void set(const reg_desc& reg, std::uint32_t value,
           const sc_core::sc_time& ahead = sc_core::SC_ZERO_TIME) const {
    owner.write(bar0 + reg.offset, value, 4, ahead);
  }
  void ring(unsigned peer, unsigned vector) const {
    drive([&](driver& device) { device.ring(static_cast<peer_id>(peer), vector); });
  }
  void program(unsigned vector, std::uint64_t address, std::uint32_t data,
               std::uint32_t control = 0) const {
    drive([&](driver& device) { EXPECT_TRUE(device.program(vector, {address, data})); });
    mask(vector, control != 0);
  }
  void mask(unsigned vector, bool on) const {
    drive([&](driver& device) { EXPECT_TRUE(on ? device.mask(vector) : device.unmask(vector)); });
  }
  void msix(bool on = true) const {
    drive([&](driver& device) { device.set_msix(on); });
  }

 private:
  struct access final : driver_access {
    explicit access(const node& of) : at(of) {}
    std::uint32_t read_config(std::uint32_t offset, unsigned bytes) override {
      return static_cast<std::uint32_t>(at.owner.read(at.owner.ecam(at.id, offset), bytes));
    }
    void write_config(std::uint32_t offset, unsigned bytes, std::uint32_t value) override {
      at.owner.write(at.owner.ecam(at.id, offset), value, bytes);
    }
    std::uint32_t read32(unsigned bar, std::uint64_t offset) override {
      return static_cast<std::uint32_t>(at.owner.read(base(bar) + offset));
    }
    void write32(unsigned bar, std::uint64_t offset, std::uint32_t value) override {
      at.owner.write(base(bar) + offset, value);
    }
    void write64(unsigned bar, std::uint64_t offset, std::uint64_t value) override {
      at.owner.write(base(bar) + offset, value, 8);
    }
    std::uint64_t base(unsigned bar) const { return bar == 0 ? at.bar0 : at.bar1; }
    const node& at;
  };

  /// The driver, which trusts the test about the number of vectors.
  template <class Action>
  void drive(Action action) const {
    access way(*this);
    driver device(way, max_vectors);
    action(device);
  }
};

/// Notes what happens at an endpoint, one line each, with the time in ns and the caller's delay.
class recording_observer final : public endpoint_observer {
 public:
  using calls = std::vector<std::string>;
  calls take() { return std::exchange(calls_, {}); }

  void on_access(unsigned bar, bool write, std::uint64_t offset, std::size_t bytes) override {
    note((write ? "write " : "read ") + std::to_string(bar) + "+" + std::to_string(offset) + "," +
         std::to_string(bytes));
  }
  void on_doorbell(peer_id peer, vector_index vector, const sc_core::sc_time& delay) override {
    note("doorbell " + place(peer, vector) + at(delay));
  }
  void on_notify(vector_index vector) override {
    note("notify " + std::to_string(to_int(vector)) + at(sc_core::SC_ZERO_TIME));
  }
  void on_message(vector_index vector, const msix_message& message,
                  const sc_core::sc_time& /*delay*/) override {
    note("message " + std::to_string(to_int(vector)) + "=" + std::to_string(message.data));
  }
  void on_pending(unsigned count, const sc_core::sc_time& /*delay*/) override {
    note("pending " + std::to_string(count));
  }
  void on_intx(bool asserted, const sc_core::sc_time& /*delay*/) override {
    note(asserted ? "intx on" : "intx off");
  }
  void on_drop(drop_cause cause, peer_id peer, vector_index vector,
               const sc_core::sc_time& /*delay*/) override {
    note(std::string("drop ") + to_string(cause) + " " + place(peer, vector));
  }
  void on_blocked_reentry(unsigned bar, std::uint32_t offset) override {
    note("blocked " + std::to_string(bar) + "+" + std::to_string(offset));
  }
  void on_reset() override { note("reset"); }

 private:
  static std::string place(peer_id peer, vector_index vector) {
    return std::to_string(to_int(peer)) + "." + std::to_string(to_int(vector));
  }
  static std::string at(const sc_core::sc_time& delay) {
    const sc_core::sc_time ns(1, sc_core::SC_NS);
    return " at " + std::to_string(static_cast<long>((sc_core::sc_time_stamp() + delay) / ns));
  }
  void note(std::string line) { calls_.push_back(std::move(line)); }

  calls calls_;
};

}  // namespace ivshmem::test
