// SPDX-License-Identifier: Apache-2.0
//
// The slot of a device: what the device reports, interrupts, and what happens to the slot.
#include "node.h"

#include <cstring>

#include "ivshmem/model/driver.h"

namespace ivshmem::sim {

node::node(const sc_core::sc_module_name& name, const node_config& settings, unsigned index,
           host& where, unsigned slot, const timing_config& timing, device_view view,
           in_process_fabric& fabric, memory_view memory, doorbell_ledger& ledger, journal& entries,
           turn_order& turns)
    : sc_module(name),
      settings_(settings),
      index_(index),
      host_(where),
      slot_(slot),
      fabric_(fabric),
      ledger_(ledger),
      journal_(entries),
      turns_(turns),
      memory_(memory),
      place_(make_place(view, "endpoint", timing)) {
  const device_properties& properties = settings.properties;
  host_.connect(cpu_);
  cpu_.register_invalidate_direct_mem_ptr(this, &node::invalidate);
  host_.place(slot).bind(place_->pcie);
  place_->observe(this);
  if (properties.has_peers()) {
    seat_ = &fabric.join(properties.vectors);
    peer_ = seat_->id();
    lines_.resize(properties.has_intx() ? 1 : properties.vectors);
  }
  SC_METHOD(hear);
  sensitive << hearing_;
  dont_initialize();
  if (properties.has_intx()) {
    SC_THREAD(serve_intx);
    add_program(sc_core::sc_get_current_process_handle());
  }
  insert();
}

const device_place* node::hardware() const noexcept {
  return place_->is_empty() ? nullptr : place_.get();
}

// ---- what the endpoint reports

void node::on_doorbell(peer_id peer, vector_index vector, const sc_core::sc_time& delay) {
  const picoseconds at = now() + delay.value();
  const doorbell_ledger::path way{fabric_.extra_latency().value(), !fabric_.reaches(peer_, peer)};
  journal_.add(at, journal::entry::ring, index_,
               [=] { ledger_.rung(index_, peer, to_int(vector), at, way); });
  if (const auto hook = ring_hooks_.find(driver::doorbell_value(peer, to_int(vector)));
      hook != ring_hooks_.end()) {
    hook->second(at);
  }
  if (trace_ != nullptr) {
    trace_->on_doorbell(peer, vector, delay);
  }
}

void node::on_notify(vector_index vector) {
  journal_.add(now(), journal::entry::notification, index_,
               [=, at = now()] { ledger_.notified(index_, to_int(vector), at); });
  if (trace_ != nullptr) {
    trace_->on_notify(vector);
  }
}

void node::on_message(vector_index vector, const msix_message& message,
                      const sc_core::sc_time& delay) {
  const picoseconds at = now() + delay.value();
  journal_.add(at, journal::entry::outcome, index_,
               [=] { ledger_.message(index_, to_int(vector), at); });
  if (trace_ != nullptr) {
    trace_->on_message(vector, message, delay);
  }
}

void node::on_pending(unsigned count, const sc_core::sc_time& delay) {
  journal_.add(now() + delay.value(), journal::entry::outcome, index_,
               [=] { ledger_.pending_bits(index_, count); });
  if (trace_ != nullptr) {
    trace_->on_pending(count, delay);
  }
}

void node::on_intx(bool asserted, const sc_core::sc_time& delay) {
  if (trace_ != nullptr) {
    trace_->on_intx(asserted, delay);
  }
}

void node::on_drop(drop_cause cause, peer_id peer, vector_index vector,
                   const sc_core::sc_time& delay) {
  const picoseconds at = now() + delay.value();
  journal_.add(at, journal::entry::outcome, index_,
               [=] { ledger_.dropped(index_, cause, peer, to_int(vector), at); });
  if (trace_ != nullptr) {
    trace_->on_drop(cause, peer, vector, delay);
  }
}

void node::on_reset() {
  set_up_ = false;
  journal_.add(now(), journal::entry::loss, index_, [this] { ledger_.was_reset(index_); });
  if (trace_ != nullptr) {
    trace_->on_reset();
  }
}

// ---- interrupts

void node::interrupt(std::uint32_t data) {
  journal_.add(now(), journal::entry::interrupt, index_,
               [=, at = now()] { ledger_.received(index_, data, at); });
  if (data < lines_.size()) {
    unheard_.push_back(data);
    if (const picoseconds left = turns_.until_interrupts(); left != 0) {
      hearing_.notify(sc_core::sc_time::from_value(left));
    } else {
      hear();
    }
  }
}

void node::hear() {
  for (const std::uint32_t vector : unheard_) {
    raise(vector);
  }
  unheard_.clear();
}

void node::raise(unsigned vector) {
  interrupt_line& line = lines_[vector];
  ++line.count;
  if (hook_) {
    hook_(vector);
  }
  if (line.waiter != nullptr) {
    line.waiter->notify(sc_core::SC_ZERO_TIME);
  }
}

void node::on_ring(peer_id peer, unsigned vector, std::function<void(picoseconds)> hook) {
  ring_hooks_[driver::doorbell_value(peer, vector)] = std::move(hook);
}

void node::wake_waiters() {
  for (interrupt_line& one : lines_) {
    if (one.waiter != nullptr) {
      one.waiter->notify(sc_core::SC_ZERO_TIME);
    }
  }
}

bool node::lost(const pcie::payload& trans, pcie::link_loss how) {
  const bool poisoned = how == pcie::link_loss::poisoned;
  const pcie::tlp& header = pcie::tlp_of(trans);
  if (how == pcie::link_loss::completion || header.type != pcie::tlp_type::memory_write ||
      trans.get_data_length() != 4) {
    return false;
  }
  std::uint32_t data = 0;
  std::memcpy(&data, trans.get_data_ptr(), sizeof data);
  if (trans.get_address() == bar_base_[0] + bar0::doorbell.offset) {
    journal_.add(now(), journal::entry::loss, index_, [=] {
      ledger_.write_lost(index_, static_cast<peer_id>(data >> 16U), data & 0xffffU, poisoned);
    });
    return true;
  }
  if (trans.get_address() == host_.message_address(slot_)) {
    journal_.add(now(), journal::entry::loss, index_,
                 [=] { ledger_.message_lost(index_, data, poisoned); });
    return true;
  }
  return false;
}

void node::reset_device() {
  turns_.take(true);
  place_->reset();
}

void node::take_out() {
  turns_.take(true);
  set_up_ = false;
  place_->eject();
  journal_.add(now(), journal::entry::loss, index_, [this] { ledger_.left(index_); });
}

void node::put_in() {
  turns_.take(true);
  insert();
}

void node::insert() {
  if (!place_->is_empty()) {
    return;
  }
  const auto inserted = seat_ != nullptr ? place_->insert(settings_.properties, *seat_)
                                         : place_->insert(settings_.properties, memory_);
  if (!inserted) {
    SC_REPORT_ERROR(name(), inserted.error().text().c_str());
  }
}

}  // namespace ivshmem::sim
