// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace ivshmem {

/// Finaliser of SplitMix64: every bit of `value` changes half of the bits of the result, so
/// neighbours have nothing in common. For reproducible pseudo-random sequences.
constexpr std::uint64_t mix(std::uint64_t value) noexcept {
  value += 0x9e37'79b9'7f4a'7c15U;
  value = (value ^ (value >> 30U)) * 0xbf58'476d'1ce4'e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d0'49bb'1331'11ebU;
  return value ^ (value >> 31U);
}

}  // namespace ivshmem
