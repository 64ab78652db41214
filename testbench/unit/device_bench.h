// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "direct_access.h"
#include "ivshmem/model/device.h"
#include "ivshmem/model/driver.h"

namespace ivshmem::test {

/// Lower-case hexadecimal without a prefix.
inline std::string hex(std::uint64_t value) {
  std::ostringstream out;
  out << std::hex << value;
  return out.str();
}

/// Records what the device calls: one line for each call, in order.
class recorded_calls final : public device_callbacks {
 public:
  using lines = std::vector<std::string>;

  /// Called after a message was recorded; may access the device again, as a bus would.
  std::function<void(const msix_message&)> on_message;

  lines take() { return std::exchange(calls_, {}); }

  void ring(peer_id peer, vector_index vector) override { note("ring " + place(peer, vector)); }
  void send_message(vector_index vector, const msix_message& message, bool injected) override {
    note((injected ? "inject " : "message ") + std::to_string(to_int(vector)) + " " +
         hex(message.address) + "=" + hex(message.data));
    if (on_message) {
      on_message(message);
    }
  }
  void set_intx(bool asserted) override { note(asserted ? "intx on" : "intx off"); }
  void dropped(drop_cause cause, peer_id peer, vector_index vector) override {
    note(std::string("drop ") + to_string(cause) + " " + place(peer, vector));
  }
  void blocked_reentry(unsigned bar, std::uint32_t offset) override {
    note("blocked " + std::to_string(bar) + "+" + hex(offset));
  }
  void register_access(unsigned bar, bool write, std::uint32_t offset,
                       std::uint32_t value) override {
    note((write ? "w" : "r") + std::to_string(bar) + "+" + hex(offset) + "=" + hex(value));
  }

 private:
  static std::string place(peer_id peer, vector_index vector) {
    return std::to_string(to_int(peer)) + "." + std::to_string(to_int(vector));
  }
  void note(std::string line) { calls_.push_back(std::move(line)); }

  lines calls_;
};

inline device_properties doorbell_of(unsigned vectors) {
  device_properties properties;
  properties.variant = device_variant::doorbell;
  properties.vectors = vectors;
  return properties;
}

/// One device, its memory, and short names for what a guest and a server do to it.
struct device_bench {
  recorded_calls calls;
  std::vector<std::uint8_t> memory;
  device dut;
  direct_access access{dut};
  driver guest{access, driver::read_vectors(access)};

  explicit device_bench(const device_properties& properties = doorbell_of(4), unsigned id = 0,
                        std::size_t memory_bytes = min_memory_bytes)
      : memory(memory_bytes),
        dut(properties, static_cast<peer_id>(id), {memory.data(), memory.size()}, calls) {}

  std::uint64_t read(unsigned bar, std::uint64_t offset, unsigned bytes = 4) {
    std::uint64_t value = 0;
    dut.read(bar, offset, reinterpret_cast<std::uint8_t*>(&value), bytes);
    return value;
  }
  void write(unsigned bar, std::uint64_t offset, std::uint64_t value, unsigned bytes = 4) {
    dut.write(bar, offset, reinterpret_cast<const std::uint8_t*>(&value), bytes);
  }
  std::uint64_t peek(unsigned bar, std::uint64_t offset, unsigned bytes = 4) const {
    std::uint64_t value = 0;
    dut.peek(bar, offset, reinterpret_cast<std::uint8_t*>(&value), bytes);
    return value;
  }
  std::uint64_t get(const reg_desc& reg) { return read(0, reg.offset); }
  void set(const reg_desc& reg, std::uint32_t value) { write(0, reg.offset, value); }
  std::uint32_t config(const reg_desc& reg) const { return dut.config_read(reg.offset, reg.bytes); }
  void configure(const reg_desc& reg, std::uint32_t value) {
    dut.config_write(reg.offset, reg.bytes, value);
  }

  /// The server announces `vectors` eventfds of `peer`.
  void connect(unsigned peer, unsigned vectors = 1) {
    for (unsigned i = 0; i < vectors; ++i) {
      EXPECT_TRUE(dut.digest({static_cast<std::int64_t>(peer), true}));
    }
  }
  void leave(unsigned peer) { EXPECT_TRUE(dut.digest({static_cast<std::int64_t>(peer), false})); }
  void notify(unsigned vector) { dut.notify(static_cast<vector_index>(vector)); }

  static std::uint32_t entry_offset(unsigned vector, std::uint32_t field = 0) {
    return driver::entry_offset(vector, field);
  }
  /// Refused vectors fail the test that uses them: nothing is written then.
  void program(unsigned vector, std::uint64_t address, std::uint32_t data,
               std::uint32_t control = 0) {
    EXPECT_TRUE(guest.program(vector, {address, data}));
    mask(vector, control != 0);
  }
  void mask(unsigned vector, bool on) {
    EXPECT_TRUE(on ? guest.mask(vector) : guest.unmask(vector));
  }
  std::uint32_t pba_offset() const { return bar1::pba_offset(dut.interrupts().vectors()); }
  /// The first 64 pending bits.
  std::uint64_t pba() { return read(1, pba_offset(), 8); }

  void bus_on() { guest.enable(); }
  void msix_on() { guest.set_msix(true); }
  void msix_masked() { guest.set_msix(true, true); }
  void msix_off() { guest.set_msix(false); }
};

}  // namespace ivshmem::test
