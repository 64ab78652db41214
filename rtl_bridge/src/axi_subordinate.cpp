// SPDX-License-Identifier: Apache-2.0
//
// The memory behind the core's AXI4 port.
#include "ivshmem/rtl_bridge/axi_subordinate.h"

#include <algorithm>
#include <cstring>

namespace ivshmem::rtl {

axi_response view_memory::read(std::uint64_t address, std::uint8_t* data, unsigned bytes) {
  if (address >= view_.bytes || bytes > view_.bytes - address) {
    return axi_response::decode_error;
  }
  copy_bytes(data, view_.data + address, bytes);
  return axi_response::okay;
}

axi_response view_memory::write(std::uint64_t address, const std::uint8_t* data,
                                std::uint32_t strobes, unsigned bytes) {
  if (address >= view_.bytes || bytes > view_.bytes - address) {
    return axi_response::decode_error;
  }
  if (strobes == (std::uint64_t{1} << bytes) - 1) {
    copy_bytes(view_.data + address, data, bytes);
    return axi_response::okay;
  }
  for (unsigned first = 0; first < bytes;) {
    unsigned end = first;
    while (end < bytes && ((strobes >> end) & 1U) != 0) {
      ++end;
    }
    if (end != first) {
      copy_bytes(view_.data + address + first, data + first, end - first);
    }
    first = end + 1;
  }
  return axi_response::okay;
}

bool axi_subordinate::idle() const noexcept {
  return reads_.empty() && writes_.empty() && data_.empty() && confirmations_.empty() &&
         !read_offered_ && !response_offered_;
}

void axi_subordinate::take_addresses(std::uint64_t cycle, const core_outputs& out, core_inputs& in,
                                     const axi_willing& willing) {
  in.aw_ready = willing.aw;
  in.w_ready = willing.w;
  in.ar_ready = willing.ar;
  if (out.aw.valid && willing.aw) {
    writes_.push({out.aw.address, cycle, out.aw.length + 1U});
  }
  while (!data_.empty() && !writes_.empty()) {
    write_beat(data_.front().beat, data_.front().taken);
    data_.pop();
  }
  if (out.w.valid && willing.w) {
    if (writes_.empty()) {
      data_beat& early = data_.back_slot();
      early.beat = out.w;
      early.taken = cycle;
      data_.push();
    } else {
      write_beat(out.w, cycle);
    }
  }
  if (out.ar.valid && willing.ar) {
    reads_.push({out.ar.address, cycle + timing_.read_latency_cycles, out.ar.length + 1U});
  }
}

/// A beat whose address is known, taken in cycle `taken`.
void axi_subordinate::write_beat(const axi_write_beat& beat, std::uint64_t taken) {
  const burst& into = writes_.front();
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(beat.data.data());
  const axi_response response =
      memory_.write(into.address + std::uint64_t{write_beat_} * timing_.beat_bytes, bytes,
                    beat.strobes, timing_.beat_bytes);
  write_response_ = std::max(write_response_, response);
  if (++write_beat_ == into.beats) {
    const std::uint64_t later = std::max(into.from, taken);
    confirmations_.push({later + timing_.write_latency_cycles, write_response_});
    write_response_ = axi_response::okay;
    write_beat_ = 0;
    writes_.pop();
  }
}

void axi_subordinate::drive_read(std::uint64_t cycle, bool willing, const core_outputs& out,
                                 core_inputs& in) {
  if (!read_offered_) {
    in.r.valid = willing && reads_.front().from <= cycle;
    if (!in.r.valid) {
      return;
    }
    const burst& from = reads_.front();
    auto* bytes = reinterpret_cast<std::uint8_t*>(in.r.data.data());
    in.r.response = static_cast<std::uint8_t>(memory_.read(
        from.address + std::uint64_t{read_beat_} * timing_.beat_bytes, bytes, timing_.beat_bytes));
    in.r.last = read_beat_ + 1 == from.beats;
    read_offered_ = true;
  }
  if (out.r_ready) {
    read_offered_ = false;
    ++read_beat_;
    if (in.r.last) {
      read_beat_ = 0;
      reads_.pop();
    }
  }
}

void axi_subordinate::drive_response(std::uint64_t cycle, bool willing, const core_outputs& out,
                                     core_inputs& in) {
  if (!response_offered_) {
    in.b_valid = willing && confirmations_.front().from <= cycle;
    if (!in.b_valid) {
      return;
    }
    in.b_response = static_cast<std::uint8_t>(confirmations_.front().response);
    response_offered_ = true;
  }
  if (out.b_ready) {
    response_offered_ = false;
    confirmations_.pop();
  }
}

void axi_subordinate::step(std::uint64_t cycle, const axi_willing& willing, const core_outputs& out,
                           core_inputs& in) {
  // Answers first: what is taken in this cycle is answered in a later one.
  in.r.valid = read_offered_;
  if (!reads_.empty()) {
    drive_read(cycle, willing.r, out, in);
  }
  in.b_valid = response_offered_;
  if (!confirmations_.empty()) {
    drive_response(cycle, willing.b, out, in);
  }
  take_addresses(cycle, out, in, willing);
}

}  // namespace ivshmem::rtl
