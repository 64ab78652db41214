// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace ivshmem {

/// What two devices that were compared agreed on.
struct comparison {
  std::uint64_t tlps = 0;
  std::uint64_t cycles = 0;
};

}  // namespace ivshmem
