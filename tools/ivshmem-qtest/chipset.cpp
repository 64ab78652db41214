// SPDX-License-Identifier: Apache-2.0
//
// What of a PC chipset clients of the device touch.
#include "chipset.h"

#include <algorithm>

namespace ivshmem::qtest {

namespace {

constexpr std::uint32_t pciexbar_offset = 0x60;
constexpr std::uint32_t subsystem = 0x1100'1af4;

/// Headers as measured on QEMU 7.2 after reset.
std::vector<chipset_function> pc_functions() {
  return {
      {0,
       0,
       "i440FX",
       "Host bridge",
       {0x1237'8086, 0, 0x0600'0002, 0, 0, 0, 0, 0, 0, 0, 0, subsystem},
       {}},
      {1,
       0,
       "PIIX3",
       "ISA bridge",
       {0x7000'8086, 0x0200'0000, 0x0601'0000, 0x0080'0000, 0, 0, 0, 0, 0, 0, 0, subsystem},
       {}},
      {1,
       1,
       "piix3-ide",
       "IDE controller",
       {0x7010'8086, 0x0280'0000, 0x0101'8000, 0, 0, 0, 0, 0, 1, 0, 0, subsystem},
       {{4, true, 16}}},
      {1,
       3,
       "PIIX4_PM",
       "Bridge",
       {0x7113'8086, 0x0280'0000, 0x0680'0003, 0, 0, 0, 0, 0, 0, 0, 0, subsystem, 0, 0, 0, 0x100},
       {}},
  };
}

std::vector<chipset_function> q35_functions() {
  return {
      {0,
       0,
       "mch",
       "Host bridge",
       {0x29c0'8086, 0, 0x0600'0000, 0, 0, 0, 0, 0, 0, 0, 0, subsystem},
       {}},
      {31,
       0,
       "ICH9-LPC",
       "ISA bridge",
       {0x2918'8086, 0, 0x0601'0002, 0x0080'0000, 0, 0, 0, 0, 0, 0, 0, subsystem},
       {}},
      {31,
       2,
       "ich9-ahci",
       "SATA controller",
       {0x2922'8086, 0x0010'0000, 0x0106'0102, 0x0080'0000, 0, 0, 0, 0, 1, 0, 0, subsystem, 0, 0x80,
        0, 0x100},
       {{4, true, 32}, {5, false, 4096}}},
      {31,
       3,
       "ICH9-SMB",
       "SMBus",
       {0x2930'8086, 0, 0x0c05'0002, 0x0080'0000, 0, 0, 0, 0, 1, 0, 0, subsystem, 0, 0, 0, 0x100},
       {{4, true, 64}}},
  };
}

}  // namespace

chipset::chipset(bool q35) : q35_(q35), functions_(q35 ? q35_functions() : pc_functions()) {}

const chipset_function* chipset::find(unsigned device, unsigned function) const noexcept {
  for (const chipset_function& one : functions_) {
    if (one.device == device && one.function == function) {
      return &one;
    }
  }
  return nullptr;
}

bool chipset::has_device(unsigned device) const noexcept {
  return std::any_of(functions_.begin(), functions_.end(),
                     [device](const chipset_function& one) { return one.device == device; });
}

std::uint32_t chipset::read(const chipset_function& function, std::uint32_t offset) const noexcept {
  if (q35_ && function.device == 0 && offset / 8 == pciexbar_offset / 8) {
    return static_cast<std::uint32_t>(pciexbar_ >> (8 * (offset % 8)));
  }
  return offset / 4 < function.header.size() ? function.header[offset / 4] : 0;
}

void chipset::write(const chipset_function& function, std::uint32_t offset, unsigned bytes,
                    std::uint32_t value) noexcept {
  if (!q35_ || function.device != 0 || offset / 8 != pciexbar_offset / 8) {
    return;
  }
  const unsigned shift = 8 * (offset % 8);
  const std::uint64_t ones = (std::uint64_t{1} << (8 * bytes)) - 1;
  pciexbar_ = (pciexbar_ & ~(ones << shift)) | ((value & ones) << shift);
}

std::uint64_t chipset::ecam_bytes() const noexcept {
  switch ((pciexbar_ >> 1U) & 3U) {
    case 0:
      return 256ULL << 20U;
    case 1:
      return 128ULL << 20U;
    default:
      return 64ULL << 20U;
  }
}

std::uint64_t chipset::ecam_base() const noexcept {
  constexpr std::uint64_t address_bits = 0xf'ffff'ffff;  // 36 bits, as the host bridge has them
  return pciexbar_ & address_bits & ~(ecam_bytes() - 1);
}

}  // namespace ivshmem::qtest
