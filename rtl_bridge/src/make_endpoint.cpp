// SPDX-License-Identifier: Apache-2.0
#include "ivshmem/rtl_bridge/make_endpoint.h"

#include <algorithm>

#include "ivshmem/rtl_bridge/lockstep_device.h"
#include "ivshmem/rtl_bridge/rtl_device.h"
#include "ivshmem/tlm/endpoint.h"

namespace ivshmem::rtl {

timing_mode mode_of(std::string_view view) noexcept {
  const auto* const found = std::find(view_names.begin(), view_names.end(), view);
  const auto index = static_cast<std::size_t>(found - view_names.begin());
  if (index == view_names.size()) {
    return timing_mode::functional;
  }
  // What comes after the modes works in all of them, and is exact in the last.
  return static_cast<timing_mode>(std::min<std::size_t>(index, 2));
}

std::unique_ptr<endpoint_view> make_endpoint(std::string_view view, const char* name,
                                             device_timing timing) {
  if (view == "rtl") {
    return std::make_unique<rtl_device>(name, timing);
  }
  if (view == "lockstep") {
    timing.mode = timing_mode::tlm_cycle;
    return std::make_unique<lockstep_device>(name, timing);
  }
  if (std::find(view_names.begin(), view_names.end(), view) == view_names.end()) {
    return nullptr;
  }
  timing.mode = mode_of(view);
  return std::make_unique<endpoint>(name, timing);
}

}  // namespace ivshmem::rtl
