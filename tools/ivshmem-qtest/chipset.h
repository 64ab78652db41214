// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace ivshmem::qtest {

/// A base address register of a chipset function: only its size and kind are known.
struct chipset_region {
  unsigned bar;
  bool io;
  std::uint64_t bytes;
};

/// A function of bus 0 that belongs to the machine: its header reads as QEMU's does after reset,
/// nothing can be written, and everything from offset 0x40 on reads as zero.
struct chipset_function {
  unsigned device;
  unsigned function;
  const char* driver;       ///< name in QEMU's messages
  const char* description;  ///< of its class
  std::array<std::uint32_t, 16> header;
  std::vector<chipset_region> regions;
};

/// Host bridge, ISA bridge and what else stands on bus 0 of the machine without any option.
class chipset {
 public:
  explicit chipset(bool q35);

  const std::vector<chipset_function>& functions() const noexcept { return functions_; }
  const chipset_function* find(unsigned device, unsigned function) const noexcept;
  bool has_device(unsigned device) const noexcept;

  /// Aligned 32-bit register of a function in functions().
  std::uint32_t read(const chipset_function& function, std::uint32_t offset) const noexcept;
  /// Only the host bridge's PCIEXBAR (q35, offset 0x60, 64 bits) takes anything.
  void write(const chipset_function& function, std::uint32_t offset, unsigned bytes,
             std::uint32_t value) noexcept;
  void reset() noexcept { pciexbar_ = pciexbar_reset; }

  bool ecam_enabled() const noexcept { return q35_ && (pciexbar_ & 1U) != 0; }
  std::uint64_t ecam_base() const noexcept;
  std::uint64_t ecam_bytes() const noexcept;

 private:
  static constexpr std::uint64_t pciexbar_reset = 0xb000'0000;

  bool q35_;
  std::vector<chipset_function> functions_;
  std::uint64_t pciexbar_ = pciexbar_reset;
};

}  // namespace ivshmem::qtest
