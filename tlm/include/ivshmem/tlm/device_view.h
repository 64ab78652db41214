// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ivshmem/tlm/device_place.h"
#include "ivshmem/tlm/timing.h"

namespace ivshmem {

/// Every view, in the order of the enumeration.
inline constexpr std::array device_views{device_view::functional, device_view::tlm_lt,
                                         device_view::tlm_cycle, device_view::rtl,
                                         device_view::lockstep};

/// The name that scenarios and command lines use: `functional`, `tlm-lt`, `tlm-cycle`, `rtl`,
/// `lockstep`.
const char* to_string(device_view view) noexcept;
/// The view of that name, whether this program has it or not.
std::optional<device_view> parse_device_view(std::string_view name) noexcept;

/// Timing mode that the rest of a platform needs for `view`.
timing_mode mode_of(device_view view) noexcept;
/// Whether the device is the model alone, so that it has all of its properties and snapshots.
constexpr bool is_model(device_view view) noexcept { return view <= device_view::tlm_cycle; }

/// Makes an empty place. The three views of the model are always there; the library that has
/// others adds them, see rtl::add_views().
using place_maker = std::unique_ptr<device_place> (*)(const char* name,
                                                      const timing_config& timing);
void add_view(device_view view, place_maker maker) noexcept;
bool is_available(device_view view) noexcept;
/// `functional, tlm-lt or tlm-cycle`: the views that are available, for messages.
std::string available_views();

/// An empty place for a device; nullptr: the view is not available. A view of the model sets
/// timing.mode to its own, lockstep to tlm_cycle; the RTL works in any.
std::unique_ptr<device_place> make_place(device_view view, const char* name, timing_config timing);
/// The same with a device in it: see device_place::insert(). Errors are reported as SC_ERROR, a
/// view that is not available among them; where reports are only displayed, the place may then be
/// of another view, and empty.
std::unique_ptr<device_place> make_place(device_view view, const char* name,
                                         const device_properties& properties, memory_view memory,
                                         const timing_config& timing = {});
std::unique_ptr<device_place> make_place(device_view view, const char* name,
                                         const device_properties& properties, fabric_seat& seat,
                                         const timing_config& timing = {});

}  // namespace ivshmem
