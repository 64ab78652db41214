// SPDX-License-Identifier: Apache-2.0
//
// A slot for a device: who is in it, which BAR takes a request, and what needs no engine.
#include "ivshmem/tlm/device_place.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "ivshmem/tlm/config_table.h"
#include "ivshmem/tlm/report.h"

namespace ivshmem {

using pcie::completion_status;
using pcie::tlp_type;

device_place::device_place(const sc_core::sc_module_name& name, const timing_config& timing)
    : sc_module(name), timing_(checked(this->name(), timing)) {}

device_place::~device_place() { device_place::observe(nullptr); }

endpoint_observer::~endpoint_observer() {
  for (device_place* place : std::exchange(watched_, {})) {
    place->observer_ = nullptr;
  }
}

void device_place::observe(endpoint_observer* observer) noexcept {
  if (observer_ != nullptr) {
    auto& watched = observer_->watched_;
    watched.erase(std::find(watched.begin(), watched.end(), this));
  }
  observer_ = observer;
  if (observer_ != nullptr) {
    observer_->watched_.push_back(this);
  }
}

// ---- devices come and go

result<void, property_error> device_place::insert(const device_properties& properties,
                                                  memory_view memory) {
  return put_in(properties, peer_id{}, memory, nullptr);
}

result<void, property_error> device_place::insert(const device_properties& properties,
                                                  fabric_seat& seat) {
  return put_in(properties, seat.id(), seat.memory(), &seat);
}

result<void, property_error> device_place::refusal(const device_properties& /*properties*/) const {
  return {};
}

result<void, property_error> device_place::put_in(const device_properties& properties, peer_id id,
                                                  memory_view memory, fabric_seat* seat) {
  if (!is_empty()) {
    return property_error{"device", to_string(properties_.variant),
                          "the place must be empty, eject it first"};
  }
  if (auto checked = refusal(properties); !checked) {
    return checked;
  }
  if (auto checked = check(properties, memory.bytes, id); !checked) {
    return checked;
  }
  if (auto checked = check(memory, seat); !checked) {
    return checked;
  }
  if (seat != nullptr && seat->vectors() != 0 && seat->vectors() != properties.vectors) {
    report_warning(report_type::vectors, name(),
                   "vectors = " + std::to_string(properties.vectors) + ": its seat has " +
                       std::to_string(seat->vectors()) +
                       "; only the lower number of them can be rung");
  }
  properties_ = properties;
  memory_ = memory;
  seat_ = seat;
  config_ = &make_device(id);
  window_changes_ = config_->window_changes();
  if (seat_ != nullptr) {
    seat_->attach(*this);
  }
  return {};
}

void device_place::eject() {
  if (is_empty()) {
    return;
  }
  remove_device();
  config_ = nullptr;
  detach();
  watch_windows();
}

void device_place::warn_of_drop(drop_cause cause, peer_id peer, vector_index vector) {
  drop_warnings_.dropped(name(), cause, peer, vector);
}

void device_place::detach() {
  if (seat_ != nullptr) {
    seat_->detach();
    seat_ = nullptr;
  }
}

const peer_table& device_place::nobodys_peers() noexcept {
  static const peer_table none(peer_id{}, 0);
  return none;
}

const device_statistics& device_place::nobodys_statistics() noexcept {
  static const device_statistics none;
  return none;
}

void device_place::watch_windows() {
  const std::uint32_t changes = config_ == nullptr ? 0 : config_->window_changes();
  const bool changed = config_ == nullptr || changes != window_changes_;
  window_changes_ = changes;
  if (changed && granted_.first <= granted_.last) {
    const pcie::route back = std::exchange(granted_, {});
    pcie.invalidate_dmi(back.first, back.last);
  }
}

void device_place::granted(std::uint64_t first, std::uint64_t last) noexcept {
  const bool none = granted_.first > granted_.last;
  granted_.first = none ? first : std::min(granted_.first, first);
  granted_.last = none ? last : std::max(granted_.last, last);
}

// ---- the bus

void device_place::unsupported(pcie::payload& trans) noexcept {
  count_unsupported();
  complete(trans, completion_status::unsupported_request);
}

bool device_place::claims(pcie::port& /*from*/, const pcie::payload& trans) {
  const pcie::tlp& header = pcie::tlp_of(trans);
  bar_hit hit{};
  return !is_empty() && (header.is_config_0() || decode(trans, header, hit));
}

unsigned device_place::receive_debug(pcie::port& /*from*/, pcie::payload& trans) {
  const pcie::tlp& header = pcie::tlp_of(trans);
  unsigned bytes = trans.get_data_length();
  complete(trans, completion_status::unsupported_request);
  if (is_empty()) {
    return 0;
  }
  if (header.type == tlp_type::config_read_0) {
    if (pcie::function_of(pcie::config_target(trans)) != 0 || !pcie::is_within_dword(trans)) {
      return 0;
    }
    const std::uint32_t value = peek_config(pcie::config_offset(trans), bytes);
    std::memcpy(trans.get_data_ptr(), &value, bytes);
  } else {
    bar_hit hit{};
    const bool write = header.type == tlp_type::memory_write;
    if (!header.is_memory() || !find_bar(*config_, trans.get_address(), hit) ||
        (write && hit.bar != 2)) {
      return 0;  // a debugger cannot write a register without its side effects
    }
    bytes = static_cast<unsigned>(
        std::min<std::uint64_t>(bytes, config_->bar_bytes(hit.bar) - hit.offset));
    if (write) {
      std::memcpy(memory_.data + hit.offset, trans.get_data_ptr(), bytes);
    } else {
      peek(hit.bar, hit.offset, trans.get_data_ptr(), bytes);
    }
  }
  complete(trans, completion_status::successful);
  return bytes;
}

bool device_place::receive_dmi(pcie::port& /*from*/, pcie::payload& trans, tlm::tlm_dmi& dmi) {
  if (is_empty() || !allows_dmi() || !config_->bar(2).contains(trans.get_address())) {
    return false;
  }
  const bar_window& window = config_->bar(2);
  dmi.allow_read_write();
  dmi.set_start_address(window.base);
  dmi.set_end_address(window.last);
  dmi.set_dmi_ptr(memory_.data);
  dmi.set_read_latency(sc_core::SC_ZERO_TIME);
  dmi.set_write_latency(sc_core::SC_ZERO_TIME);
  granted(window.base, window.last);
  return true;
}

bool device_place::resolve(pcie::port& /*from*/, std::uint64_t address, pcie::route& found) {
  found = {};
  pcie::route_target* const target = is_empty() ? nullptr : direct_target();
  if (target == nullptr) {
    return false;
  }
  for (unsigned bar = 0; bar < config_space::bar_count && found.target == nullptr; ++bar) {
    const bar_window& window = config_->bar(bar);
    if (window.contains(address)) {
      found = {window.base, window.last, target, bar};
    }
  }
  for (unsigned bar = 0; bar < config_space::bar_count && found.target != nullptr; ++bar) {
    const bar_window& other = config_->bar(bar);
    if (bar != found.bar && other.mapped && other.base <= found.last && other.last >= found.first) {
      found = {};  // windows of one device that overlap: each request is decoded
    }
  }
  if (found.target == nullptr) {
    return false;
  }
  granted(found.first, found.last);
  return true;
}

void device_place::hot_reset(pcie::port& /*from*/) { reset(); }

void device_place::accepted(pcie::port& /*from*/, pcie::payload& trans, bool completion) {
  if (!completion) {
    trans.release();  // a message of this device that the link took
  }
}

}  // namespace ivshmem
