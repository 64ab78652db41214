// SPDX-License-Identifier: Apache-2.0
//
// Rules of the base protocol [IEEE 1666 11 and 15], watched at one socket.
#include "base_protocol_checker.h"

#include <algorithm>
#include <sstream>

namespace ivshmem::test {

namespace {

constexpr std::size_t most_violations = 20;

bool is_response_code(tlm::tlm_response_status status) {
  return status <= tlm::TLM_OK_RESPONSE && status >= tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
}

}  // namespace

base_protocol_checker::base_protocol_checker(const sc_core::sc_module_name& name)
    : sc_module(name) {
  in.bind(static_cast<tlm::tlm_fw_transport_if<>&>(*this));
  out.bind(static_cast<tlm::tlm_bw_transport_if<>&>(*this));
}

void base_protocol_checker::expect(bool holds, const char* rule, const payload* trans) {
  if (holds) {
    return;
  }
  if (violations_.size() == most_violations) {
    ++suppressed_;
    return;
  }
  std::ostringstream line;
  line << name() << " at " << sc_core::sc_time_stamp() << ": " << rule;
  if (trans != nullptr) {
    line << " (" << (trans->is_write() ? "write" : "read") << " of " << trans->get_data_length()
         << " bytes at 0x" << std::hex << trans->get_address() << ")";
  }
  violations_.push_back(line.str());
}

auto base_protocol_checker::take(const payload& trans) -> snapshot {
  snapshot now;
  now.command = trans.get_command();
  now.data = trans.get_data_ptr();
  now.length = trans.get_data_length();
  now.width = trans.get_streaming_width();
  now.enables = trans.get_byte_enable_ptr();
  now.enable_length = trans.get_byte_enable_length();
  if (now.data != nullptr) {
    now.bytes.assign(now.data, now.data + now.length);
  }
  if (now.enables != nullptr) {
    now.enable_bytes.assign(now.enables, now.enables + now.enable_length);
  }
  for (unsigned i = 0; i < tlm::max_num_extensions(); ++i) {
    now.extensions.push_back(trans.get_extension(i));
  }
  return now;
}

void base_protocol_checker::check_start(const payload& trans) {
  ++started_;
  const bool moves = trans.get_command() != tlm::TLM_IGNORE_COMMAND;
  expect(!moves || trans.get_data_ptr() != nullptr, "no data pointer", &trans);
  expect(!moves || trans.get_data_length() != 0, "data length is 0", &trans);
  expect(!moves || trans.get_streaming_width() != 0, "streaming width is 0", &trans);
  expect(trans.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE,
         "the initiator left a response status", &trans);
  expect(!trans.is_dmi_allowed(), "the initiator left the DMI hint set", &trans);
  if (const unsigned char* enables = trans.get_byte_enable_ptr()) {
    const unsigned length = trans.get_byte_enable_length();
    expect(length != 0, "byte enables of length 0", &trans);
    expect(std::all_of(enables, enables + length,
                       [](unsigned char one) {
                         return one == TLM_BYTE_ENABLED || one == TLM_BYTE_DISABLED;
                       }),
           "a byte enable is neither 0 nor 0xff", &trans);
  }
}

void base_protocol_checker::check_unchanged(const snapshot& before, const payload& trans) {
  expect(trans.get_command() == before.command, "the command changed", &trans);
  expect(trans.get_data_ptr() == before.data, "the data pointer changed", &trans);
  expect(trans.get_data_length() == before.length, "the data length changed", &trans);
  expect(trans.get_streaming_width() == before.width, "the streaming width changed", &trans);
  expect(trans.get_byte_enable_ptr() == before.enables &&
             trans.get_byte_enable_length() == before.enable_length,
         "the byte enables changed", &trans);
  expect(before.enables == nullptr ||
             std::equal(before.enable_bytes.begin(), before.enable_bytes.end(), before.enables),
         "a byte enable changed", &trans);
  for (unsigned i = 0; i < before.extensions.size(); ++i) {
    tlm::tlm_extension_base* now = trans.get_extension(i);
    expect(before.extensions[i] == nullptr || now == before.extensions[i],
           "an extension of the initiator changed", &trans);
    expect(before.extensions[i] != nullptr || now == nullptr || trans.has_mm(),
           "an extension stays in a payload without memory manager", &trans);
  }
}

void base_protocol_checker::check_response(const snapshot& before, const payload& trans) {
  check_unchanged(before, trans);
  const tlm::tlm_response_status status = trans.get_response_status();
  expect(status != tlm::TLM_INCOMPLETE_RESPONSE, "the response status was not set", &trans);
  expect(status == tlm::TLM_INCOMPLETE_RESPONSE || is_response_code(status),
         "the response status is none of the standard", &trans);
  const bool read = before.command == tlm::TLM_READ_COMMAND;
  for (unsigned i = 0; i < before.bytes.size(); ++i) {
    const bool enabled = before.enable_bytes.empty() ||
                         before.enable_bytes[i % before.enable_length] == TLM_BYTE_ENABLED;
    if (before.data[i] != before.bytes[i] && !(read && enabled)) {
      expect(false, read ? "a read changed a disabled byte" : "the target changed write data",
             &trans);
      return;
    }
  }
}

// ---- blocking, debug and direct memory transport

void base_protocol_checker::b_transport(payload& trans, sc_core::sc_time& delay) {
  check_start(trans);
  expect(blocking_.count(&trans) == 0 && transfers_.count(&trans) == 0,
         "the payload is in use already", &trans);
  expect(!trans.has_mm() || trans.get_ref_count() > 0, "the payload was released", &trans);
  ++blocking_[&trans];
  const snapshot before = take(trans);
  const sc_core::sc_time local = sc_core::sc_time_stamp() + delay;
  out->b_transport(trans, delay);
  if (--blocking_[&trans] == 0) {
    blocking_.erase(&trans);
  }
  check_response(before, trans);
  expect(sc_core::sc_time_stamp() + delay >= local, "the local time went backwards", &trans);
  ++ended_;
}

unsigned base_protocol_checker::transport_dbg(payload& trans) {
  const snapshot before = take(trans);
  const unsigned bytes = out->transport_dbg(trans);
  expect(bytes <= before.length, "debug transport of more bytes than asked for", &trans);
  check_unchanged(before, trans);
  return bytes;
}

bool base_protocol_checker::get_direct_mem_ptr(payload& trans, tlm::tlm_dmi& dmi) {
  const std::uint64_t address = trans.get_address();
  const bool granted = out->get_direct_mem_ptr(trans, dmi);
  expect(dmi.get_start_address() <= address && address <= dmi.get_end_address(),
         "the DMI range does not contain the address", &trans);
  if (granted) {
    expect(dmi.get_dmi_ptr() != nullptr, "DMI was granted without a pointer", &trans);
    expect(trans.is_write() ? dmi.is_write_allowed() : dmi.is_read_allowed(),
           "DMI was granted for the other kind of access", &trans);
  }
  return granted;
}

void base_protocol_checker::invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) {
  expect(first <= last, "an empty range is invalidated", nullptr);
  in->invalidate_direct_mem_ptr(first, last);
}

// ---- non-blocking transport

void base_protocol_checker::begin(payload& trans, const sc_core::sc_time& delay) {
  check_start(trans);
  expect(trans.has_mm() && trans.get_ref_count() > 0,
         "non-blocking transport without memory manager", &trans);
  expect(blocking_.count(&trans) == 0 && transfers_.count(&trans) == 0,
         "the payload is in use already", &trans);
  expect(requesting_ == nullptr, "BEGIN_REQ before the END_REQ of the request before", &trans);
  requesting_ = &trans;
  transfers_[&trans] = {take(trans), progress::requested, sc_core::sc_time_stamp() + delay};
}

void base_protocol_checker::finish(payload& trans) {
  requesting_ = requesting_ == &trans ? nullptr : requesting_;
  responding_ = responding_ == &trans ? nullptr : responding_;
  transfers_.erase(&trans);
  ++ended_;
}

void base_protocol_checker::advance(payload& trans, const tlm::tlm_phase& phase,
                                    const sc_core::sc_time& delay, bool forward) {
  const auto found = transfers_.find(&trans);
  if (found == transfers_.end()) {
    expect(false, "a phase of a transaction that is not under way", &trans);
    return;
  }
  transfer& now = found->second;
  const sc_core::sc_time effective = sc_core::sc_time_stamp() + delay;
  expect(effective >= now.effective, "a phase takes effect before the one before it", &trans);
  now.effective = effective;
  if (phase == tlm::END_REQ) {
    expect(!forward && now.at == progress::requested, "END_REQ out of order", &trans);
    check_unchanged(now.before, trans);
    now.at = progress::request_ended;
    requesting_ = requesting_ == &trans ? nullptr : requesting_;
  } else if (phase == tlm::BEGIN_RESP) {
    expect(!forward && now.at != progress::responding, "BEGIN_RESP out of order", &trans);
    expect(responding_ == nullptr, "BEGIN_RESP before the END_RESP of the response before", &trans);
    check_response(now.before, trans);
    now.at = progress::responding;
    requesting_ = requesting_ == &trans ? nullptr : requesting_;
    responding_ = &trans;
  } else if (phase == tlm::END_RESP) {
    expect(forward && now.at == progress::responding, "END_RESP out of order", &trans);
    finish(trans);
  } else if (phase == tlm::BEGIN_REQ) {
    expect(false, "BEGIN_REQ of a transaction that is under way", &trans);
  }
}

/// The phases that a call brings back by its return value.
void base_protocol_checker::returned(payload& trans, tlm::tlm_sync_enum status,
                                     const tlm::tlm_phase& passed, const tlm::tlm_phase& phase,
                                     const sc_core::sc_time& delay, bool forward) {
  const auto found = transfers_.find(&trans);
  if (status == tlm::TLM_UPDATED) {
    expect(phase != passed, "TLM_UPDATED without a new phase", &trans);
    advance(trans, phase, delay, !forward);
  } else if (status == tlm::TLM_COMPLETED && found != transfers_.end()) {
    expect(forward || passed == tlm::BEGIN_RESP, "the initiator completed early", &trans);
    if (forward && found->second.at != progress::responding) {
      check_response(found->second.before, trans);
    }
    finish(trans);
  }
}

tlm::tlm_sync_enum base_protocol_checker::nb_transport_fw(payload& trans, tlm::tlm_phase& phase,
                                                          sc_core::sc_time& delay) {
  const tlm::tlm_phase passed = phase;
  const sc_core::sc_time annotated = delay;
  if (passed == tlm::BEGIN_REQ && transfers_.count(&trans) == 0) {
    begin(trans, delay);
  } else {
    advance(trans, passed, delay, true);
  }
  const tlm::tlm_sync_enum status = out->nb_transport_fw(trans, phase, delay);
  expect(delay >= annotated, "the delay became less", nullptr);
  returned(trans, status, passed, phase, delay, true);
  return status;
}

tlm::tlm_sync_enum base_protocol_checker::nb_transport_bw(payload& trans, tlm::tlm_phase& phase,
                                                          sc_core::sc_time& delay) {
  const tlm::tlm_phase passed = phase;
  const sc_core::sc_time annotated = delay;
  advance(trans, passed, delay, false);
  const tlm::tlm_sync_enum status = in->nb_transport_bw(trans, phase, delay);
  expect(delay >= annotated, "the delay became less", nullptr);
  returned(trans, status, passed, phase, delay, false);
  return status;
}

}  // namespace ivshmem::test
