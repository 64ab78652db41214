// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace ivshmem {

/// What became of an interrupt cause: a notification, or a pending vector that may go. The values
/// are those of the RTL's evt_kind_o, which has them from here.
enum class interrupt_event : std::uint8_t {
  sent,                ///< as a message
  pended,              ///< masked: the pending bit was set
  merged,              ///< masked: the pending bit was set already
  lost_msix_disabled,  ///< MSI-X is off
  lost_master_off,     ///< COMMAND forbids the message
  lost_no_vector,      ///< the device has no such vector
};

/// Names of the events; the index is the event.
inline constexpr std::array<std::string_view, 6> interrupt_event_names{
    "sent", "pended", "merged", "lost_msix_disabled", "lost_master_off", "lost_no_vector"};

static_assert(interrupt_event_names.size() ==
              static_cast<std::size_t>(interrupt_event::lost_no_vector) + 1);

}  // namespace ivshmem
