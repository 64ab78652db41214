// SPDX-License-Identifier: Apache-2.0
//
// rtl_device.h, what leaves the core: completions, messages, doorbells, events.
#include <algorithm>

#include "ivshmem/model/doorbell.h"
#include "ivshmem/model/timing.h"
#include "rtl_clocking.h"
#include "rtl_device_parts.h"

namespace ivshmem::rtl {

using pcie::tlp_type;

void rtl_device::take(const driver_outputs& seen) {
  parts& p = *parts_;
  p.front_unsupported = p.front_unsupported || seen.unsupported || seen.poisoned;
  p.front_malformed = p.front_malformed || seen.malformed;
  if (seen.unsupported || seen.poisoned) {
    count_unsupported();
  }
  if (seen.event.valid) {
    event_out(seen.event);
  }
  if (seen.doorbell.valid) {
    doorbell_out(seen.doorbell);
  }
  if (seen.message != nullptr) {
    message_out(*seen.message);
  }
  if (seen.completion != nullptr) {
    completed(*seen.completion);
  }
  if (seen.request_done && !p.buffered.empty()) {
    request_gone();
  }
}

void rtl_device::completed(const raw_tlp& tlp) {
  parts& p = *parts_;
  const std::uint32_t id = transaction_of_completion(tlp.header);
  const auto is_asked = [&](const flight* one) { return one->transaction == id; };
  auto found = p.waiting.begin();
  if (found != p.waiting.end() && !is_asked(*found)) {  // they come in order, as a rule
    found = std::find_if(found, p.waiting.end(), is_asked);
  }
  if (found == p.waiting.end()) {
    return;  // of the write that install() makes
  }
  flight& one = **found;
  if (!merge_completion(tlp, *one.trans)) {
    return;
  }
  if (found == p.waiting.begin()) {
    p.waiting.pop_front();
  } else {
    p.waiting.erase(found);
  }
  p.finished_at = p.driver.cycle();
  pcie::tlp& header = pcie::tlp_of(*one.trans);
  bar_hit hit{};
  if (header.type == tlp_type::config_write_0) {
    copy_windows();
    watch_windows();
  } else if (header.type == tlp_type::memory_read && decode(*one.trans, hit) && hit.bar == 2) {
    header.completion_bytes =
        static_cast<std::uint16_t>(timing::memory_piece_bytes(p.windows.max_payload_bytes()));
  }
  one.finished = true;
  const flight gone = one;
  if (!one.in_buffer) {
    p.free_flights.push_back(&one);
  }
  finished(gone);
}

/// Whoever is called may do anything: `one` is no flight of the device any more, or a copy.
void rtl_device::finished(const flight& one) {
  if (one.done != nullptr) {
    one.done->notify(sc_core::SC_ZERO_TIME);
  } else if (one.timed) {
    if (!one.posted) {
      pcie.send_completion(*one.trans, sc_core::SC_ZERO_TIME);
    }
    one.trans->release();
  }
}

/// A malformed request is not completed [PCIe 2.3.1]; a blocking caller must get an answer now.
void rtl_device::give_up_waiting() {
  parts& p = *parts_;
  for (flight* one : p.waiting) {
    p.finished_at = p.driver.cycle();
    unsupported(*one->trans);
    p.free_flights.push_back(one);
  }
  p.waiting.clear();
}

void rtl_device::request_gone() {
  parts& p = *parts_;
  flight& one = *p.buffered.front();
  p.buffered.pop();
  const bool refused = p.front_unsupported || p.front_malformed;
  const bool malformed = p.front_malformed;
  p.front_unsupported = false;
  p.front_malformed = false;
  pcie::payload& trans = *one.trans;
  one.in_buffer = false;
  bar_hit hit{};
  if (observer() != nullptr && !refused && decode(trans, hit)) {
    observer()->on_access(hit.bar, trans.is_write(), hit.offset, trans.get_data_length());
  }
  if (one.posted) {
    p.finished_at = p.driver.cycle();
    complete(trans, refused ? pcie::completion_status::unsupported_request
                            : pcie::completion_status::successful);
  }
  if (one.timed) {
    pcie.accept(trans, false);
  }
  const flight gone = one;
  if (one.posted) {
    p.free_flights.push_back(&one);
    finished(gone);
  } else if (one.finished) {
    p.free_flights.push_back(&one);
  } else if (malformed) {
    p.finished_at = p.driver.cycle();
    p.waiting.erase(std::find(p.waiting.begin(), p.waiting.end(), &one));
    p.free_flights.push_back(&one);
    if (gone.done != nullptr) {
      unsupported(trans);
      gone.done->notify(sc_core::SC_ZERO_TIME);
    } else if (gone.timed) {
      trans.release();  // no completion: the requester's time-out is its business
    } else {
      unsupported(trans);
    }
  }
}

// ---- upstream

void rtl_device::message_out(const raw_tlp& tlp) {
  parts& p = *parts_;
  const sc_core::sc_time delay = clocking_->output_delay();
  if (type_of(tlp.header) == raw_type::message_local) {
    p.intx = (tlp.header[1] & 0xffU) == static_cast<std::uint32_t>(pcie::message_code::assert_inta);
    p.statistics.intx_edges += p.intx ? 1 : 0;
    if (observer() != nullptr) {
      observer()->on_intx(p.intx, delay);
    }
  } else {
    const unsigned vector = p.announced.empty() ? 0 : p.announced.front();
    if (!p.announced.empty()) {
      p.announced.pop();
    }
    if (observer() != nullptr) {
      observer()->on_message(static_cast<vector_index>(vector),
                             {address_of(tlp.header), tlp.payload.empty() ? 0 : tlp.payload[0]},
                             delay);
    }
  }
  clocking_->message(tlp);
}

// ---- to the fabric

void rtl_device::dropped(drop_cause cause, peer_id peer, vector_index vector) {
  ++parts_->statistics.drops[static_cast<std::size_t>(cause)];
  warn_of_drop(cause, peer, vector);
  if (observer() != nullptr) {
    observer()->on_drop(cause, peer, vector, clocking_->output_delay());
  }
}

void rtl_device::doorbell_out(const doorbell_pins& doorbell) {
  parts& p = *parts_;
  const std::uint32_t value = std::uint32_t{doorbell.peer} << 16U | doorbell.value;
  const doorbell_target to = resolve_doorbell(value, doorbell.word, p.peers, properties());
  ++p.statistics.doorbells;
  if (!to.rings) {
    dropped(to.cause, to.peer, to.vector);
    return;
  }
  ++p.statistics.rung;
  const sc_core::sc_time delay = clocking_->output_delay();
  if (observer() != nullptr) {
    observer()->on_doorbell(to.peer, to.vector, delay);
  }
  seat()->ring(to.peer, to.vector, delay);
}

// ---- events

void rtl_device::set_pending(unsigned vector, bool pending) {
  parts& p = *parts_;
  if (vector >= p.pending.size() || p.pending[vector] == pending) {
    return;
  }
  p.pending[vector] = pending;
  p.pending_count = pending ? p.pending_count + 1 : p.pending_count - 1;
  if (observer() != nullptr) {
    observer()->on_pending(p.pending_count, clocking_->output_delay());
  }
}

void rtl_device::event_out(const event_pins& event) {
  parts& p = *parts_;
  const auto vector = static_cast<vector_index>(event.vector);
  const peer_id own = p.peers.own_id();
  switch (event.kind) {
    case interrupt_event::sent:
      ++p.statistics.messages;
      p.announced.push(event.vector);
      set_pending(event.vector, false);
      break;
    case interrupt_event::pended:
      ++p.statistics.pended;
      set_pending(event.vector, true);
      break;
    case interrupt_event::merged:
      ++p.statistics.merged;
      break;
    case interrupt_event::lost_msix_disabled:
      dropped(drop_cause::msix_disabled, own, vector);
      break;
    case interrupt_event::lost_master_off:
      set_pending(event.vector, false);
      dropped(drop_cause::bus_master_off, own, vector);
      break;
    case interrupt_event::lost_no_vector:
      dropped(drop_cause::no_such_vector, own, vector);
      break;
  }
}

void rtl_device::report_violations() {
  core_driver& driver = parts_->driver;
  const unsigned failed = driver.core().failed_assertions();
  const std::size_t found = driver.violations().count() + failed;
  if (found == parts_->reported) {
    return;
  }
  parts_->reported = found;
  const auto& texts = driver.violations().texts();
  report_error(report_type::rtl, name(),
               failed != 0 ? "an assertion of the RTL failed" : texts.back());
}

}  // namespace ivshmem::rtl
