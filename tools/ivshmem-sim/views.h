// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <systemc>

#include "ivshmem/tlm/endpoint_view.h"
#include "ivshmem/tlm/timing.h"

#ifdef IVSHMEM_WITH_RTL
#include "ivshmem/rtl_bridge/make_endpoint.h"
#endif

namespace ivshmem::sim {

// What a node's device may be made of; the first three are the names of timing_mode, in its order.
#ifdef IVSHMEM_WITH_RTL
using rtl::view_names;
using rtl::views_allowed;
#else
inline constexpr std::array<std::string_view, 3> view_names{"functional", "tlm-lt", "tlm-cycle"};
inline constexpr const char* views_allowed = "functional, tlm-lt or tlm-cycle";
#endif

/// Timing mode of a platform with view number `view`: what is more than a mode is exact to the
/// cycle.
constexpr timing_mode mode_of(unsigned view) noexcept {
  return static_cast<timing_mode>(view < 2 ? view : 2);
}

/// Whether there is more to a device than the model: RTL has no hypervisor around it.
constexpr bool is_rtl(unsigned view) noexcept { return view > 2; }

/// An empty place for a device, seen as `view`.
std::unique_ptr<endpoint_view> make_view(std::string_view view, const char* name,
                                         const device_timing& timing);

/// What the two sides of lockstep places agreed on.
struct lockstep_sum {
  std::uint64_t tlps = 0;
  std::uint64_t cycles = 0;
};
/// Ends the comparison in `place` and adds to `sum`; a difference is reported as SC_ERROR. Nothing
/// happens where the view is another one.
void finish_lockstep(endpoint_view& place, lockstep_sum& sum);

}  // namespace ivshmem::sim
