// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "ivshmem/model/regmap.h"

namespace ivshmem {

/// An MSI-X message: one 32-bit memory write.
struct msix_message {
  std::uint64_t address;  ///< as the guest wrote it, low bits included [behaviour 5]
  std::uint32_t data;
};

/// One vector's entry of the table, as it lies in BAR1.
struct msix_entry {
  std::uint32_t address_low = 0;
  std::uint32_t address_high = 0;
  std::uint32_t data = 0;
  std::uint32_t control = bar1::control_masked;

  /// The four dwords in the order of their offsets.
  static constexpr std::array<std::uint32_t msix_entry::*, 4> dwords() noexcept {
    return {&msix_entry::address_low, &msix_entry::address_high, &msix_entry::data,
            &msix_entry::control};
  }
  bool operator==(const msix_entry& other) const noexcept {
    return address_low == other.address_low && address_high == other.address_high &&
           data == other.data && control == other.control;
  }
};

/// MSI-X table and pending-bit array: storage and masks, no decision when to send.
///
/// Every entry starts masked and zero; all four dwords are plain storage and only bit 0 of the
/// control dword acts [behaviour 5]. Whether the whole function is masked is kept here too, so
/// that `masked` is one look-up.
class msix {
 public:
  /// `vectors` from 0 (no table) to 2,048.
  explicit msix(unsigned vectors);

  unsigned vectors() const noexcept { return static_cast<unsigned>(table_.size()); }

  /// Dword of the table; `offset` is a multiple of 4 below 16 * vectors().
  std::uint32_t table_read(std::uint32_t offset) const noexcept {
    return table_[offset / bar1::entry_bytes].*dword_at(offset);
  }
  void table_write(std::uint32_t offset, std::uint32_t value) noexcept {
    table_[offset / bar1::entry_bytes].*dword_at(offset) = value;
  }
  /// Dword of the pending-bit array; `offset` is a multiple of 4 below bar1::pba_bytes().
  std::uint32_t pba_read(std::uint32_t offset) const noexcept;

  /// MSI-X disabled or function mask set: follows the Message Control register.
  void set_function_masked(bool masked) noexcept { function_masked_ = masked; }
  bool function_masked() const noexcept { return function_masked_; }
  bool masked(unsigned vector) const noexcept {
    return function_masked_ || (table_[vector].control & bar1::control_masked) != 0;
  }

  bool pending(unsigned vector) const noexcept {
    return ((pba_[vector / 64] >> (vector % 64)) & 1U) != 0;
  }
  /// Returns whether the bit changed.
  bool set_pending(unsigned vector, bool value) noexcept;
  /// Number of pending bits that are set.
  unsigned pending_count() const noexcept { return pending_count_; }
  /// First pending vector at or after `vector`, or vectors() if there is none.
  unsigned next_pending(unsigned vector) const noexcept;

  msix_message message(unsigned vector) const noexcept;

  void reset() noexcept;
  /// Replaces table and pending bits; sizes must be those of this object.
  void restore(std::vector<msix_entry> table, std::vector<std::uint64_t> pba);
  const std::vector<msix_entry>& table() const noexcept { return table_; }
  const std::vector<std::uint64_t>& pba() const noexcept { return pba_; }

 private:
  static constexpr std::uint32_t msix_entry::*dword_at(std::uint32_t offset) noexcept {
    return msix_entry::dwords()[offset / 4 % 4];
  }

  std::vector<msix_entry> table_;
  std::vector<std::uint64_t> pba_;
  unsigned pending_count_ = 0;
  bool function_masked_ = true;
};

}  // namespace ivshmem
