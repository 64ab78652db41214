// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace ivshmem {

/// Bytes that back BAR2. Not owned.
struct memory_view {
  std::uint8_t* data = nullptr;
  std::uint64_t bytes = 0;
};

}  // namespace ivshmem
