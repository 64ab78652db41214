// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "ivshmem/model/driver.h"
#include "ivshmem/model/regmap.h"
#include "ivshmem/tlm/pcie/tlp.h"

namespace ivshmem::test {

using pcie::tlp_type;

// The traffic that the RTL's benchmark measures with.

inline constexpr std::uint64_t memory_bytes = 1U << 20U;
inline constexpr std::uint32_t bar0_at = 0xfe00'0000;
inline constexpr std::uint32_t bar1_at = 0xfe00'1000;
inline constexpr std::uint64_t bar2_at = 0x1'0000'0000;
inline constexpr unsigned idle_cycles = 1000;

struct access {
  tlp_type type;
  std::uint64_t address;
  unsigned bytes;
  std::uint32_t value = 0;  // first four bytes of a write
};
using batch = std::vector<access>;

/// 64 TLPs: shared memory of 1 to 16 dwords both ways, registers, doorbells, table.
inline batch mixed() {
  batch all;
  std::uint32_t state = 1;
  const auto random = [&state](std::uint32_t range) {
    state = state * 1664525U + 1013904223U;
    return (state >> 8U) % range;
  };
  for (unsigned i = 0; i < 64; ++i) {
    const std::uint64_t memory = bar2_at + std::uint64_t{random(4096)} * 64;
    const unsigned bytes = 4 * (1 + random(16));
    switch (random(8)) {
      case 0:
        all.push_back({tlp_type::memory_read, bar0_at + bar0::iv_position.offset, 4});
        break;
      case 1:
        all.push_back({tlp_type::memory_write, bar0_at + bar0::doorbell.offset, 4, 0x0001'0000});
        break;
      case 2:
        all.push_back({tlp_type::memory_read, bar1_at, 4});
        break;
      case 3:
      case 4:
        all.push_back({tlp_type::memory_read, memory, bytes});
        break;
      default:
        all.push_back({tlp_type::memory_write, memory, bytes});
    }
  }
  all.push_back({tlp_type::memory_read, bar0_at, 4});
  return all;
}

inline batch registers() {
  return batch(64, {tlp_type::memory_read, bar0_at + bar0::iv_position.offset, 4});
}

inline batch blocks() {
  batch all;
  for (unsigned i = 0; i < 8; ++i) {
    all.push_back({tlp_type::memory_read, bar2_at + std::uint64_t{4096} * i, 4096});
  }
  return all;
}

inline batch one_register() { return batch(1, registers().front()); }

/// The configuration writes of a driver.
struct recorded_writes final : driver_access {
  batch writes;
  std::uint32_t read_config(std::uint32_t /*offset*/, unsigned /*bytes*/) override { return ~0U; }
  void write_config(std::uint32_t offset, unsigned bytes, std::uint32_t value) override {
    writes.push_back({tlp_type::config_write_0, offset, bytes, value});
  }
  std::uint32_t read32(unsigned /*bar*/, std::uint64_t /*offset*/) override { return ~0U; }
  void write32(unsigned /*bar*/, std::uint64_t /*offset*/, std::uint32_t /*value*/) override {}
};

inline batch bring_up() {
  recorded_writes access;
  driver device(access, 1);
  device.place_bar(0, bar0_at);
  device.place_bar(1, bar1_at);
  device.place_bar(2, bar2_at);
  device.enable();
  return access.writes;
}

}  // namespace ivshmem::test
