// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "ivshmem/rtl_bridge/tlp_names.h"

namespace ivshmem::rtl::test {

/// Requests as tests write them down.
inline raw_tlp memory_read(std::uint32_t address, unsigned dwords, unsigned tag = 0,
                           unsigned first = 0xf, unsigned last = 0xf) {
  return {{dwords & 0x3ffU, 0x0100'0000U | tag << 8U | (dwords == 1 ? 0 : last) << 4U | first,
           address, 0},
          {}};
}

inline raw_tlp memory_write(std::uint32_t address, std::vector<std::uint32_t> data,
                            unsigned first = 0xf, unsigned last = 0xf) {
  const auto dwords = static_cast<unsigned>(data.size());
  return {{0x4000'0000U | (dwords & 0x3ffU), 0x0100'0000U | (dwords == 1 ? 0 : last) << 4U | first,
           address, 0},
          std::move(data)};
}

inline raw_tlp config_read(std::uint32_t offset, unsigned tag = 0) {
  return {{0x0400'0001U, 0x0000'000fU | tag << 8U, offset, 0}, {}};
}

inline raw_tlp config_write(std::uint32_t offset, std::uint32_t value, unsigned enables = 0xf) {
  return {{0x4400'0001U, enables, offset, 0}, {value}};
}

}  // namespace ivshmem::rtl::test
