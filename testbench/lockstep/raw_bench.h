// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "ivshmem/model/regmap.h"
#include "ivshmem/rtl_bridge/core_driver.h"
#include "ivshmem/rtl_bridge/tlp_names.h"

namespace ivshmem::rtl::test {

inline constexpr std::uint32_t window = 0x9000'0000;

/// A memory whose bytes from `broken_from` to `broken_to` (exclusive) can be neither read nor
/// written.
struct breaking_memory final : axi_memory {
  std::array<std::uint8_t, 4096> bytes{};
  std::uint64_t broken_from = 4096;
  std::uint64_t broken_to = 4096;
  unsigned writes = 0;

  axi_response read(std::uint64_t address, std::uint8_t* data, unsigned count) override {
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(address), count, data);
    const bool broken = address + count > broken_from && address < broken_to;
    return broken ? axi_response::slave_error : axi_response::okay;
  }
  axi_response write(std::uint64_t address, const std::uint8_t* data, std::uint32_t strobes,
                     unsigned count) override {
    writes += strobes != 0 ? 1 : 0;
    if (address + count > broken_from && address < broken_to) {
      return axi_response::slave_error;
    }
    for (unsigned i = 0; i < count; ++i) {
      if ((strobes >> i & 1U) != 0) {
        bytes[address + i] = data[i];
      }
    }
    return axi_response::okay;
  }
};

/// The core by itself, at memory that may break: what no generic payload can express.
struct RawRequest : testing::TestWithParam<unsigned> {
  breaking_memory memory;
  core_driver driver{configuration(), memory};
  std::vector<raw_tlp> completions;
  unsigned malformed = 0;
  unsigned voided = 0;
  unsigned doorbells = 0;
  unsigned unsupported = 0;
  unsigned poisoned = 0;
  unsigned memory_errors = 0;

  static core_driver_config configuration() {
    core_driver_config made;
    made.core.data_width = GetParam();
    made.core.max_payload_log2 = 10;
    made.core.flush = true;
    made.checked = false;
    return made;
  }

  void SetUp() override {
    send(config_write(cfg::bar2_reg.offset, window));
    send(config_write(cfg::command.offset, cfg::command_memory));
    run();
    completions.clear();
  }
  static raw_tlp config_write(std::uint32_t offset, std::uint32_t value) {
    return {{0x4400'0001U, 0xfU, offset, 0}, {value}};
  }
  static raw_tlp read(std::uint32_t address, unsigned dwords) {
    return {{dwords & 0x3ffU, 0x0100'05ffU, address, 0}, {}};
  }
  /// `dwords` in the header, and `sent` of them behind it.
  static raw_tlp write(std::uint32_t address, unsigned dwords, unsigned sent) {
    raw_tlp made{{0x4000'0000U | dwords, 0x0100'00ffU, address, 0}, {}};
    for (unsigned i = 0; i < sent; ++i) {
      made.payload.push_back(0x1111'1111U * (1 + i % 15));
    }
    return made;
  }
  void send(const raw_tlp& tlp) { driver.requests().push(tlp, driver.cycle()); }
  void run() {
    constexpr unsigned enough = 3000;
    for (unsigned i = 0; i < enough; ++i) {
      const driver_outputs& seen = driver.look();
      if (seen.completion != nullptr) {
        completions.push_back(*seen.completion);
      }
      malformed += seen.malformed ? 1 : 0;
      doorbells += seen.doorbell.valid ? 1 : 0;
      unsupported += seen.unsupported ? 1 : 0;
      poisoned += seen.poisoned ? 1 : 0;
      memory_errors += seen.memory_error ? 1 : 0;
      const tlp_beat& beat = driver.core().out().completion;
      voided += beat.valid && beat.last && beat.nullified ? 1 : 0;
      driver.finish();
    }
    EXPECT_TRUE(driver.idle());
    EXPECT_EQ(driver.core().failed_assertions(), 0u);
  }
  std::uint32_t word(std::size_t offset) const {
    std::uint32_t value = 0;
    std::memcpy(&value, memory.bytes.data() + offset, sizeof value);
    return value;
  }
  /// A read works as if nothing had been.
  void expect_alive() {
    memory.broken_from = 4096;
    completions.clear();
    send(read(window, 1 + 1));
    run();
    ASSERT_EQ(completions.size(), 1u);
    EXPECT_EQ(completion_of(completions[0].header).status, pcie::completion_status::successful);
    EXPECT_EQ(completions[0].payload.size(), 2u);
  }
};

}  // namespace ivshmem::rtl::test
