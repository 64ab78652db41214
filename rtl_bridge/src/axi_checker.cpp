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

void axi_checker::check_address(const axi_address& now, const axi_address& before, bool held,
                                const char* port) {
  if (held) {
    expect(now.valid && now.address == before.address && now.length == before.length &&
               now.size == before.size && now.burst == before.burst,
           port, "an address changed before it was taken");
  }
  if (!now.valid) {
    return;
  }
  const std::uint64_t bytes = (now.length + std::uint64_t{1}) * beat_bytes_;
  expect(1U << now.size == beat_bytes_, port, "a beat that is not as wide as the bus");
  expect(now.burst == incrementing, port, "a burst that is not incrementing");
  expect(now.address % beat_bytes_ == 0, port, "an address that is not aligned to the bus");
  expect(now.address % page_bytes + bytes <= page_bytes, port, "a burst crosses 4 KiB");
}

void axi_checker::step(std::uint64_t cycle, const core_outputs& out, const core_inputs& in) {
  cycle_ = cycle;
  check_address(out.aw, out_.aw, out_.aw.valid && !in_.aw_ready, "aw");
  check_address(out.ar, out_.ar, out_.ar.valid && !in_.ar_ready, "ar");
  if (out_.w.valid && !in_.w_ready) {
    expect(out.w.valid && out.w.last == out_.w.last && out.w.strobes == out_.w.strobes &&
               same_dwords(out.w.data, out_.w.data, beat_bytes_),
           "w", "data changed before it was taken");
  }
  if (in_.r.valid && !out_.r_ready) {
    expect(in.r.valid && in.r.last == in_.r.last && in.r.response == in_.r.response &&
               same_dwords(in.r.data, in_.r.data, beat_bytes_),
           "r", "data changed before it was taken");
  }
  if (in_.b_valid && !out_.b_ready) {
    expect(in.b_valid && in.b_response == in_.b_response, "b",
           "a response changed before it was taken");
  }
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
  if (out.w.valid && in.w_ready) {
    data_.push(out.w.last ? 1U : 0U);
  }
  while (!data_.empty() && !writes_.empty()) {
    expect((data_.front() != 0) == (writes_.front() == 1), "w",
           "last is not at the end of its burst");
    data_.pop();
    if (--writes_.front() == 0) {
      writes_.pop();
      ++unconfirmed_;
    }
  }
  out_ = out;
  in_ = in;
}

void axi_checker::end(std::uint64_t cycle) {
  cycle_ = cycle;
  expect(reads_.empty(), "r", "read data is missing at the end");
  expect(writes_.empty(), "w", "write data is missing at the end");
  expect(data_.empty(), "aw", "write data without an address at the end");
  expect(unconfirmed_ == 0, "b", "a response is missing at the end");
}

}  // namespace ivshmem::rtl
