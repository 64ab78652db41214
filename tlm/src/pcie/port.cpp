// SPDX-License-Identifier: Apache-2.0
//
// One end of a link.
#include "ivshmem/tlm/pcie/port.h"

#include <algorithm>
#include <string>
#include <utility>

#include "ivshmem/tlm/report.h"

namespace ivshmem::pcie {

bool component::receive_dmi(port& /*from*/, payload& /*trans*/, tlm::tlm_dmi& /*dmi*/) {
  return false;
}
bool component::resolve(port& /*from*/, std::uint64_t /*address*/, route& /*found*/) {
  return false;
}
void component::dmi_invalidated(port& /*from*/, std::uint64_t /*first*/, std::uint64_t /*last*/) {}
void component::hot_reset(port& /*from*/) {}
bool component::claims(port& /*from*/, const payload& /*trans*/) { return true; }

void component::request_arrived(port& from, payload& trans, const sc_core::sc_time& delay) {
  sc_core::sc_time later = delay;
  trans.acquire();  // a posted payload is gone once it is accepted
  from.accept(trans, false);
  receive(from, trans, later);
  if (!tlp_of(trans).is_posted()) {
    from.send_completion(trans, later);
  }
  trans.release();
}
void component::completion_arrived(port& from, payload& trans, const sc_core::sc_time& /*delay*/) {
  from.accept(trans, true);
}
void component::accepted(port& /*from*/, payload& /*trans*/, bool /*completion*/) {}

port::port(const char* name, component& owner, unsigned index)
    : sc_object(name),
      tx((std::string(name) + "_tx").c_str()),
      rx((std::string(name) + "_rx").c_str()),
      owner_(owner),
      index_(index) {
  tx.bind(static_cast<tlm::tlm_bw_transport_if<tlp_protocol>&>(*this));
  rx.bind(static_cast<tlm::tlm_fw_transport_if<tlp_protocol>&>(*this));
}

void port::check_neighbour(const port& other) const {
  const auto report = [&](const std::string& what) {
    report_error(report_type::binding, name(), std::string("bound to ") + other.name() + what);
  };
  const auto mine = owner_.mode();
  const auto theirs = other.owner_.mode();
  if (mine && theirs && *mine != *theirs) {
    report(std::string(", which works in ") + to_string(*theirs) + ": must be " + to_string(*mine) +
           " as here");
  }
  if (owner_.role() == other.owner_.role() && owner_.role() != component_role::passes_on) {
    report(owner_.role() == component_role::root
               ? ": must be an endpoint, link, switch or bridge, not another root complex"
               : ": must be a root complex, link, switch or bridge, not another endpoint");
  }
}

void port::bind(port& other) {
  check_neighbour(other);
  tx.bind(other.rx);
  other.tx.bind(rx);
  other_ = &other;
  other.other_ = this;
}

// Between two ports that know each other a TLP is a plain call, blocking or timed. What is bound to
// the sockets gets the base protocol.

void port::send(payload& trans, sc_core::sc_time& delay) {
  if (other_ != nullptr) {
    other_->owner_.receive(*other_, trans, delay);
  } else if (is_bound()) {
    tx->b_transport(trans, delay);
  } else {
    complete(trans, completion_status::unsupported_request);
  }
}

unsigned port::send_debug(payload& trans) {
  if (!is_bound()) {
    complete(trans, completion_status::unsupported_request);
    return 0;
  }
  return tx->transport_dbg(trans);
}

bool port::send_dmi(payload& trans, tlm::tlm_dmi& dmi) {
  return is_bound() && tx->get_direct_mem_ptr(trans, dmi);
}

bool port::resolve(std::uint64_t address, route& found) {
  if (other_ == nullptr || !other_->owner_.resolve(*other_, address, found)) {
    return false;
  }
  other_->granted(found.first, found.last);
  return true;
}

void port::granted(std::uint64_t first, std::uint64_t last) {
  granted_first_ = std::min(granted_first_, first);
  granted_last_ = std::max(granted_last_, last);
}

void port::invalidate_dmi(std::uint64_t first, std::uint64_t last) {
  if (rx.get_base_port().size() != 0) {
    rx->invalidate_direct_mem_ptr(first, last);
  }
}

void port::invalidate_granted_dmi() {
  const std::uint64_t first = std::exchange(granted_first_, ~std::uint64_t{0});
  const std::uint64_t last = std::exchange(granted_last_, 0);
  if (first <= last) {
    invalidate_dmi(first, last);
  }
}

void port::send_hot_reset() {
  if (other_ != nullptr) {
    other_->owner_.hot_reset(*other_);
  }
}

bool port::leads_to(const payload& trans) {
  return is_bound() && (other_ == nullptr || other_->owner_.claims(*other_, trans));
}

void port::b_transport(payload& trans, sc_core::sc_time& delay) {
  owner_.receive(*this, trans, delay);
}

unsigned port::transport_dbg(payload& trans) { return owner_.receive_debug(*this, trans); }

bool port::get_direct_mem_ptr(payload& trans, tlm::tlm_dmi& dmi) {
  if (!owner_.receive_dmi(*this, trans, dmi)) {
    return false;
  }
  granted(dmi.get_start_address(), dmi.get_end_address());
  return true;
}

void port::invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) {
  owner_.dmi_invalidated(*this, first, last);
}

// ---- timed transport

void port::send_request(payload& trans, const sc_core::sc_time& delay) {
  if (other_ != nullptr) {
    other_->owner_.request_arrived(*other_, trans, delay);
    return;
  }
  sc_core::sc_time when = delay;
  if (is_bound()) {
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    if (tx->nb_transport_fw(trans, phase, when) != tlm::TLM_COMPLETED) {
      return;
    }
    // A foreign model that needs no second phase.
  } else {
    complete(trans, completion_status::unsupported_request);
  }
  const bool posted = tlp_of(trans).is_posted();  // a posted payload is gone once it is accepted
  owner_.accepted(*this, trans, false);
  if (!posted) {
    owner_.completion_arrived(*this, trans, when);
  }
}

void port::send_completion(payload& trans, const sc_core::sc_time& delay) {
  if (other_ != nullptr) {
    other_->owner_.completion_arrived(*other_, trans, delay);
    return;
  }
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time when = delay;
  rx->nb_transport_bw(trans, phase, when);
}

void port::accept(payload& trans, bool completion) {
  if (other_ != nullptr) {
    other_->owner_.accepted(*other_, trans, completion);
    return;
  }
  if (!is_bound()) {
    return;  // the completion was made here
  }
  sc_core::sc_time now;
  if (completion) {
    tlm::tlm_phase phase = tlm::END_RESP;
    tx->nb_transport_fw(trans, phase, now);
  } else {
    tlm::tlm_phase phase = tlm::END_REQ;
    rx->nb_transport_bw(trans, phase, now);
  }
}

tlm::tlm_sync_enum port::nb_transport_fw(payload& trans, tlm::tlm_phase& phase,
                                         sc_core::sc_time& delay) {
  if (phase == tlm::BEGIN_REQ) {
    owner_.request_arrived(*this, trans, delay);
  } else {
    owner_.accepted(*this, trans, true);
  }
  return tlm::TLM_ACCEPTED;
}

tlm::tlm_sync_enum port::nb_transport_bw(payload& trans, tlm::tlm_phase& phase,
                                         sc_core::sc_time& delay) {
  if (phase == tlm::BEGIN_RESP) {
    owner_.completion_arrived(*this, trans, delay);
  } else {
    owner_.accepted(*this, trans, false);
  }
  return tlm::TLM_ACCEPTED;
}

}  // namespace ivshmem::pcie
