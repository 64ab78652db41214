// SPDX-License-Identifier: Apache-2.0
//
// The views of a device that this library has.
#include "ivshmem/rtl_bridge/views.h"

#include "ivshmem/rtl_bridge/lockstep_device.h"
#include "ivshmem/rtl_bridge/rtl_device.h"
#include "ivshmem/tlm/device_view.h"

namespace ivshmem::rtl {

void add_views() noexcept {
  add_view(device_view::rtl,
           [](const char* name, const timing_config& timing) -> std::unique_ptr<device_place> {
             return std::make_unique<rtl_device>(name, timing);
           });
  add_view(device_view::lockstep,
           [](const char* name, const timing_config& timing) -> std::unique_ptr<device_place> {
             return std::make_unique<lockstep_device>(name, timing);
           });
}

}  // namespace ivshmem::rtl
