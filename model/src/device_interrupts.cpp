// SPDX-License-Identifier: Apache-2.0
//
// How a notification becomes a message, a pending bit or INTx; reset and state.
#include <cassert>

#include "ivshmem/model/device.h"

namespace ivshmem {

void device::notify(vector_index vector) {
  const unsigned v = to_int(vector);
  ++statistics_.notifications;
  if (v >= peers_.own_vectors()) {
    drop(drop_cause::no_such_vector, peers_.own_id(), vector);
    return;
  }
  if (!properties_.has_msix()) {
    intr_status_ = 1;  // [ivshmem.c:ivshmem_vector_notify]
    update_intx();
    return;
  }
  const bool in_kernel = properties_.irq_path == interrupt_path::irqfd;
  if (!config_.msix_enabled() && !in_kernel) {
    drop(drop_cause::msix_disabled, peers_.own_id(), vector);
    return;
  }
  if (!msix_.masked(v)) {
    send(v, in_kernel);
    return;
  }
  bool is_new = false;
  if (in_kernel) {
    is_new = !latched_[v];
    latched_[v] = true;
  } else {
    is_new = msix_.set_pending(v, true);
  }
  ++(is_new ? statistics_.pended : statistics_.merged);
  callbacks_.held_back(vector, !is_new);
}

bool device::is_owed(unsigned vector) const noexcept {
  return !msix_.masked(vector) &&
         (msix_.pending(vector) || (!latched_.empty() && latched_[vector]));
}

unsigned device::next_owed(unsigned from) const noexcept {
  const unsigned end = msix_.vectors();
  const bool only_pending = latched_.empty();
  unsigned v = only_pending ? msix_.next_pending(from) : from;
  while (v < end && !is_owed(v)) {
    v = only_pending ? msix_.next_pending(v + 1) : v + 1;
  }
  return v;
}

void device::send_owed(unsigned vector) {
  if (!latched_.empty() && latched_[vector]) {
    latched_[vector] = false;
    send(vector, true);
  } else if (msix_.set_pending(vector, false)) {
    send(vector, false);
  }
}

/// Vectors from `first` on and before `end` may have been unmasked.
void device::release(unsigned first, unsigned end) {
  const bool is_one = end == first + 1;
  unsigned v = is_one && !is_owed(first) ? end : next_owed(first);
  if (v < end && callbacks_.may_release()) {
    while (v < end) {
      send_owed(v);
      v = is_one && !is_owed(v) ? end : next_owed(v);
    }
  }
}

void device::collect_latched() {
  if (latched_.empty() || !config_.msix_enabled()) {
    return;
  }
  for (unsigned v = 0; v < msix_.vectors(); ++v) {
    if (latched_[v] && msix_.masked(v)) {
      latched_[v] = false;
      msix_.set_pending(v, true);
    }
  }
}

void device::send(unsigned vector, bool injected) {
  const auto index = static_cast<vector_index>(vector);
  if (!injected && !config_.bus_master()) {
    drop(drop_cause::bus_master_off, peers_.own_id(), index);
    return;
  }
  ++statistics_.messages;
  callbacks_.send_message(index, msix_.message(vector), injected);
}

void device::update_intx() {
  if (!properties_.has_intx()) {
    return;
  }
  const bool level = (intr_status_ & intr_mask_) != 0;
  config_.set_interrupt_status(level);
  const bool wire = level && !config_.intx_disabled();
  if (wire != intx_wire_) {
    intx_wire_ = wire;
    statistics_.intx_edges += wire ? 1 : 0;
    callbacks_.set_intx(wire);
  }
}

void device::reset() {
  intr_mask_ = bar0::intr_mask.reset;
  intr_status_ = bar0::intr_status.reset;
  config_.reset();
  msix_.reset();
  update_intx();
}

device::state device::save() const {
  return {config_.bytes(), intr_mask_, intr_status_, msix_.table(), msix_.pba()};
}

result<void, config_mismatch> device::restore(const state& saved) {
  assert(saved.msix_table.size() == msix_.table().size());
  assert(saved.msix_pba.size() == msix_.pba().size());
  if (auto restored = config_.restore(saved.config); !restored) {
    return restored;
  }
  intr_mask_ = saved.intr_mask;
  intr_status_ = saved.intr_status;
  msix_.restore(saved.msix_table, saved.msix_pba);
  msix_.set_function_masked(config_.function_masked());
  release(0, msix_.vectors());  // what was owed when it was saved [msix.c:msix_load]
  update_intx();
  return {};
}

}  // namespace ivshmem
