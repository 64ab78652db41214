// SPDX-License-Identifier: Apache-2.0
//
// The table of docs/timing.md, cycle by cycle.
#include "device_stepper.h"

namespace ivshmem::test {

void device_stepper::step() {
  const room free{slots_ < 16,    aw_.size() < 2,        w_.size() < 2,
                  ar_.size() < 2, doorbells_.size() < 4, open_writes_ == 0};
  const bool out_room = out_.size() < 2;
  ports();
  memory_ports();
  build(out_room);
  execute(free);
}

void device_stepper::ports() {
  if (!out_.empty() && out_.front().offered <= now_ && ready(stall_port::tx_cpl)) {
    if (out_.front().first) {
      completions.push_back({now_, now_});
    }
    completions.back().last = now_;
    out_.pop_front();
  }
  if (!doorbells_.empty() && doorbells_.front() <= now_ && ready(stall_port::doorbell)) {
    doorbells.push_back(now_);
    doorbells_.pop_front();
  }
}

void device_stepper::memory_ports() {
  if (!confirmations_.empty() && confirmations_.front() <= now_) {
    confirmations_.pop_front();
    --open_writes_;
  }
  if (!aw_.empty() && aw_.front() <= now_ && ready(stall_port::aw)) {
    addresses_.push_back(now_);
    aw_.pop_front();
  }
  if (!w_.empty() && w_.front().offered <= now_ && ready(stall_port::w)) {
    if (w_.front().last) {
      last_data_.push_back(now_);
    }
    w_.pop_front();
  }
  if (!addresses_.empty() && !last_data_.empty()) {
    writes.push_back({addresses_.front(), last_data_.front()});
    confirmations_.push_back(std::max(addresses_.front(), last_data_.front()) +
                             timing_.memory_write_latency_cycles);
    addresses_.pop_front();
    last_data_.pop_front();
  }
  if (!ar_.empty() && ar_.front().offered <= now_ && ready(stall_port::ar)) {
    reads.push_back(now_);
    memory_.push_back({now_ + timing_.memory_latency_cycles, ar_.front().beats});
    ar_.pop_front();
  }
}

void device_stepper::push(piece& one) {
  ++one.built;
  const bool last = one.built == beats(std::max(one.dwords, 1U));
  out_.push_back({now_ + 1, one.built == 1, last});
  if (last) {
    pieces_.pop_front();
    --slots_;
  }
}

void device_stepper::build(bool out_room) {
  const bool offered = !memory_.empty() && memory_.front().offered <= now_;
  valid_ = valid_ || (offered && ready(stall_port::r));
  if (pieces_.empty() || pieces_.front().visible > now_ || !out_room) {
    return;
  }
  piece& one = pieces_.front();
  const unsigned all = one.memory ? beats(one.start + one.dwords) : 0;
  if (!one.memory || one.read == all) {
    push(one);
    return;
  }
  if (!valid_) {
    return;
  }
  valid_ = false;
  const unsigned last_dword = one.start + std::min((one.built + 1) * width_, one.dwords) - 1;
  const bool completes_beat = last_dword / width_ == one.read;
  ++one.read;
  if (--memory_.front().beats == 0) {
    memory_.pop_front();
  }
  if (completes_beat) {
    push(one);
  }
}

void device_stepper::execute(const room& free) {
  if (requests_.empty() || requests_.front().arrives + 3 > now_) {
    return;
  }
  const request& one = requests_.front();
  const bool first = done_ == 0;
  const auto there = [&](unsigned beat) { return one.arrives + beat + 3 <= now_; };
  const unsigned at = one.first_dword + done_;
  bool last = false;
  switch (one.what) {
    case kind::refused_read:
    case kind::config_read:
      if (!free.confirmed || !free.slot) {
        return;
      }
      ++slots_;
      complete(false, 0, one.what == kind::config_read ? 1 : 0);
      last = true;
      break;
    case kind::refused_write:
      if (first && !free.confirmed) {
        return;
      }
      last = ++done_ == beats(one.dwords);
      break;
    case kind::register_read: {
      const bool begins = first || at % 32 == 0;
      if ((first && !free.confirmed) || (begins && !free.slot)) {
        return;
      }
      slots_ += begins ? 1 : 0;
      ++in_piece_;
      last = ++done_ == one.dwords;
      if (last || (at + 1) % 32 == 0) {
        complete(false, 0, in_piece_);
        in_piece_ = 0;
      }
      break;
    }
    case kind::register_write:
    case kind::doorbell:
      if ((first && !free.confirmed) ||
          !there(beats(one.dwords) <= 8 ? beats(one.dwords) - 1 : done_ / width_) ||
          (one.what == kind::doorbell && !free.doorbell)) {
        return;
      }
      if (one.what == kind::doorbell) {
        doorbells_.push_back(now_ + 1);
      }
      last = ++done_ == one.dwords;
      break;
    case kind::memory_read: {
      if ((first && !free.confirmed) || !free.slot || !free.ar) {
        return;
      }
      const unsigned piece_dwords = std::min(timing_.max_payload_bytes, 1024U) / 4;
      const unsigned count = std::min(one.dwords - done_, piece_dwords - at % piece_dwords);
      ++slots_;
      complete(true, at % width_, count);
      ar_.push_back({now_ + 1, beats(at % width_ + count)});
      done_ += count;
      last = done_ == one.dwords;
      break;
    }
    case kind::memory_write: {
      const unsigned start = one.first_dword % width_;
      const unsigned in_burst = (one.first_dword / width_ + done_) % (256 / width_);
      const bool begins = first || in_burst == 0;
      if (!there(std::min(done_, beats(one.dwords) - 1)) || !free.w || (begins && !free.aw)) {
        return;
      }
      last = ++done_ == beats(start + one.dwords);
      if (begins) {
        aw_.push_back(now_ + 1);
        ++open_writes_;
      }
      w_.push_back({now_ + 1, last || in_burst + 1 == 256 / width_});
      break;
    }
  }
  if (last) {
    credits.push_back(now_ + 1);
    done_ = 0;
    requests_.pop_front();
  }
}

}  // namespace ivshmem::test
