// SPDX-License-Identifier: Apache-2.0
//
// The MSI-X table and its pending bits.
#include "ivshmem/model/msix.h"

#include <cassert>
#include <utility>

namespace ivshmem {

msix::msix(unsigned vectors)
    : table_(std::size_t{4} * vectors), pba_(bar1::pba_bytes(vectors) / 8) {
  reset();
}

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
  const std::uint32_t* entry = &table_[std::size_t{4} * vector];
  return {entry[0] | (std::uint64_t{entry[1]} << 32U), entry[2]};
}

void msix::reset() noexcept {
  for (std::size_t i = 0; i < table_.size(); ++i) {
    table_[i] = i % 4 == 3 ? bar1::control_masked : 0;
  }
  for (std::uint64_t& word : pba_) {
    word = 0;
  }
  pending_count_ = 0;
  function_masked_ = true;
}

void msix::restore(std::vector<std::uint32_t> table, std::vector<std::uint64_t> pba) {
  assert(table.size() == table_.size() && pba.size() == pba_.size());
  table_ = std::move(table);
  pba_ = std::move(pba);
  pending_count_ = 0;
  for (unsigned v = 0; v < vectors(); ++v) {
    pending_count_ += pending(v) ? 1U : 0U;
  }
}

}  // namespace ivshmem
