// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <string_view>
#include <systemc>

#include "ivshmem/tlm/endpoint_view.h"
#include "ivshmem/tlm/timing.h"

namespace ivshmem::rtl {

/// How a platform may see the device, by the names that scenarios and command lines use.
inline constexpr std::array<std::string_view, 5> view_names{"functional", "tlm-lt", "tlm-cycle",
                                                            "rtl", "lockstep"};
inline constexpr const char* views_allowed = "functional, tlm-lt, tlm-cycle, rtl or lockstep";

/// Timing mode that the rest of a platform needs for `view`: functional for a name that is not in
/// view_names.
timing_mode mode_of(std::string_view view) noexcept;

/// An empty place for a device. `view` is in view_names, else nullptr. The RTL works in any
/// timing.mode; lockstep is tlm_cycle, and the others set it to their own.
std::unique_ptr<endpoint_view> make_endpoint(std::string_view view, const char* name,
                                             device_timing timing);

}  // namespace ivshmem::rtl
