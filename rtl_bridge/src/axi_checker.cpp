// SPDX-License-Identifier: Apache-2.0
//
// The rules of AXI4 at the memory port, checked cycle by cycle.
#include "ivshmem/rtl_bridge/axi_checker.h"

#include <algorithm>

namespace ivshmem::rtl {

namespace {

constexpr unsigned incrementing = 1;
constexpr std::uint64_t page_bytes = 4096;

bool same_dwords(const beat_data& a, const beat_data& b, unsigned bytes) {
  return std::equal(a.begin(), a.begin() + bytes / 4, b.begin());
}

}  // namespace

void axi_checker::expect(bool holds, const char* port, const char* rule) {
  if (!holds) {
    log_.add(cycle_, port, rule);
  }
}

void axi_checker::check_address(const axi_address& now, bool ready, axi_address& held,
                                const char* port) {
  if (held.valid) {
    expect(now.valid && now.address == held.address && now.length == held.length &&
               now.size == held.size && now.burst == held.burst,
           port, "an address changed before it was taken");
    held.valid = false;
  }
  if (!now.valid) {
    return;
  }
  const std::uint64_t bytes = (now.length + std::uint64_t{1}) * beat_bytes_;
  expect(1U << now.size == beat_bytes_, port, "a beat that is not as wide as the bus");
  expect(now.burst == incrementing, port, "a burst that is not incrementing");
  expect((now.address & (beat_bytes_ - 1)) == 0, port, "an address that is not aligned to the bus");
  expect(now.address % page_bytes + bytes <= page_bytes, port, "a burst crosses 4 KiB");
  if (!ready) {
    held = now;
  }
}

/// Data and responses.
void axi_checker::check_held(const core_outputs& out, const core_inputs& in) {
  if (held_w_.valid) {
    expect(out.w.valid && out.w.last == held_w_.last && out.w.strobes == held_w_.strobes &&
               same_dwords(out.w.data, held_w_.data, beat_bytes_),
           "w", "data changed before it was taken");
    held_w_.valid = false;
  }
  if (held_r_.valid) {
    expect(in.r.valid && in.r.last == held_r_.last && in.r.response == held_r_.response &&
               same_dwords(in.r.data, held_r_.data, beat_bytes_),
           "r", "data changed before it was taken");
    held_r_.valid = false;
  }
  if (held_b_) {
    expect(in.b_valid && in.b_response == held_response_, "b",
           "a response changed before it was taken");
  }
  if (out.w.valid && !in.w_ready) {
    held_w_ = out.w;
  }
  if (in.r.valid && !out.r_ready) {
    held_r_ = in.r;
  }
  held_b_ = in.b_valid && !out.b_ready;
  held_response_ = in.b_response;
}

void axi_checker::step(std::uint64_t cycle, const core_outputs& out, const core_inputs& in) {
  cycle_ = cycle;
  if (out.aw.valid || held_aw_.valid) {
    check_address(out.aw, in.aw_ready, held_aw_, "aw");
  }
  if (out.ar.valid || held_ar_.valid) {
    check_address(out.ar, in.ar_ready, held_ar_, "ar");
  }
  check_held(out, in);
  count(out, in);
}

/// As many beats and responses as were asked for.
void axi_checker::count(const core_outputs& out, const core_inputs& in) {
  if (in.r.valid) {
    expect(!reads_.empty(), "r", "data that nobody asked for");
  }
  if (in.b_valid) {
    expect(unconfirmed_ != 0, "b", "a response without its data");
  }
  if (in.r.valid && out.r_ready && !reads_.empty()) {
    expect(in.r.last == (reads_.front() == 1), "r", "last is not at the end of its burst");
    if (--reads_.front() == 0) {
      reads_.pop();
    }
  }
  if (in.b_valid && out.b_ready && unconfirmed_ != 0) {
    --unconfirmed_;
  }
  if (out.ar.valid && in.ar_ready) {
    reads_.push(out.ar.length + 1U);
  }
  if (out.aw.valid && in.aw_ready) {
    writes_.push(out.aw.length + 1U);
  }
  while (!data_.empty() && !writes_.empty()) {
    count_data(data_.front() != 0);
    data_.pop();
  }
  if (out.w.valid && in.w_ready) {
    if (writes_.empty()) {
      data_.push(out.w.last ? 1U : 0U);
    } else {
      count_data(out.w.last);
    }
  }
}

/// A beat of data whose address is known.
void axi_checker::count_data(bool is_last) {
  expect(is_last == (writes_.front() == 1), "w", "last is not at the end of its burst");
  if (--writes_.front() == 0) {
    writes_.pop();
    ++unconfirmed_;
  }
}

void axi_checker::end(std::uint64_t cycle) {
  cycle_ = cycle;
  expect(reads_.empty(), "r", "read data is missing at the end");
  expect(writes_.empty(), "w", "write data is missing at the end");
  expect(data_.empty(), "aw", "write data without an address at the end");
  expect(unconfirmed_ == 0, "b", "a response is missing at the end");
}

}  // namespace ivshmem::rtl
