// SPDX-License-Identifier: Apache-2.0
//
// TLPs to beats, and back.
#include "ivshmem/rtl_bridge/tlp_stream.h"

#include <algorithm>

namespace ivshmem::rtl {

void tlp_source::fill(tlp_beat& pins) const {
  const raw_tlp& tlp = queue_.front().tlp;
  const auto dwords = static_cast<unsigned>(tlp.payload.size());
  const unsigned start = beat_ * beat_dwords_;
  const unsigned here = std::min(beat_dwords_, dwords - start);
  pins.valid = true;
  pins.first = beat_ == 0;
  pins.last = start + beat_dwords_ >= dwords;
  pins.strobes = static_cast<std::uint8_t>((1U << here) - 1U);
  if (pins.first) {
    pins.header = tlp.header;
  }
  std::copy_n(tlp.payload.begin() + start, here, pins.data.begin());
}

bool tlp_source::step(std::uint64_t cycle, bool willing, bool ready, tlp_beat& pins) {
  if (!offered_) {
    if (queue_.empty() || !willing || (beat_ == 0 && queue_.front().not_before > cycle)) {
      pins.valid = false;
      return false;
    }
    fill(pins);
  }
  offered_ = !ready;
  if (!ready) {
    return false;
  }
  ++beat_;
  if (pins.last) {
    beat_ = 0;
    queue_.pop();
  }
  return true;
}

void tlp_source::clear() noexcept {
  queue_.clear();
  beat_ = 0;
  offered_ = false;
}

bool tlp_sink::take(const tlp_beat& pins) {
  if (pins.first) {
    tlp_.header = pins.header;
    tlp_.payload.clear();
    open_ = true;
  }
  for (unsigned i = 0; pins.strobes >> i != 0; ++i) {
    if (((pins.strobes >> i) & 1U) != 0) {
      tlp_.payload.push_back(pins.data[i]);
    }
  }
  if (!pins.last) {
    return false;
  }
  open_ = false;
  return !pins.nullified;
}

}  // namespace ivshmem::rtl
