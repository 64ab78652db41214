// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "ivshmem/model/peer_table.h"
#include "ivshmem/model/properties.h"

namespace ivshmem {

/// What a write of the Doorbell register means: whom it rings, or why nobody.
struct doorbell_target {
  peer_id peer{};             ///< value bits 31:16
  vector_index vector{};      ///< value bits 15:0 by ioeventfd, else 7:0
  bool by_ioeventfd = false;  ///< rung by the host, before the device's own decoder sees the value
  bool rings = false;         ///< `peer` has `vector`
  drop_cause cause = drop_cause::no_interrupts;  ///< unless it rings
};

/// Decodes `value` [behaviour 4]. `whole_word`: one aligned write of four bytes, which is what an
/// ioeventfd matches.
doorbell_target resolve_doorbell(std::uint32_t value, bool whole_word, const peer_table& peers,
                                 const device_properties& properties) noexcept;

}  // namespace ivshmem
