// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "ivshmem/model/regmap.h"
#include "ivshmem/model/result.h"
#include "ivshmem/model/timing.h"

namespace ivshmem {

/// What decides the contents of the configuration space.
struct config_space_layout {
  device_variant variant = device_variant::plain;
  unsigned msix_vectors = 0;                 ///< 0: no MSI-X capability and no BAR1
  std::uint64_t memory_bytes = 1ULL << 20U;  ///< size of BAR2, a power of two
  bool express = false;                      ///< adds a PCI Express capability
  /// What the bus and the device can do at most: 128 to 4096, a power of two.
  unsigned max_payload_bytes = timing::default_max_payload_bytes;
};

/// A base address register as software programmed it.
struct bar_window {
  std::uint64_t base = 0;  ///< first address
  std::uint64_t last = 0;  ///< last address, inclusive
  bool mapped = false;     ///< decoded now; `base` and `last` mean nothing while it is not

  bool contains(std::uint64_t address) const noexcept {
    return mapped && address >= base && address <= last;
  }
};

/// Where a saved image does not fit: its first byte whose read-only bits differ.
struct config_mismatch {
  std::uint32_t offset;
};

/// The 256 bytes (4 KiB with `express`) of configuration space, byte for byte as the real device
/// shows them [behaviour 1].
///
/// Writes work byte by byte through a mask; there is no other rule. Everything that the device
/// needs on an access path (windows, enables) is derived once per write.
class config_space {
 public:
  static constexpr unsigned bar_count = 3;

  explicit config_space(const config_space_layout& layout);

  /// Reads `bytes` (1, 2 or 4) bytes. Offsets past the space read as ones [behaviour 1].
  std::uint32_t read(std::uint32_t offset, unsigned bytes) const noexcept;
  /// Writes `bytes` (1, 2 or 4) bytes; read-only bits and offsets past the space ignore it.
  void write(std::uint32_t offset, unsigned bytes, std::uint32_t value) noexcept;

  /// Machine reset or secondary bus reset; scratch bytes survive [behaviour 6].
  void reset() noexcept;
  /// Mirrors the INTx wire into the Status register [PCI 3.0 6.2.3].
  void set_interrupt_status(bool asserted) noexcept;

  const bar_window& bar(unsigned index) const noexcept { return windows_[index]; }
  std::uint64_t bar_bytes(unsigned index) const noexcept { return bar_bytes_[index]; }
  /// Counts the changes of any window: a cheap way to know that a cached address is stale.
  std::uint32_t window_changes() const noexcept { return window_changes_; }

  bool bus_master() const noexcept { return bus_master_; }
  bool intx_disabled() const noexcept { return intx_disabled_; }
  bool msix_enabled() const noexcept { return msix_enabled_; }
  /// True while no vector can send: MSI-X disabled or the function mask set.
  bool function_masked() const noexcept { return function_masked_; }
  /// Longest payload that the device may send or be sent: that of the layout, or what Device
  /// Control says if that is less [PCIe 2.2.2].
  unsigned max_payload_bytes() const noexcept { return max_payload_bytes_; }

  using image = std::array<std::uint8_t, cfg::size_bytes>;
  const image& bytes() const noexcept { return bytes_; }
  /// Takes over a saved image, or changes nothing [vmstate: "Bad config data"].
  result<void, config_mismatch> restore(const image& saved) noexcept;

 private:
  void put(const reg_desc& reg, std::uint64_t value) noexcept;
  void writable(const reg_desc& reg, std::uint64_t mask) noexcept;
  /// A read-only capability of `bytes` bytes at `at`; `pointer` is the byte that points to it.
  void add_capability(std::uint32_t at, std::uint8_t id, std::uint32_t bytes,
                      std::uint32_t pointer) noexcept;
  void add_msix_capability(unsigned vectors) noexcept;
  void add_express_capability(std::uint32_t pointer) noexcept;
  void derive() noexcept;
  bar_window window(unsigned index) const noexcept;

  image bytes_{};
  image write_mask_{};
  std::array<std::uint64_t, bar_count> bar_bytes_{};
  std::array<bar_window, bar_count> windows_{};
  std::uint32_t window_changes_ = 0;
  bool express_;
  bool has_msix_;
  unsigned most_payload_bytes_;
  unsigned max_payload_bytes_;
  bool bus_master_ = false;
  bool intx_disabled_ = false;
  bool msix_enabled_ = false;
  bool function_masked_ = true;
};

}  // namespace ivshmem
