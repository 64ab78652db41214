// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace ivshmem::pcie {

/// Address range, [base, base + bytes).
struct address_range {
  std::uint64_t base = 0;
  std::uint64_t bytes = 0;

  bool contains(std::uint64_t address) const noexcept { return address - base < bytes; }
};

}  // namespace ivshmem::pcie
