// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "ivshmem/model/config_space.h"
#include "ivshmem/tlm/pcie/tlp.h"

namespace ivshmem {

/// Which BAR takes a memory request, and where in it the request begins.
struct bar_hit {
  unsigned bar;
  std::uint64_t offset;
};

/// Which BAR an address is in; false: none.
inline bool find_bar(const config_space& config, std::uint64_t address, bar_hit& hit) noexcept {
  for (unsigned bar = 0; bar < config_space::bar_count; ++bar) {
    const bar_window& window = config.bar(bar);
    if (window.contains(address)) {
      hit = {bar, address - window.base};
      return true;
    }
  }
  return false;
}

/// Which BAR takes a request as a whole; false: none does, or it is no memory request. `header` is
/// that of `trans`.
inline bool find_request(const config_space& config, const pcie::payload& trans,
                         const pcie::tlp& header, bar_hit& hit) noexcept {
  if (!header.is_memory() || !find_bar(config, trans.get_address(), hit)) {
    return false;
  }
  const std::uint64_t bytes = trans.get_data_length();
  return bytes == 0 || bytes - 1 <= config.bar(hit.bar).last - trans.get_address();
}

}  // namespace ivshmem
