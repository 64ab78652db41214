// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <utility>

#include "ivshmem/model/driver.h"
#include "requests.h"

namespace ivshmem::rtl::test {

/// A driver's writes as requests to a bare core. Whoever takes them passes the cycles, so there is
/// nobody who could answer a read: it gives all ones.
class core_access final : public driver_access {
 public:
  /// BAR0 is at `bars[0]`, BAR1 at `bars[1]`.
  core_access(std::function<void(const raw_tlp&)> push, const std::array<std::uint32_t, 2>& bars)
      : push_(std::move(push)), bars_(bars) {}

  std::uint32_t read_config(std::uint32_t /*offset*/, unsigned /*bytes*/) override { return ~0U; }
  void write_config(std::uint32_t offset, unsigned bytes, std::uint32_t value) override {
    const unsigned first = offset % 4;
    push_(config_write(offset - first, value << (8 * first), ((1U << bytes) - 1U) << first));
  }
  std::uint32_t read32(unsigned /*bar*/, std::uint64_t /*offset*/) override { return ~0U; }
  void write32(unsigned bar, std::uint64_t offset, std::uint32_t value) override {
    push_(memory_write(bars_.at(bar) + static_cast<std::uint32_t>(offset), {value}));
  }

 private:
  std::function<void(const raw_tlp&)> push_;
  std::array<std::uint32_t, 2> bars_;
};

}  // namespace ivshmem::rtl::test
