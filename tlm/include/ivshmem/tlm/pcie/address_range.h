// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// The PCI Express bus.
namespace ivshmem::pcie {

/// Address range, [base, base + bytes).
struct address_range {
  std::uint64_t base = 0;
  std::uint64_t bytes = 0;

  bool contains(std::uint64_t address) const noexcept { return address - base < bytes; }
  /// Of a range that is_valid().
  std::uint64_t last() const noexcept { return base + (bytes - 1); }
  /// Neither empty nor beyond the end of the address space.
  bool is_valid() const noexcept { return bytes != 0 && last() >= base; }
};

}  // namespace ivshmem::pcie
