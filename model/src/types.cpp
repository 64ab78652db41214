// SPDX-License-Identifier: Apache-2.0
//
// The names of enumerators, for people.
#include "ivshmem/model/types.h"

namespace ivshmem {

const char* to_string(drop_cause cause) noexcept {
  switch (cause) {
    case drop_cause::no_such_peer:
      return "no_such_peer";
    case drop_cause::peer_left:
      return "peer_left";
    case drop_cause::no_such_vector:
      return "no_such_vector";
    case drop_cause::no_interrupts:
      return "no_interrupts";
    case drop_cause::msix_disabled:
      return "msix_disabled";
    case drop_cause::bus_master_off:
      return "bus_master_off";
  }
  return "unknown";
}

const char* to_string(device_variant variant) noexcept {
  const auto index = static_cast<std::size_t>(variant);
  return index < variant_names.size() ? variant_names[index].data() : "unknown";
}

}  // namespace ivshmem
