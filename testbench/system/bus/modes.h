// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "ivshmem/tlm/timing.h"

namespace ivshmem::test {

/// A test that runs once in each timing mode.
using ModeTest = testing::TestWithParam<timing_mode>;

inline std::string mode_name(timing_mode mode) {
  const std::array<const char*, 3> names{"Functional", "TlmLt", "TlmCycle"};
  return names[static_cast<std::size_t>(mode)];
}

}  // namespace ivshmem::test

#define INSTANTIATE_MODES(Suite)                                                      \
  INSTANTIATE_TEST_SUITE_P(                                                           \
      All, Suite,                                                                     \
      testing::Values(ivshmem::timing_mode::functional, ivshmem::timing_mode::tlm_lt, \
                      ivshmem::timing_mode::tlm_cycle),                               \
      [](const auto& one) { return ivshmem::test::mode_name(one.param); })
