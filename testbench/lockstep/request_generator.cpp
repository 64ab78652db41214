// SPDX-License-Identifier: Apache-2.0
//
// request_generator.h, how a request is made; which kinds there are is in request_kinds.cpp.
#include "request_generator.h"

#include <algorithm>

#include "ivshmem/model/driver.h"

namespace ivshmem::lockstep {

namespace {

using pcie::tlp_type;

constexpr std::uint64_t page = 4096;

unsigned weight_of(std::uint64_t draw) { return static_cast<unsigned>(draw % 10); }

}  // namespace

request_generator::request_generator(const setup& of) : setup_(of), random_(of.seed) {
  // memory, register, doorbell, table, bulk, config, change, bad, refused, malformed, crossing
  const std::array<unsigned, 11> base{30, 12, 10, 16, 4, 8, 3, 3, 3, 2, 2};
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    weights_[i] = base[i] * (1 + weight_of(random_()));
  }
  if (setup_.vectors() == 0) {
    weights_[3] = weights_[4] = 1;
  }
  repair();
}

std::uint64_t request_generator::bar_bytes(unsigned bar) const {
  return bar == 0   ? bar0::size_bytes
         : bar == 1 ? bar1::size_bytes(std::max(1U, setup_.vectors()))
                    : setup_.memory_bytes;
}

// ---- what stands

void request_generator::queue_config_write(std::uint32_t offset, unsigned bytes,
                                           std::uint32_t value) {
  const request before = now_;
  config(offset, bytes, value);
  forced_.push_back(now_);
  now_ = before;
}

/// A driver's configuration writes, which come as the next requests.
class request_generator::queued_access final : public driver_access {
 public:
  explicit queued_access(request_generator& to) : to_(to) {}

  std::uint32_t read_config(std::uint32_t /*offset*/, unsigned /*bytes*/) override { return 0; }
  void write_config(std::uint32_t offset, unsigned bytes, std::uint32_t value) override {
    to_.queue_config_write(offset, bytes, value);
  }
  std::uint32_t read32(unsigned /*bar*/, std::uint64_t /*offset*/) override { return 0; }
  void write32(unsigned /*bar*/, std::uint64_t /*offset*/, std::uint32_t /*value*/) override {}

 private:
  request_generator& to_;
};

/// A value for Device Control, whose maximum payload counts from then on. Often the largest; also
/// more than the device supports.
std::uint32_t request_generator::draw_device_control() {
  using namespace cfg::express;
  const unsigned most = payload_code(setup_.max_payload_bytes);
  const auto code = chance(50) ? most : static_cast<unsigned>(below(8));
  const std::uint32_t others = static_cast<std::uint32_t>(random_()) & ~unsigned{payload_size};
  const unsigned kept = code << payload_size_shift & device_control_bits(setup_.max_payload_bytes);
  payload_bytes_ = std::min(setup_.max_payload_bytes, payload_bytes(kept >> payload_size_shift));
  return (others | code << payload_size_shift) & 0xffffU;
}

/// Windows at new places, everything on; MSI-X mostly.
void request_generator::repair() {
  forced_.clear();
  broken_for_ = 0;
  bars_[0] = 0x8000'0000U + below(0x1000) * page + below(16) * bar0::size_bytes;
  bars_[1] = 0x9000'0000U + below(0x100) * 0x1'0000U;
  bars_[2] = chance(50) ? 0xa000'0000U + below(64) * setup_.memory_bytes
                        : (1 + below(0xff)) << 32U | below(0x100) << 24U;
  if (chance(10)) {  // windows that overlap: the first one takes it
    bars_[1] = bars_[0] / bar_bytes(1) * bar_bytes(1);
  }
  if (chance(10)) {
    const std::uint64_t first = bars_[below(2)];
    bars_[2] = first / setup_.memory_bytes * setup_.memory_bytes;
  }
  queued_access access(*this);
  driver guest(access, setup_.vectors());
  for (const unsigned bar : {0U, 1U, 2U}) {
    guest.place_bar(bar, bars_[bar]);
  }
  queue_config_write(cfg::command.offset, 2,
                     cfg::command_memory | (chance(85) ? cfg::command_master : 0U));
  payload_bytes_ = setup_.max_payload_bytes;
  if (setup_.properties.express) {
    const std::uint32_t value = draw_device_control();
    queue_config_write(cfg::device_control.offset, 2, value);
  }
  enabled_ = chance(85);
  function_masked_ = chance(25);
  guest.set_msix(enabled_, function_masked_);
  memory_on_ = true;
  if (setup_.vectors() != 0 && chance(60)) {
    // Half of many vectors unmasked at once, so that there is much to scan later.
    const request before = now_;
    memory(true, 1, 0, std::min(payload_bytes_, bar1::table_bytes(setup_.vectors())));
    trim();
    classify(place::bar1);
    forced_.push_back(now_);
    now_ = before;
  }
}

const request& request_generator::next() {
  if (!forced_.empty()) {
    now_ = forced_.front();
    forced_.pop_front();
    now_.header.tag = ++tag_;
    return now_;
  }
  if (broken_for_ != 0 && --broken_for_ == 0) {
    repair();
    return next();
  }
  constexpr std::array<draw, 11> draws{
      &request_generator::draw_memory,        &request_generator::draw_register,
      &request_generator::draw_doorbell,      &request_generator::draw_table,
      &request_generator::draw_table_bulk,    &request_generator::draw_config,
      &request_generator::draw_config_change, &request_generator::draw_bad,
      &request_generator::draw_refused,       &request_generator::draw_malformed,
      &request_generator::draw_crossing};
  unsigned sum = 0;
  for (const unsigned weight : weights_) {
    sum += weight;
  }
  if (broken_for_ != 0 && chance(40)) {
    draw_bad();
    now_.header.tag = ++tag_;
    return now_;
  }
  auto at = static_cast<unsigned>(below(sum));
  std::size_t which = 0;
  while (at >= weights_[which]) {
    at -= weights_[which++];
  }
  (this->*draws[which])();
  const bool changes_much = draws[which] == &request_generator::draw_config_change;
  if (chance(3) && !changes_much && now_.disguise == 0) {
    damage();
  }
  now_.header.tag = ++tag_;
  return now_;
}

// ---- parts of a request

void request_generator::start(tlp_type type) {
  now_ = {};
  now_.header.type = type;
  now_.header.requester = static_cast<pcie::bdf>(below(0x10000));
  now_.header.traffic_class = static_cast<std::uint8_t>(chance(20) ? below(8) : 0);
  now_.header.relaxed_ordering = chance(20);
  now_.header.no_snoop = chance(20);
}

void request_generator::config(std::uint32_t offset, unsigned bytes, std::uint32_t value) {
  start(tlp_type::config_write_0);
  now_.address = (0x0100'0000U & 0xff00000U) + offset;
  now_.bytes = bytes;
  now_.data_is_message = true;
  now_.data = value;
  classify(place::nowhere);
}

void request_generator::memory(bool write, unsigned bar, std::uint64_t offset, unsigned bytes) {
  start(write ? tlp_type::memory_write : tlp_type::memory_read);
  now_.address = bars_[bar] + offset;
  now_.bytes = bytes;
}

/// Cuts a memory request to what is well-formed. Now and then it is four bytes of two dwords.
void request_generator::trim() {
  if (chance(4)) {
    now_.address = now_.address / 4 * 4 + 1 + below(3);
    now_.bytes = 4;
  }
  const std::uint64_t room = page - now_.address % page;
  now_.bytes = static_cast<unsigned>(std::min<std::uint64_t>(now_.bytes, room));
  if (now_.header.type == tlp_type::memory_write) {
    now_.bytes = std::min(now_.bytes, static_cast<unsigned>(payload_bytes_ - now_.address % 4));
  }
}

/// The request is for these bytes of the dword at its address.
void request_generator::one_dword(std::uint8_t enables) {
  unsigned first = 0;
  while (enables != 0 && (enables >> first & 1U) == 0) {
    ++first;
  }
  unsigned last = 3;
  while (enables != 0 && (enables >> last & 1U) == 0) {
    --last;
  }
  now_.bytes = enables == 0 ? 0 : last - first + 1;
  const unsigned whole = ((1U << now_.bytes) - 1U) << first;
  now_.enables = enables == whole ? 0 : enables;
  now_.address = now_.address / 4 * 4 + (enables == 0 ? 0 : first);
}

mask_state request_generator::mask() const {
  return !enabled_ || setup_.vectors() == 0 ? mask_state::off
         : function_masked_                 ? mask_state::masked
                                            : mask_state::open;
}

void request_generator::classify(place where) {
  coordinates& bin = now_.bin;
  const bool write = now_.header.type == tlp_type::memory_write;
  bin.where = memory_on_ ? where : place::nowhere;
  switch (now_.header.type) {
    case tlp_type::memory_read:
    case tlp_type::memory_write:
      bin.what = !write                 ? kind::memory_read
                 : now_.header.poisoned ? kind::poisoned_write
                                        : kind::memory_write;
      break;
    case tlp_type::config_read_0:
      bin.what = kind::config_read;
      break;
    default:
      bin.what = kind::config_write;
  }
  const unsigned n = now_.bytes;
  bin.size = n == 0      ? size_class::nothing
             : n < 4     ? size_class::part
             : n == 4    ? size_class::dword
             : n <= 128  ? size_class::to_128
             : n <= 1024 ? size_class::to_1024
                         : size_class::to_4096;
  bin.aligned = now_.enables != 0                                 ? alignment::holes
                : n == 0 || (n % 4 == 0 && now_.address % 4 == 0) ? alignment::dwords
                                                                  : alignment::bytes;
  bin.stalls = setup_.stalls;
  bin.mask = mask();
}

}  // namespace ivshmem::lockstep
