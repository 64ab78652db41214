// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace ivshmem {

/// Bytes of the longest piece at `offset` that is a power of two, aligned, and at most `left` and
/// `most` (a power of two): how the real device's memory core cuts an access [behaviour 2].
constexpr unsigned piece_bytes(std::uint64_t offset, std::uint64_t left, unsigned most) noexcept {
  unsigned bytes = most;
  while (bytes > left || offset % bytes != 0) {
    bytes /= 2;
  }
  return bytes;
}

/// How many of `bytes` bytes from `offset` on are in a BAR of `size` bytes.
constexpr std::size_t bytes_inside(std::uint64_t size, std::uint64_t offset,
                                   std::size_t bytes) noexcept {
  return offset >= size ? 0
                        : static_cast<std::size_t>(std::min<std::uint64_t>(bytes, size - offset));
}

}  // namespace ivshmem
