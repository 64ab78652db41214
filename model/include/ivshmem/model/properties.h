// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "ivshmem/model/qemu_version.h"
#include "ivshmem/model/result.h"
#include "ivshmem/model/types.h"

namespace ivshmem {

/// Whether the device may be saved and migrated: `on`, `off`, or on exactly when its ID is 0.
enum class master_mode : std::uint8_t { off, on, automatic };

/// Properties with the real device's names and defaults [ivshmem.c:ivshmem_doorbell_properties].
struct device_properties {
  device_variant variant = device_variant::plain;
  std::uint32_t vectors = 1;  ///< 1 to 2,048; plain devices have none whatever stands here
  bool ioeventfd = true;      ///< match whole doorbell values before the decoder; needs MSI-X
  bool msi = true;            ///< legacy only: MSI-X (true) or INTx (false)
  master_mode master = master_mode::off;
  bool express = false;      ///< PCI Express capability, for platforms that insist on one
  bool hot_plugged = false;  ///< COMMAND keeps its realize value 3 until a reset [behaviour 1]
  interrupt_path irq_path = interrupt_path::event_loop;
  qemu_version qemu = qemu_version::v7_2;  ///< followed where a guest sees a difference

  bool has_msix() const noexcept {
    return variant == device_variant::doorbell || (variant == device_variant::legacy && msi);
  }
  bool has_intx() const noexcept { return variant == device_variant::legacy && !msi; }
  bool has_peers() const noexcept { return variant != device_variant::plain; }
};

/// One refused property: which, what it was, and what it must be.
struct property_error {
  std::string property;
  std::string value;
  std::string rule;

  std::string text() const { return property + " = " + value + ": " + rule; }
};

/// Fails with the first property or combination that the device refuses.
/// `memory_bytes` is the size of the shared memory, `id` what the server assigned.
result<void, property_error> check(const device_properties& properties, std::uint64_t memory_bytes,
                                   peer_id id);

/// Whether `properties` make a device with `id` migratable [ivshmem.c:ivshmem_common_realize].
bool is_master(const device_properties& properties, peer_id id) noexcept;

}  // namespace ivshmem
