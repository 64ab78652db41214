// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "ivshmem/model/type1.h"
#include "ivshmem/tlm/pcie/tlp.h"

namespace ivshmem::pcie {

/// Device/port types of the PCI Express capability that have a type 1 header [PCIe 7.5.3.2].
enum class bridge_kind : std::uint8_t {
  root_port = 4,
  switch_upstream = 5,
  switch_downstream = 6,
  pci_bridge = 7,  ///< PCI Express to PCI
};

/// What a bridge shows in its configuration space; the default is QEMU's pcie-root-port.
struct bridge_config {
  bridge_kind kind = bridge_kind::root_port;
  std::uint16_t vendor_id = 0x1b36;
  std::uint16_t device_id = 0x000c;
};

/// The type 1 configuration space of a bridge, and the routing decisions that follow from it: bus
/// numbers, memory and prefetchable memory window, bus mastering, secondary bus reset
/// [PCIe 7.5.1.3]. No ports and no time.
class bridge_function {
 public:
  explicit bridge_function(const bridge_config& config);

  std::uint32_t read(std::uint32_t offset, unsigned bytes) const noexcept;
  void write(std::uint32_t offset, unsigned bytes, std::uint32_t value) noexcept;
  void reset() noexcept;

  unsigned secondary_bus() const noexcept { return bytes_[type1::secondary_bus.offset]; }
  unsigned subordinate_bus() const noexcept { return bytes_[type1::subordinate_bus.offset]; }
  /// Whether bus `number` is behind this bridge.
  bool has_bus(unsigned number) const noexcept {
    return secondary_bus() != 0 && number >= secondary_bus() && number <= subordinate_bus();
  }
  /// Whether a memory request from upstream at `address` is for below.
  bool forwards_down(std::uint64_t address) const noexcept;
  /// The same for all of [first, last].
  bool forwards_down(std::uint64_t first, std::uint64_t last) const noexcept;
  /// Whether a type 1 configuration request for `target` goes below. `type` becomes type 0 when it
  /// is for the secondary bus, where only device 0 exists [PCIe 7.3.1].
  bool converts_type(bdf target, tlp_type& type) const noexcept;
  /// Whether requests from below may go up (COMMAND.MASTER).
  bool forwards_up() const noexcept {
    return (bytes_[type1::command.offset] & cfg::command_master) != 0;
  }
  bool secondary_in_reset() const noexcept {
    return (bytes_[type1::bridge_control.offset] & type1::control_secondary_reset) != 0;
  }

 private:
  std::uint64_t value_of(const reg_desc& reg) const noexcept;

  using image = std::array<std::uint8_t, cfg::size_bytes>;
  image bytes_{};
  image reset_{};
  image write_mask_{};
  std::array<std::uint64_t, 4> windows_{1, 0, 1, 0};  // first, last of memory and prefetchable
  void derive() noexcept;
};

}  // namespace ivshmem::pcie
