// SPDX-License-Identifier: Apache-2.0
//
// Which properties the device refuses.
#include "ivshmem/model/properties.h"

namespace ivshmem {

result<void, property_error> check(const device_properties& properties, std::uint64_t memory_bytes,
                                   peer_id id) {
  if (memory_bytes < min_memory_bytes || memory_bytes > max_memory_bytes ||
      (memory_bytes & (memory_bytes - 1)) != 0) {
    return property_error{"size", std::to_string(memory_bytes),
                          "must be a power of two from 4096 (4 KiB) to 8589934592 (8 GiB)"};
  }
  if (properties.variant == device_variant::legacy && !properties.msi && properties.ioeventfd) {
    return property_error{"ioeventfd", "on", "ioeventfd/irqfd requires MSI: must be off"};
  }
  if (properties.has_intx() && properties.irq_path == interrupt_path::irqfd) {
    return property_error{"irq_path", "irqfd", "ioeventfd/irqfd requires MSI: must be event_loop"};
  }
  if (properties.has_peers() && (properties.vectors == 0 || properties.vectors > max_vectors)) {
    return property_error{
        "vectors", std::to_string(properties.vectors),
        "The number of MSI-X vectors is invalid: must be from 1 to " + std::to_string(max_vectors)};
  }
  if (properties.has_peers() && properties.master == master_mode::on && to_int(id) != 0) {
    return property_error{
        "master", "on",
        "master must connect to the server before any peers: needs ID 0, this is ID " +
            std::to_string(to_int(id))};
  }
  return {};
}

bool is_master(const device_properties& properties, peer_id id) noexcept {
  if (properties.master == master_mode::automatic) {
    return to_int(id) == 0;
  }
  return properties.master == master_mode::on;
}

}  // namespace ivshmem
