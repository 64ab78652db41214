// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <random>

namespace ivshmem::conformance {

/// Seeded random numbers, the same on every platform: the standard fixes the engine but not its
/// distributions, so these are here.
class dice {
 public:
  explicit dice(std::uint64_t seed) : engine_(seed) {}

  /// 0 to `end` - 1. `end` is small against 2^64, so the remainder is fair enough.
  std::uint64_t below(std::uint64_t end) { return engine_() % end; }
  unsigned index(std::size_t end) { return static_cast<unsigned>(below(end)); }
  bool one_in(std::uint64_t times) { return below(times) == 0; }
  std::uint64_t bits(unsigned count) { return count == 0 ? 0 : engine_() >> (64 - count); }
  template <class T>
  T pick(std::initializer_list<T> values) {
    return *std::next(values.begin(), static_cast<std::ptrdiff_t>(below(values.size())));
  }
  template <class Container>
  const auto& any_of(const Container& values) {
    return *std::next(values.begin(), static_cast<std::ptrdiff_t>(below(values.size())));
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace ivshmem::conformance
