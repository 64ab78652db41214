// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "ivshmem/model/msix.h"
#include "ivshmem/model/regmap.h"
#include "ivshmem/model/result.h"
#include "ivshmem/model/types.h"

namespace ivshmem {

/// How a driver reaches its device: implemented once for each kind of platform. The ones for
/// TLM-2.0 sockets are in ivshmem/tlm/driver.h.
class driver_access {
 public:
  virtual ~driver_access() = default;

  /// Configuration space of the device, `bytes` (1, 2 or 4) within one dword. A platform without
  /// PCI reads as ones and ignores writes, as where no device is.
  virtual std::uint32_t read_config(std::uint32_t offset, unsigned bytes) = 0;
  virtual void write_config(std::uint32_t offset, unsigned bytes, std::uint32_t value) = 0;

  /// An aligned dword of BAR 0 or 1. All ones where nothing answers.
  virtual std::uint32_t read32(unsigned bar, std::uint64_t offset) = 0;
  virtual void write32(unsigned bar, std::uint64_t offset, std::uint32_t value) = 0;
  /// An aligned qword; here as two dwords, the low one first. Both are right for the MSI-X table
  /// [PCI 3.0 6.8.2].
  virtual void write64(unsigned bar, std::uint64_t offset, std::uint64_t value);
};

/// What the driver of an ivshmem device does, from the guest's side.
///
/// Holds no state of the device and keeps none in mind: each call is the accesses that its comment
/// names, in that order, and lasts as long as they do. It needs no SystemC, no thread and no
/// particular platform. What a real guest could get wrong is not checked, except for the vector: a
/// table entry that is not there is refused before anything is written.
class driver {
 public:
  /// `access` outlives the driver. `vectors`: table entries that the device has, 0 without MSI-X;
  /// enumeration knows it, and read_vectors() asks the device.
  driver(driver_access& access, unsigned vectors) noexcept : access_(access), vectors_(vectors) {}

  unsigned vectors() const noexcept { return vectors_; }

  // ---- Configuration space

  /// Whether an ivshmem device answers: reads both IDs at once.
  bool is_present();
  /// Table entries by the MSI-X capability: 0 when the device has none.
  static unsigned read_vectors(driver_access& access);
  /// Address of a BAR as its register has it: 0 to 2.
  std::uint64_t read_bar(unsigned bar);
  /// Puts a BAR at `address`, a multiple of its size. BAR2 takes two writes, the low half first.
  void place_bar(unsigned bar, std::uint64_t address);
  /// COMMAND: memory decoding and bus mastering on, all else off.
  void enable();
  /// COMMAND: reads and writes it back with bus mastering on or off.
  void set_bus_master(bool on);

  // ---- MSI-X

  /// Writes address and data of a table entry. Whether it is masked stays as it is: masked, after
  /// a reset.
  result<void> program(unsigned vector, const msix_message& message);
  result<void> mask(unsigned vector);
  result<void> unmask(unsigned vector);
  /// After a reset: makes every vector a message of `first_data` + vector to `address`, unmasks it,
  /// and switches MSI-X on. The upper half of an address below 4 GiB is left as the reset has it.
  /// Nothing happens without MSI-X.
  void set_up_vectors(std::uint64_t address, std::uint32_t first_data = 0);
  /// Switches MSI-X on or off. `function_masked`: every vector counts as masked.
  void set_msix(bool enabled, bool function_masked = false);

  // ---- Registers: the descriptions of `bar0`

  std::uint32_t read(const reg_desc& reg) { return access_.read32(0, reg.offset); }
  void write(const reg_desc& reg, std::uint32_t value) { access_.write32(0, reg.offset, value); }
  /// IVPosition: the device's own ID. The server gave it before the device was there, so it need
  /// not be waited for; a plain device has 0.
  peer_id read_id() { return static_cast<peer_id>(read(bar0::iv_position)); }
  /// IntrStatus, which reading clears. With MSI-X it stays 0 [behaviour 3].
  std::uint32_t take_status() { return read(bar0::intr_status); }

  /// Rings `vector` of `peer`: one write, and nobody says whether it arrives [behaviour 4].
  void ring(peer_id peer, unsigned vector) { write(bar0::doorbell, doorbell_value(peer, vector)); }

  /// What ring() writes: the peer in bits 31:16.
  static constexpr std::uint32_t doorbell_value(peer_id peer, unsigned vector) noexcept {
    return to_int(peer) << 16U | (vector & 0xffffU);
  }
  /// Offset in BAR1 of a field of a table entry, such as bar1::entry_control.
  static constexpr std::uint32_t entry_offset(unsigned vector, std::uint32_t field = 0) noexcept {
    return bar1::entry_bytes * vector + field;
  }

 private:
  result<void> check(unsigned vector) const;
  void write_control(unsigned vector, std::uint32_t value);

  driver_access& access_;
  unsigned vectors_;
};

}  // namespace ivshmem
