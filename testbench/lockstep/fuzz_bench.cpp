// SPDX-License-Identifier: Apache-2.0
//
// One device in lockstep under a random stream.
#include "fuzz_bench.h"

#include <algorithm>
#include <cstring>

#include "ivshmem/rtl_bridge/tlp_names.h"
#include "ivshmem/tlm/pcie/byte_enables.h"

namespace ivshmem::lockstep {

namespace {

constexpr unsigned most_outstanding = 24;
constexpr unsigned few_outstanding = 8;
constexpr unsigned most_notified = 256;  // and not accepted

timing_config timing_of(const setup& drawn) {
  timing_config timing;
  timing.mode = timing_mode::tlm_cycle;
  timing.beat_bytes = drawn.width / 8;
  timing.memory_latency_cycles = drawn.memory_latency;
  timing.memory_write_latency_cycles = drawn.write_latency;
  timing.max_payload_bytes = drawn.max_payload_bytes;
  return timing;
}

/// Random stalls, and stretches in which nobody takes messages: they find what then waits inside.
class stalls_and_pauses final : public stall_pattern {
 public:
  stalls_and_pauses(std::uint64_t seed, const random_stalls::percentages& percent)
      : seed_(~seed), stalls_(seed, percent) {}

  bool ready(stall_port port, std::uint64_t cycle) const override {
    const bool is_pause = mix(seed_ ^ mix(cycle / pause_cycles)) % pause_one_of == 0;
    return !(port == stall_port::tx_msg && is_pause) && stalls_.ready(port, cycle);
  }

 private:
  static constexpr std::uint64_t pause_cycles = 512;
  static constexpr std::uint64_t pause_one_of = 4;

  const std::uint64_t seed_;
  const random_stalls stalls_;
};

std::unique_ptr<stall_pattern> stalls_of(const setup& drawn, std::mt19937_64& random) {
  if (drawn.stalls == stall_state::none) {
    return nullptr;
  }
  random_stalls::percentages percent{};
  for (unsigned& one : percent) {
    one = static_cast<unsigned>(random() % (drawn.stalls == stall_state::light ? 40 : 95));
  }
  if (drawn.stalls == stall_state::heavy) {
    return std::make_unique<stalls_and_pauses>(drawn.seed, percent);
  }
  return std::make_unique<random_stalls>(drawn.seed, percent);
}

/// Rows of byte enables for a payload: row m enables the bytes of mask m.
using enable_rows = std::array<std::array<unsigned char, 4>, 16>;
enable_rows make_rows() {
  enable_rows rows{};
  for (unsigned mask = 0; mask < 16; ++mask) {
    for (unsigned byte = 0; byte < 4; ++byte) {
      rows[mask][byte] = (mask >> byte & 1U) != 0 ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED;
    }
  }
  return rows;
}

}  // namespace

fuzz_bench::fuzz_bench(const sc_core::sc_module_name& name, const setup& drawn,
                       std::uint64_t requests, const std::string& waveform)
    : sc_module(name),
      setup_(drawn),
      generator_(drawn),
      random_(~drawn.seed),
      stalls_(stalls_of(drawn, random_)),
      memory_(drawn.memory_bytes),
      left_(requests),
      left_at_reset_(requests) {
  for (std::uint8_t& byte : memory_) {
    byte = static_cast<std::uint8_t>(random_());
  }
  idle_percent_ = static_cast<unsigned>(random_() % 3 == 0 ? random_() % 60 : random_() % 4);
  notify_gap_ = 1U << random_() % 8;
  reset_one_in_ = 1U << (7 + random_() % 6);
  device_ = std::make_unique<rtl::lockstep_device>(
      "device", timing_of(drawn), rtl::lockstep_device_config{stalls_.get(), waveform});
  pcie.bind(device_->pcie);
  device_->disguise(this);
  const auto inserted = drawn.properties.has_peers()
                            ? device_->insert(drawn.properties, static_cast<fabric_seat&>(*this))
                            : device_->insert(drawn.properties, memory());
  if (!inserted) {
    SC_REPORT_ERROR(this->name(), inserted.error().text().c_str());
  }
  SC_HAS_PROCESS(fuzz_bench);
  SC_METHOD(produce);
  sensitive << room_;
  SC_METHOD(disturb);
}

bool fuzz_bench::finish() {
  const bool same = device_->finish();
  if (same && (left_ != 0 || outstanding_ != 0)) {
    SC_REPORT_ERROR(name(), "requests are still under way");
  }
  return same && left_ == 0 && outstanding_ == 0;
}

// ---- stimuli

void fuzz_bench::produce() {
  const std::uint64_t period = period_.value();
  const std::uint64_t now = sc_core::sc_time_stamp().value();
  while (left_ != 0 && outstanding_ < most_outstanding) {
    next_cycle_ = std::max(next_cycle_, now / period);
    if (random_() % 100 < idle_percent_) {
      next_cycle_ += random_() % 40;
    }
    // Not always on the edge.
    const std::uint64_t early = random_() % 8 == 0 ? random_() % period : 0;
    const std::uint64_t at = std::max(now, next_cycle_ * period - std::min(early, next_cycle_));
    send(generator_.next(), sc_core::sc_time::from_value(at - now));
    --left_;
  }
}

void fuzz_bench::send(const request& wanted, const sc_core::sc_time& delay) {
  static const enable_rows rows = make_rows();
  coverage_.hit(wanted.bin);
  pcie::payload& trans = pool_.allocate(wanted.bytes);
  pcie::tlp& header = pcie::tlp_of(trans);
  header.header() = wanted.header;
  const bool write = wanted.header.type == pcie::tlp_type::memory_write ||
                     wanted.header.type == pcie::tlp_type::config_write_0 ||
                     wanted.header.type == pcie::tlp_type::config_write_1;
  const bool message = wanted.header.type == pcie::tlp_type::message;
  trans.set_command(message ? tlm::TLM_IGNORE_COMMAND
                    : write ? tlm::TLM_WRITE_COMMAND
                            : tlm::TLM_READ_COMMAND);
  trans.set_address(wanted.address);
  if (wanted.enables != 0) {
    trans.set_byte_enable_ptr(
        const_cast<unsigned char*>(rows[wanted.enables].data() + wanted.address % 4));
    trans.set_byte_enable_length(wanted.bytes);
  }
  // The requester's own field carries the disguise. NOLINTNEXTLINE(performance-no-int-to-ptr)
  header.context = reinterpret_cast<void*>(
      static_cast<std::uintptr_t>(wanted.disguise | wanted.disguise_dwords << 8U));
  unsigned char* const data = trans.get_data_ptr();
  if (wanted.data_is_message) {
    std::memcpy(data, &wanted.data, std::min<std::size_t>(wanted.bytes, sizeof wanted.data));
  } else if (write) {
    for (unsigned i = 0; i < wanted.bytes; i += 8) {
      const std::uint64_t bits = random_();
      std::memcpy(data + i, &bits, std::min(8U, wanted.bytes - i));
    }
  }
  ++outstanding_;
  uncompleted_ += header.is_posted() ? 0 : 1;
  pcie.send_request(trans, delay);
}

void fuzz_bench::change(const pcie::payload& trans, rtl::raw_tlp& tlp) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(pcie::tlp_of(trans).context);
  if (wanted == 0) {
    return;
  }
  const auto dwords = static_cast<unsigned>(wanted >> 8U);
  tlp.header[0] = static_cast<std::uint32_t>(wanted & 0xffU) << 24U | (tlp.header[0] & 0xff'fc00U) |
                  std::max(1U, dwords);
  tlp.payload.resize(dwords, 0x5a5a'5a5a);
}

void fuzz_bench::change_completion(const pcie::payload& trans, rtl::header_words& header) {
  if (pcie::tlp_of(trans).context == nullptr) {
    return;
  }
  rtl::raw_tlp sent;
  encode_request(trans, sent);
  change(trans, sent);
  const rtl::header_words& h = sent.header;
  unsigned count = 4;
  unsigned lower = 0;
  if (rtl::is_locked_read(h)) {
    const pcie::enabled_extent extent = pcie::extent_of(1, rtl::first_enables(h), 0);
    header[0] |= 1U << 24U;
    count = extent.bytes;
    lower = (rtl::has_four_dwords(h) ? h[3] : h[2]) % 128 / 4 * 4 + extent.first;
  } else if (rtl::is_atomic(h)) {
    const bool two_operands = (h[0] >> 24U & 0x1fU) == 0x0e;
    count = (two_operands ? 2 : 4) * rtl::length_of(h);
  }
  header[1] = (header[1] & ~0xfffU) | count;
  header[2] = (header[2] & ~0x7fU) | lower;
}

/// Unless the device would do nothing but sweep its table.
void fuzz_bench::reset() {
  constexpr std::uint64_t some = 8;
  if (left_ + some < left_at_reset_) {
    left_at_reset_ = left_;
    device_->reset();
    generator_.was_reset();
  }
}

void fuzz_bench::disturb() {
  if (left_ == 0 || client() == nullptr) {
    if (left_ != 0) {
      next_trigger(period_ * 1000);
      if (random_() % 4 == 0) {
        reset();
      }
    }
    return;
  }
  if (random_() % reset_one_in_ == 0) {
    reset();
  } else if (notified_ < most_notified + device_->checker()->comparator().count(
                                             rtl::lockstep_port::notification)) {
    const unsigned vectors = setup_.properties.vectors;
    const std::uint64_t several = random_() % 8 == 0 ? random_() % 200 : 1;
    for (std::uint64_t i = 0; i < several; ++i) {
      const auto drawn = random_() % (random_() % 2 == 0 ? vectors : std::min(vectors, 4U));
      const bool none =
          random_() % 100 == 0 && vectors < max_vectors && !setup_.properties.has_intx();
      client()->notify(static_cast<vector_index>(none ? vectors : drawn));
      ++notified_;
    }
  }
  const std::uint64_t gap = 1 + random_() % (std::uint64_t{4} * notify_gap_);
  const std::uint64_t fine = random_() % 4 == 0 ? random_() % period_.value() : 0;
  next_trigger(sc_core::sc_time::from_value(gap * period_.value() + fine));
}

// ---- the bus

void fuzz_bench::receive(pcie::port& /*from*/, pcie::payload& trans, sc_core::sc_time& /*delay*/) {
  complete(trans, pcie::completion_status::successful);
}
unsigned fuzz_bench::receive_debug(pcie::port& /*from*/, pcie::payload& /*trans*/) { return 0; }

void fuzz_bench::request_arrived(pcie::port& from, pcie::payload& trans,
                                 const sc_core::sc_time& /*delay*/) {
  from.accept(trans, false);  // a message
}

void fuzz_bench::completion_arrived(pcie::port& from, pcie::payload& trans,
                                    const sc_core::sc_time& /*delay*/) {
  from.accept(trans, true);
  --uncompleted_;
  trans.release();
}

void fuzz_bench::accepted(pcie::port& /*from*/, pcie::payload& trans, bool completion) {
  if (completion) {
    return;
  }
  if (pcie::tlp_of(trans).is_posted()) {
    trans.release();
  }
  if (--outstanding_ == few_outstanding || outstanding_ == 0) {
    room_.notify(sc_core::SC_ZERO_TIME);
  }
}

// ---- the fabric

memory_view fuzz_bench::memory() const { return {memory_.data(), memory_.size()}; }

void fuzz_bench::attached() {
  for (unsigned v = 0; v < setup_.properties.vectors; ++v) {
    if (const auto added = client()->digest({static_cast<std::int64_t>(setup_.id), true}); !added) {
      SC_REPORT_ERROR(name(), added.error().text().c_str());
    }
  }
}

}  // namespace ivshmem::lockstep
