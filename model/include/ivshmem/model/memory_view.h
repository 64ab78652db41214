// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace ivshmem {

/// Bytes that back BAR2. Not owned.
struct memory_view {
  std::uint8_t* data = nullptr;
  std::uint64_t bytes = 0;
};

/// Copies between BAR2 and a buffer. 1, 2, 4 or 8 bytes are one access of memory, so that another
/// process never sees half of them.
inline void copy_bytes(std::uint8_t* to, const std::uint8_t* from, std::size_t bytes) noexcept {
  switch (bytes) {
    case 1:
      *to = *from;
      break;
    case 2:
      std::memcpy(to, from, 2);
      break;
    case 4:
      std::memcpy(to, from, 4);
      break;
    case 8:
      std::memcpy(to, from, 8);
      break;
    default:
      std::memcpy(to, from, bytes);
  }
}

}  // namespace ivshmem
