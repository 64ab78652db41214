// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string_view>

#include "ivshmem/model/timing.h"

namespace ivshmem::test {

/// Cycles of a row of docs/timing.md, by its first column.
inline unsigned row(std::string_view event) {
  for (const timing::row& one : timing::rows) {
    if (one.event == event) {
      return one.cycles;
    }
  }
  ADD_FAILURE() << "no such row: " << event;
  return 0;
}

}  // namespace ivshmem::test
