// SPDX-License-Identifier: Apache-2.0
//
// Which properties the device refuses.
#include "ivshmem/model/properties.h"

#include "ivshmem/model/property_table.h"

namespace ivshmem {

namespace {

std::string name_of(property which) { return std::string(row_of(which).name); }

std::string value_of(property which, const device_properties& properties) {
  return row_of(which).value_text(properties);
}

/// Refuses the first property of this kind whose value its row does not take.
result<void, property_error> check_values(const device_properties& properties,
                                          parameter_kind kind) {
  for (const property_row& row : property_table) {
    // Enumerators must exist even where they mean nothing.
    const bool counts = kind == parameter_kind::choice || holds(row.variants, properties.variant);
    if (row.kind == kind && counts && !row.is_allowed(row.get(properties))) {
      return property_error{std::string(row.name), row.value_text(properties), row.rule()};
    }
  }
  return {};
}

}  // namespace

result<void, property_error> check(const device_properties& properties, std::uint64_t memory_bytes,
                                   peer_id id) {
  if (memory_bytes < min_memory_bytes || memory_bytes > max_memory_bytes ||
      (memory_bytes & (memory_bytes - 1)) != 0) {
    return property_error{"size", std::to_string(memory_bytes),
                          "must be a power of two from 4096 (4 KiB) to 8589934592 (8 GiB)"};
  }
  if (auto checked = check_values(properties, parameter_kind::choice); !checked) {
    return checked;
  }
  if (properties.has_intx() && properties.ioeventfd) {
    return property_error{name_of(property::ioeventfd), value_of(property::ioeventfd, properties),
                          "ioeventfd/irqfd requires MSI: must be off"};
  }
  if (properties.has_intx() && properties.irq_path == interrupt_path::irqfd) {
    return property_error{name_of(property::irq_path), value_of(property::irq_path, properties),
                          "ioeventfd/irqfd requires MSI: must be event_loop"};
  }
  if (auto checked = check_values(properties, parameter_kind::number); !checked) {
    return checked;
  }
  if (properties.has_peers() && properties.master == master_mode::on && to_int(id) != 0) {
    return property_error{
        name_of(property::master), value_of(property::master, properties),
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
