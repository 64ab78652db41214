// SPDX-License-Identifier: Apache-2.0
//
// Which port of a bridge or switch a TLP leaves by.
#include "ivshmem/tlm/pcie/router.h"

#include <cstring>

#include "hops.h"

namespace ivshmem::pcie {

void router::access_config(bridge_function& function, payload& trans, bool debug) {
  const std::uint32_t offset = config_offset(trans);
  const unsigned bytes = trans.get_data_length();
  if (!is_within_dword(trans)) {
    complete(trans, completion_status::unsupported_request);  // malformed [PCIe 2.2.7]
    return;
  }
  complete(trans, completion_status::successful);
  tlp_of(trans).completer = config_target(trans);
  std::uint32_t value = 0;
  if (trans.is_read()) {
    value = function.read(offset, bytes);
    std::memcpy(trans.get_data_ptr(), &value, bytes);
  } else if (!debug) {
    std::memcpy(&value, trans.get_data_ptr(), bytes);
    const bool was_in_reset = function.secondary_in_reset();
    function.write(offset, bytes, value);
    root_side().invalidate_granted_dmi();  // windows or enables may have changed
    configured(function, was_in_reset);
  }
}

/// decide() for a packet that has come.
router::decision router::admit(port& from, payload& trans) {
  decision where = decide(from, trans);
  if (tlp_of(trans).type == tlp_type::message) {
    apply(from, trans, where);
  }
  return where;
}

void router::receive(port& from, payload& trans, sc_core::sc_time& delay) {
  tlp& header = tlp_of(trans);
  const decision where = admit(from, trans);
  const bool timed = mode_ == timing_mode::tlm_lt;
  if (timed) {
    delay += latency_;
  }
  if (where.out != nullptr) {
    const tlp_type asked = header.type;
    header.type = where.type;
    where.out->send(trans, delay);
    header.type = asked;
  } else if (where.function != nullptr) {
    access_config(*where.function, trans, false);
  } else {
    statistics_.unrouted += where.swallowed ? 0 : 1;
    complete(trans, where.swallowed ? completion_status::successful
                                    : completion_status::unsupported_request);
  }
  if (timed && !header.is_posted()) {
    delay += latency_;
  }
}

unsigned router::receive_debug(port& from, payload& trans) {
  tlp& header = tlp_of(trans);
  const decision where = decide(from, trans);
  if (where.out != nullptr) {
    const tlp_type asked = header.type;
    header.type = where.type;
    const unsigned bytes = where.out->send_debug(trans);
    header.type = asked;
    return bytes;
  }
  if (where.function != nullptr && trans.is_read()) {
    access_config(*where.function, trans, true);
    return trans.is_response_ok() ? trans.get_data_length() : 0;
  }
  complete(trans, completion_status::unsupported_request);
  return 0;
}

bool router::receive_dmi(port& from, payload& trans, tlm::tlm_dmi& dmi) {
  const decision where = decide(from, trans);
  if (where.out == nullptr || mode_ == timing_mode::tlm_cycle || !where.out->send_dmi(trans, dmi)) {
    return false;
  }
  route range;
  range.first = dmi.get_start_address();
  range.last = dmi.get_end_address();
  return is_whole(*where.out, range);
}

bool router::resolve(port& from, std::uint64_t address, route& found) {
  if (mode_ != timing_mode::functional) {
    return false;
  }
  payload probe;
  tlp fields;
  probe.set_extension(&fields);
  probe.set_command(tlm::TLM_READ_COMMAND);
  probe.set_address(address);
  const decision where = decide(from, probe);
  probe.clear_extension(&fields);
  return where.out != nullptr && where.out->resolve(address, found) && is_whole(*where.out, found);
}

bool router::claims(port& from, const payload& trans) {
  const decision where = decide(from, trans);
  return where.out != nullptr || where.function != nullptr;
}

void router::dmi_invalidated(port& /*from*/, std::uint64_t first, std::uint64_t last) {
  root_side().invalidate_dmi(first, last);
}

// ---- tlm_cycle

void router::request_arrived(port& from, payload& trans, const sc_core::sc_time& delay) {
  tlp& header = tlp_of(trans);
  const decision where = admit(from, trans);
  if (where.out != nullptr) {
    header.type = where.type;
    forward_request(from, *where.out, trans, delay + latency_);
    return;
  }
  if (where.function == nullptr) {
    statistics_.unrouted += where.swallowed ? 0 : 1;
    refuse_request(from, trans, delay + latency_ + latency_);
    return;
  }
  from.accept(trans, false);
  access_config(*where.function, trans, false);
  from.send_completion(trans, delay + latency_ + latency_);
}

void router::completion_arrived(port& from, payload& trans, const sc_core::sc_time& delay) {
  return_completion(from, trans, tlp_of(trans), delay + latency_);
}

void router::accepted(port& from, payload& trans, bool completion) {
  // The buffer that a packet leaves is the next one's business: credits pass through.
  return_credit(from, trans, tlp_of(trans), completion);
}

}  // namespace ivshmem::pcie
