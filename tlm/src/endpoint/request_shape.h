// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "ivshmem/model/timing.h"
#include "ivshmem/tlm/pcie/tlp.h"
#include "lane.h"

namespace ivshmem {

/// Dwords that a request names; one without data has one all the same [PCIe 2.2.5].
inline unsigned dwords_of(const pcie::payload& trans) noexcept {
  const std::uint64_t bytes = trans.get_address() % 4 + trans.get_data_length();
  return trans.get_data_length() == 0 ? 1U : static_cast<unsigned>((bytes + 3) / 4);
}

/// Beats of a request that has `dwords` dwords. `header` is that of `trans`.
inline unsigned request_beats(const pcie::payload& trans, const pcie::tlp& header, unsigned dwords,
                              beat_width width) {
  const int sent = (trans.is_write() ? static_cast<int>(dwords) : 0) + header.surplus_dwords;
  return sent <= 0 ? 1 : width.beats(static_cast<unsigned>(sent));
}

/// A run of bytes in the data of a request.
struct byte_range {
  unsigned first;
  unsigned count;
};

/// Which bytes of a request's data are in `dwords` dwords from dword `first` on.
inline byte_range bytes_of(const pcie::payload& trans, unsigned first, unsigned dwords) {
  const auto lead = static_cast<unsigned>(trans.get_address() % 4);
  const unsigned begin = first == 0 ? 0 : 4 * first - lead;
  const unsigned end = std::min(4 * (first + dwords) - lead, trans.get_data_length());
  return {begin, end - begin};
}

/// Calls `action(first, count)` for `dwords` dwords from dword `at` on, cut at multiples of `piece`
/// dwords.
template <class Action>
void for_each_piece(unsigned at, unsigned dwords, unsigned piece, Action action) {
  for (unsigned first = 0; first < dwords;) {
    const unsigned count = std::min(dwords - first, piece - (at + first) % piece);
    action(first, count);
    first += count;
  }
}

/// Dwords in one completion of a BAR2 read at most.
inline unsigned memory_piece_dwords(unsigned max_payload_bytes) {
  return timing::memory_piece_bytes(max_payload_bytes) / 4;
}
inline constexpr unsigned register_piece_dwords = timing::register_piece_bytes / 4;

}  // namespace ivshmem
