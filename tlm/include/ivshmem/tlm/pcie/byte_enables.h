// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "ivshmem/tlm/pcie/tlp.h"

namespace ivshmem::pcie {

/// Which bytes of a generic payload's data take part [IEEE 1666 14.9]: by byte of the data, and by
/// dword as a TLP header has them, bit i for byte i.
class byte_enables {
 public:
  explicit byte_enables(const tlm::tlm_generic_payload& trans) noexcept
      : enables_(trans.get_byte_enable_length() == 0 ? nullptr : trans.get_byte_enable_ptr()),
        period_(trans.get_byte_enable_length()),
        bytes_(trans.get_data_length()),
        lead_(static_cast<unsigned>(trans.get_address() % 4)) {}

  /// There is no pattern: every byte takes part.
  bool all() const noexcept { return enables_ == nullptr; }
  bool at(unsigned byte) const noexcept {
    return all() || enables_[byte % period_] == TLM_BYTE_ENABLED;
  }
  /// Of dword `index`, counted from the one that the address is in; 0xf: all four.
  unsigned dword(unsigned index) const noexcept {
    const unsigned first = index == 0 ? lead_ : 0;
    const unsigned end = std::min(4U, lead_ + bytes_ - std::min(4 * index, lead_ + bytes_));
    unsigned mask = first < end ? (1U << end) - (1U << first) : 0;
    for (unsigned i = first; !all() && i < end; ++i) {
      mask &= at(4 * index + i - lead_) ? ~0U : ~(1U << i);
    }
    return mask;
  }
  /// Calls `action(first, count)` for each run of bytes that take part, lowest first.
  template <class Action>
  void for_each_run(Action action) const {
    if (all()) {
      if (bytes_ != 0) {
        action(0U, bytes_);
      }
      return;
    }
    for (unsigned first = 0; first < bytes_;) {
      unsigned end = first;
      while (end < bytes_ && at(end)) {
        ++end;
      }
      if (end != first) {
        action(first, end - first);
      }
      first = end + 1;
    }
  }

 private:
  const unsigned char* enables_;
  unsigned period_;
  unsigned bytes_;
  unsigned lead_;
};

/// The same runs within the bytes of one dword.
template <class Action>
void for_each_run(unsigned dword_enables, Action action) {
  for (unsigned first = 0; first < 4;) {
    unsigned end = first;
    while (end < 4 && (dword_enables >> end & 1U) != 0) {
      ++end;
    }
    if (end != first) {
      action(first, end - first);
    }
    first = end + 1;
  }
}

/// Length [dwords] and byte enables of the request header, derived from the payload
/// [PCIe 2.2.5]. A hole inside a dword is possible only in one-dword requests.
struct tlp_extent {
  unsigned dwords;
  std::uint8_t first_be;
  std::uint8_t last_be;
};
tlp_extent extent_of(const payload& trans) noexcept;

/// Bytes of a request from its first enabled byte to its last: what the completions of a read
/// count, and where they begin [PCIe 2.2.9, table 2-39].
struct enabled_extent {
  unsigned first;  ///< bytes from the begin of the first dword
  unsigned bytes;  ///< 1 for a request that enables nothing
};
constexpr enabled_extent extent_of(unsigned dwords, unsigned first_be, unsigned last_be) noexcept {
  if (dwords == 1 && first_be == 0) {
    return {0, 1};
  }
  unsigned begin = 0;
  while (first_be != 0 && (first_be >> begin & 1U) == 0) {
    ++begin;
  }
  const unsigned last = dwords == 1 ? first_be : last_be;
  unsigned end = 4 * dwords;
  while (last != 0 && (last >> (end - 1) % 4 & 1U) == 0) {
    --end;
  }
  return {begin, end - begin};
}

}  // namespace ivshmem::pcie
