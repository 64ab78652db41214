// SPDX-License-Identifier: Apache-2.0
//
// The MSI-X table and its pending bits.
#include "ivshmem/model/msix.h"

#include <cassert>
#include <utility>

namespace ivshmem {

msix::msix(unsigned vectors) : table_(vectors), pba_(bar1::pba_bytes(vectors) / 8) { reset(); }

std::uint32_t msix::pba_read(std::uint32_t offset) const noexcept {
  return static_cast<std::uint32_t>(pba_[offset / 8] >> (8 * (offset % 8)));
}

bool msix::set_pending(unsigned vector, bool value) noexcept {
  if (pending(vector) == value) {
    return false;
  }
  pba_[vector / 64] ^= std::uint64_t{1} << (vector % 64);
  pending_count_ += value ? 1U : ~0U;
  return true;
}

unsigned msix::next_pending(unsigned vector) const noexcept {
  const unsigned end = vectors();
  if (pending_count_ == 0) {
    return end;
  }
  while (vector < end && !pending(vector)) {
    vector = pba_[vector / 64] == 0 ? (vector / 64 + 1) * 64 : vector + 1;
  }
  return vector < end ? vector : end;
}

msix_message msix::message(unsigned vector) const noexcept {
  const msix_entry& entry = table_[vector];
  return {entry.address_low | (std::uint64_t{entry.address_high} << 32U), entry.data};
}

void msix::reset() noexcept {
  for (msix_entry& entry : table_) {
    entry = {};
  }
  for (std::uint64_t& word : pba_) {
    word = 0;
  }
  pending_count_ = 0;
  function_masked_ = true;
}

void msix::restore(std::vector<msix_entry> table, std::vector<std::uint64_t> pba) {
  assert(table.size() == table_.size() && pba.size() == pba_.size());
  table_ = std::move(table);
  pba_ = std::move(pba);
  pending_count_ = 0;
  for (unsigned v = 0; v < vectors(); ++v) {
    pending_count_ += pending(v) ? 1U : 0U;
  }
}

}  // namespace ivshmem
