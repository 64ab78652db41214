// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "ivshmem/model/mix.h"

namespace ivshmem::sim {

/// Numbers that depend on the seed only.
class random_numbers {
 public:
  explicit random_numbers(std::uint64_t seed) noexcept : state_(seed) {}
  std::uint64_t next() noexcept { return mix(state_++); }
  /// 0 to `bound` - 1.
  std::uint64_t below(std::uint64_t bound) noexcept { return next() % bound; }

 private:
  std::uint64_t state_;
};

/// Word number `word` of the pattern `seed`: any block can be made alone.
constexpr std::uint64_t pattern_word(std::uint64_t seed, std::uint64_t word) noexcept {
  return mix(seed ^ (word * 0xd6e8'feb8'6659'fd93));
}

/// Writes words `first_word`.. of the pattern to `to`; `bytes` is a multiple of 8.
inline void make_pattern(std::uint64_t seed, std::uint64_t first_word, std::uint8_t* to,
                         std::size_t bytes) noexcept {
  for (std::size_t at = 0; at < bytes; at += 8) {
    const std::uint64_t word = pattern_word(seed, first_word + at / 8);
    std::memcpy(to + at, &word, sizeof word);
  }
}

}  // namespace ivshmem::sim
