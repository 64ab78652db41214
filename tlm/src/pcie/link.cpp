// SPDX-License-Identifier: Apache-2.0
//
// A PCI Express link: two directions, and what breaks it.
#include "ivshmem/tlm/pcie/link.h"

#include <algorithm>
#include <array>
#include <string>

#include "hops.h"
#include "ivshmem/tlm/config_table.h"
#include "ivshmem/tlm/report.h"
#include "link_direction.h"

namespace ivshmem::pcie {

namespace {

/// Raw rate and encoding of a generation [PCIe 4.2]: bits a lane in 0.1 GT/s, and the share of them
/// that carries data.
struct rate {
  std::uint64_t tenths_of_gt;
  std::uint64_t data;
  std::uint64_t of;
};
constexpr std::array<rate, 7> rates{{{0, 0, 0},
                                     {25, 8, 10},
                                     {50, 8, 10},
                                     {80, 128, 130},
                                     {160, 128, 130},
                                     {320, 128, 130},
                                     {640, 242, 256}}};

constexpr unsigned completion_header_bytes = 12;

unsigned request_header_bytes(const payload& trans) {
  const tlp& header = tlp_of(trans);
  const bool wide = header.type == tlp_type::message ||
                    (!header.is_config() && trans.get_address() > 0xffff'ffff);
  return wide ? 16 : 12;
}

/// Whether a completion brings data.
bool has_data(const payload& trans) {
  return trans.is_read() && trans.is_response_ok() && trans.get_data_length() != 0;
}

}  // namespace

std::uint64_t dword_bytes(const payload& trans) {
  return (trans.get_address() % 4 + trans.get_data_length() + 3) / 4 * 4;
}

link::link(const sc_core::sc_module_name& name, const link_config& config)
    : sc_module(name), config_(usable(config)) {
  if (config_.mode == timing_mode::tlm_cycle) {
    SC_HAS_PROCESS(link);
    down_ = std::make_unique<direction>(*this, upstream, downstream);
    up_wire_ = std::make_unique<direction>(*this, downstream, upstream);
    SC_METHOD(run_down);
    sensitive << down_->due();
    dont_initialize();
    SC_METHOD(run_up);
    sensitive << up_wire_->due();
    dont_initialize();
  }
}

link::~link() = default;

/// The configuration with what must not be put right, for platforms that only display reports.
link_config link::usable(link_config config) const {
  config = checked(name(), config);
  const unsigned least = config.max_payload_bytes / 16;
  if (config.credits.posted_data < least) {
    report_error(report_type::parameter, name(),
                 "posted_data = " + std::to_string(config.credits.posted_data) + ": must be " +
                     std::to_string(least) + " or more, one maximum payload in units of 16 B");
    config.credits.posted_data = least;
  }
  return config;
}

sc_core::sc_time link::serialisation(unsigned header_bytes, std::uint64_t payload_bytes) const {
  const rate& line = rates[config_.generation];
  const std::uint64_t bits = 8 * (header_bytes + payload_bytes + config_.overhead_bytes);
  const std::uint64_t divisor = line.tenths_of_gt * config_.lanes * line.data;
  const std::uint64_t picoseconds = (bits * 10'000 * line.of + divisor - 1) / divisor;
  return {static_cast<double>(picoseconds), sc_core::SC_PS};
}

sc_core::sc_time link::request_time(const payload& trans) const {
  return serialisation(request_header_bytes(trans), trans.is_write() ? dword_bytes(trans) : 0);
}

sc_core::sc_time link::completion_time(const payload& trans) const {
  return serialisation(completion_header_bytes, has_data(trans) ? dword_bytes(trans) : 0) +
         serialisation(completion_header_bytes, 0) * (completion_pieces(trans) - 1);
}

unsigned link::completion_pieces(const payload& trans) const {
  if (!has_data(trans)) {
    return 1;
  }
  unsigned piece = config_.max_payload_bytes;
  if (const unsigned said = tlp_of(trans).completion_bytes; said != 0) {
    piece = std::min(piece, said);
  }
  const std::uint64_t first = trans.get_address() / piece;
  const std::uint64_t last = (trans.get_address() + trans.get_data_length() - 1) / piece;
  return static_cast<unsigned>(last - first + 1);
}

void link::count(const payload& trans, bool completion) {
  const bool data = completion ? has_data(trans) : trans.is_write();
  const unsigned header = completion ? completion_header_bytes : request_header_bytes(trans);
  const unsigned packets = completion ? completion_pieces(trans) : 1;
  statistics_.packets += packets;
  statistics_.bytes +=
      std::uint64_t{packets} * (header + config_.overhead_bytes) + (data ? dword_bytes(trans) : 0);
}

void link::lost(const payload& trans, link_loss how) {
  if (how == link_loss::request) {
    ++(tlp_of(trans).is_posted() ? statistics_.lost_posted : statistics_.failed_requests);
  } else {
    ++(how == link_loss::completion ? statistics_.lost_completions : statistics_.poisoned);
  }
  if (on_loss_) {
    on_loss_(trans, how);
  }
}

bool link::admit(payload& trans) {
  tlp& header = tlp_of(trans);
  const bool memory = !header.is_config() && header.type != tlp_type::message;
  const std::uint64_t bytes = trans.get_data_length();
  const unsigned limit =
      trans.is_write() ? config_.max_payload_bytes : config_.max_read_request_bytes;
  const bool crosses = trans.get_address() % 4096 + bytes > 4096;  // [PCIe 2.2.7]
  if (memory && (dword_bytes(trans) > limit || crosses)) {
    ++statistics_.oversize;
    return false;
  }
  if (!up_) {
    lost(trans, link_loss::request);
    return false;
  }
  if (poison_writes_ != 0 && header.type == tlp_type::memory_write) {
    --poison_writes_;
    header.poisoned = true;
    lost(trans, link_loss::poisoned);
  }
  return true;
}

void link::set_up(bool up) {
  if (up_ && !up) {
    upstream.invalidate_granted_dmi();
    if (down_ != nullptr) {
      down_->drop_all();
      up_wire_->drop_all();
    }
  }
  up_ = up;
}

bool link::is_idle() const noexcept {
  return down_ == nullptr || (down_->is_idle() && up_wire_->is_idle());
}

void link::lose_completions(unsigned count) {
  lose_completions_ += count;
  upstream.invalidate_granted_dmi();  // nothing may go round the fault
}

void link::poison_writes(unsigned count) {
  poison_writes_ += count;
  upstream.invalidate_granted_dmi();
}

// ---- functional and tlm_lt

void link::receive(port& from, payload& trans, sc_core::sc_time& delay) {
  if (!admit(trans)) {
    complete(trans, completion_status::unsupported_request);
    return;
  }
  const bool timed = config_.mode == timing_mode::tlm_lt;
  if (timed) {
    delay += request_time(trans) + config_.propagation + extra_;
  }
  other(from).send(trans, delay);
  if (tlp_of(trans).is_posted()) {
    return;
  }
  if (lose_completions_ != 0) {
    --lose_completions_;
    lost(trans, link_loss::completion);
    complete(trans, completion_status::unsupported_request);
  }
  if (timed) {
    delay += completion_time(trans) + config_.propagation + extra_;
  }
}

unsigned link::receive_debug(port& from, payload& trans) {
  if (!up_) {
    complete(trans, completion_status::unsupported_request);
    return 0;
  }
  return other(from).send_debug(trans);
}

bool link::receive_dmi(port& from, payload& trans, tlm::tlm_dmi& dmi) {
  return passes_direct() && config_.mode != timing_mode::tlm_cycle &&
         other(from).send_dmi(trans, dmi);
}

bool link::resolve(port& from, std::uint64_t address, route& found) {
  return passes_direct() && config_.mode == timing_mode::functional &&
         other(from).resolve(address, found);
}

bool link::claims(port& from, const payload& trans) { return other(from).leads_to(trans); }

void link::dmi_invalidated(port& from, std::uint64_t first, std::uint64_t last) {
  other(from).invalidate_dmi(first, last);
}

void link::hot_reset(port& from) { other(from).send_hot_reset(); }

// ---- tlm_cycle

void link::request_arrived(port& from, payload& trans, const sc_core::sc_time& delay) {
  if (down_ == nullptr) {
    component::request_arrived(from, trans, delay);
    return;
  }
  if (!admit(trans)) {
    refuse_request(from, trans, delay);
    return;
  }
  (&from == &upstream ? *down_ : *up_wire_).arrive(trans, false, delay);
}

void link::completion_arrived(port& from, payload& trans, const sc_core::sc_time& delay) {
  if (!up_ || lose_completions_ != 0) {
    lose_completions_ -= up_ ? 1U : 0U;
    lost(trans, link_loss::completion);
    from.accept(trans, true);
    return;
  }
  (&from == &upstream ? *down_ : *up_wire_).arrive(trans, true, delay);
}

void link::accepted(port& from, payload& trans, bool completion) {
  // What was sent through `downstream` came down.
  (&from == &downstream ? *down_ : *up_wire_).credit(trans, completion);
}

void link::run_down() { down_->step(); }
void link::run_up() { up_wire_->step(); }

}  // namespace ivshmem::pcie
