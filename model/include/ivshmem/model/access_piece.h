// SPDX-License-Identifier: Apache-2.0
#pragma once

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

}  // namespace ivshmem
