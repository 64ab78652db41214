// SPDX-License-Identifier: Apache-2.0

#include <array>
#include <cstring>
#include <string>

#include "endpoint_pipeline.h"
#include "endpoint_visit.h"

namespace ivshmem {

namespace {

using pcie::completion_status;
using pcie::tlp_type;

/// Calls `action(offset, bytes)` for each run of enabled bytes, lowest first.
template <class Action>
void for_each_run(const pcie::payload& trans, Action action) {
  const unsigned bytes = trans.get_data_length();
  const unsigned char* enables = trans.get_byte_enable_ptr();
  if (enables == nullptr) {
    if (bytes != 0) {  // a zero-length request touches nothing
      action(0U, bytes);
    }
    return;
  }
  const unsigned period = trans.get_byte_enable_length();
  const auto enabled = [&](unsigned i) { return enables[i % period] == TLM_BYTE_ENABLED; };
  for (unsigned first = 0; first < bytes;) {
    unsigned end = first;
    while (end < bytes && enabled(end)) {
      ++end;
    }
    if (end != first) {
      action(first, end - first);
    }
    first = end + 1;
  }
}

}  // namespace

// ---- from the bus

bool endpoint::decode(const pcie::payload& trans, target& hit) const {
  const std::uint64_t first = trans.get_address();
  const std::uint64_t bytes = trans.get_data_length();
  for (unsigned bar = 0; bar < pci_config::bar_count; ++bar) {
    const bar_window& window = device_->config().bar(bar);
    if (window.contains(first)) {
      hit = {bar, first - window.base};
      return bytes == 0 || bytes - 1 <= window.last - first;
    }
  }
  return false;
}

void endpoint::receive(pcie::port& /*from*/, pcie::payload& trans, sc_core::sc_time& delay) {
  if (timing_.mode == timing_mode::tlm_lt) {
    loosely_timed(trans, delay);
  } else {
    execute(trans, delay);
  }
}

void endpoint::execute(pcie::payload& trans, const sc_core::sc_time& delay) {
  const pcie::tlp& header = pcie::tlp_of(trans);
  if (header.type == tlp_type::message) {
    complete(trans, completion_status::unsupported_request);
    return;  // for nobody here, but no error
  }
  if (device_ == nullptr) {
    unsupported(trans);
    return;
  }
  const visit here(*this, delay);
  pcie::tlp_of(trans).completer = id_;
  if (header.type <= tlp_type::memory_write) {
    memory_request(trans);
  } else {
    config_request(trans);
  }
  if (observer_ != nullptr) {
    watch_pending();
  }
}

void endpoint::unsupported(pcie::payload& trans) {
  ++unsupported_requests_;
  complete(trans, completion_status::unsupported_request);
}

void endpoint::memory_request(pcie::payload& trans) {
  const pcie::tlp& header = pcie::tlp_of(trans);
  const bool write = header.type == tlp_type::memory_write;
  target hit{};
  // Poisoned data must not change the device [PCIe 2.7.2.2].
  if (!decode(trans, hit) || (write && header.poisoned)) {
    unsupported(trans);
    return;
  }
  complete(trans, completion_status::successful);
  if (header.msix && hit.bar != 2 && hit.offset % 4 != 0) {
    return;  // a message that is not aligned reaches memory, but no register [behaviour 5]
  }
  if (observer_ != nullptr) {
    observer_->on_access(hit.bar, write, hit.offset, trans.get_data_length());
  }
  access_bytes(trans, hit);
  if (hit.bar == 2) {
    trans.set_dmi_allowed(true);
  }
}

void endpoint::access_bytes(pcie::payload& trans, const target& where) {
  const bool write = trans.is_write();
  unsigned char* const data = trans.get_data_ptr();
  for_each_run(trans, [&](unsigned first, unsigned bytes) {
    if (write) {
      device_->write(where.bar, where.offset + first, data + first, bytes);
    } else {
      device_->read(where.bar, where.offset + first, data + first, bytes);
    }
  });
}

bool endpoint::serves_config(const pcie::payload& trans) {
  const pcie::tlp& header = pcie::tlp_of(trans);
  const bool write = header.type == tlp_type::config_write_0;
  return (write || header.type == tlp_type::config_read_0) &&
         pcie::function_of(pcie::config_target(trans)) == 0 && !(write && header.poisoned) &&
         (trans.get_data_length() == 0 || pcie::is_within_dword(trans));
}

void endpoint::config_request(pcie::payload& trans) {
  const pcie::tlp& header = pcie::tlp_of(trans);
  if (!serves_config(trans)) {
    unsupported(trans);
    return;
  }
  const pcie::bdf addressed = pcie::config_target(trans);
  const bool write = header.type == tlp_type::config_write_0;
  complete(trans, completion_status::successful);
  pcie::tlp_of(trans).completer = addressed;
  std::uint32_t value = 0;
  const std::uint32_t offset = pcie::config_offset(trans);
  for_each_run(trans, [&](unsigned first, unsigned bytes) {
    if (write) {
      id_ = addressed;
      value = 0;
      std::memcpy(&value, trans.get_data_ptr() + first, bytes);
      device_->config_write(offset + first, bytes, value);
    } else {
      value = device_->config_read(offset + first, bytes);
      std::memcpy(trans.get_data_ptr() + first, &value, bytes);
    }
  });
  watch_windows();
}

unsigned endpoint::receive_debug(pcie::port& /*from*/, pcie::payload& trans) {
  const pcie::tlp& header = pcie::tlp_of(trans);
  const unsigned bytes = trans.get_data_length();
  complete(trans, completion_status::unsupported_request);
  if (device_ == nullptr) {
    return 0;
  }
  if (header.type == tlp_type::config_read_0) {
    if (pcie::function_of(pcie::config_target(trans)) != 0 || !pcie::is_within_dword(trans)) {
      return 0;
    }
    const std::uint32_t value = device_->config_read(pcie::config_offset(trans), bytes);
    std::memcpy(trans.get_data_ptr(), &value, bytes);
    complete(trans, completion_status::successful);
    return bytes;
  }
  target hit{};
  if (header.type > tlp_type::memory_write || !decode(trans, hit)) {
    return 0;
  }
  if (header.type == tlp_type::memory_read) {
    device_->peek(hit.bar, hit.offset, trans.get_data_ptr(), bytes);
  } else if (hit.bar == 2) {
    device_->write(2, hit.offset, trans.get_data_ptr(), bytes);
  } else {
    return 0;  // a debugger cannot write a register without its side effects
  }
  complete(trans, completion_status::successful);
  return bytes;
}

bool endpoint::receive_dmi(pcie::port& /*from*/, pcie::payload& trans, tlm::tlm_dmi& dmi) {
  const std::uint64_t address = trans.get_address();
  if (device_ == nullptr || timing_.mode == timing_mode::tlm_cycle ||
      !device_->config().bar(2).contains(address)) {
    return false;
  }
  const bar_window& window = device_->config().bar(2);
  dmi.allow_read_write();
  dmi.set_start_address(window.base);
  dmi.set_end_address(window.last);
  dmi.set_dmi_ptr(device_->memory().data);
  dmi.set_read_latency(sc_core::SC_ZERO_TIME);
  dmi.set_write_latency(sc_core::SC_ZERO_TIME);
  routed_ = true;
  return true;
}

bool endpoint::resolve(pcie::port& /*from*/, std::uint64_t address, pcie::route& found) {
  found = {};
  if (device_ == nullptr || timing_.mode != timing_mode::functional) {
    return false;
  }
  const pci_config& config = device_->config();
  for (unsigned bar = 0; bar < pci_config::bar_count && found.target == nullptr; ++bar) {
    if (config.bar(bar).contains(address)) {
      found = {config.bar(bar).base, config.bar(bar).last, static_cast<pcie::route_target*>(this),
               bar};
    }
  }
  for (unsigned bar = 0; bar < pci_config::bar_count && found.target != nullptr; ++bar) {
    const bar_window& other = config.bar(bar);
    if (bar != found.bar && other.mapped && other.base <= found.last && other.last >= found.first) {
      found = {};  // windows of one device that overlap: each request is decoded
    }
  }
  routed_ = routed_ || found.target != nullptr;
  return found.target != nullptr;
}

void endpoint::access(unsigned bar, bool write, std::uint64_t offset, unsigned char* data,
                      unsigned bytes, const sc_core::sc_time& delay) {
  if (observer_ != nullptr || !messengers_.empty()) {
    watched_access(bar, write, offset, data, bytes, delay);
    return;
  }
  const sc_core::sc_time outer = delay_;
  delay_ = delay;
  std::uint32_t word = 0;
  const bool is_register = bar == 0 && bytes == sizeof word && offset % sizeof word == 0;
  if (is_register && write) {
    std::memcpy(&word, data, sizeof word);
    device_->write_register(static_cast<std::uint32_t>(offset), word);
  } else if (is_register) {
    word = device_->read_register(static_cast<std::uint32_t>(offset));
    std::memcpy(data, &word, sizeof word);
  } else if (write) {
    device_->write(bar, offset, data, bytes);
  } else {
    device_->read(bar, offset, data, bytes);
  }
  delay_ = outer;
}

/// The same when there is more to do: out of the way of the common case.
void endpoint::watched_access(unsigned bar, bool write, std::uint64_t offset, unsigned char* data,
                              unsigned bytes, const sc_core::sc_time& delay) {
  const visit here(*this, delay);
  if (observer_ != nullptr) {
    observer_->on_access(bar, write, offset, bytes);
  }
  if (write) {
    device_->write(bar, offset, data, bytes);
  } else {
    device_->read(bar, offset, data, bytes);
  }
  if (observer_ != nullptr) {
    watch_pending();
  }
}

void endpoint::hot_reset(pcie::port& /*from*/) { reset(); }

// ---- from the device

void endpoint::ring(peer_id peer, vector_index vector) {
  sc_core::sc_time delay = delay_;
  if (timing_.mode == timing_mode::tlm_lt) {
    delay += cycles(timing::doorbell_cycles);
  } else if (is_exact()) {
    delay = pipeline_->until(pipeline_->doorbell_cycle());
  }
  if (observer_ != nullptr) {
    observer_->on_doorbell(peer, vector, delay);
  }
  seat_->ring(peer, vector, delay);
}

void endpoint::send_message(vector_index vector, const msix_message& message, bool injected) {
  if (is_exact()) {
    pipeline_->comes_to(to_int(vector));
    pipeline_->tell(interrupt_event::sent, vector);
  }
  if (observer_ != nullptr && !is_exact()) {
    observer_->on_message(vector, message, delay_);
  }
  std::array<unsigned char, 4> data{};
  std::memcpy(data.data(), &message.data, data.size());
  pcie::tlp_header header;
  header.type = tlp_type::memory_write;
  header.msix = true;
  header.injected = injected;
  send_upstream(header, message.address, data.data(), data.size(), vector);
}

void endpoint::set_intx(bool asserted) {
  if (is_exact()) {
    pipeline_->comes_now();
  }
  if (observer_ != nullptr && !is_exact()) {
    observer_->on_intx(asserted, delay_);
  }
  pcie::tlp_header header;
  header.type = tlp_type::message;
  header.code = asserted ? pcie::message_code::assert_inta : pcie::message_code::deassert_inta;
  send_upstream(header, 0, nullptr, 0, {});
}

void endpoint::dropped(drop_cause cause, peer_id peer, vector_index vector) {
  if (is_exact()) {
    pipeline_->dropped(cause, vector);
  }
  if (observer_ != nullptr) {
    observer_->on_drop(cause, peer, vector, event_delay());
  }
}

void endpoint::blocked_reentry(unsigned bar, std::uint32_t offset) {
  if (observer_ != nullptr) {
    observer_->on_blocked_reentry(bar, offset);
  }
}

void endpoint::register_access(unsigned bar, bool write, std::uint32_t offset,
                               std::uint32_t value) {
  if (observer_ != nullptr) {
    observer_->on_register_access(bar, write, offset, value);
  }
}

// ---- from the fabric

message_result endpoint::digest(const server_message& message) { return device_->digest(message); }

void endpoint::notify(vector_index vector) {
  if (observer_ != nullptr) {
    observer_->on_notify(vector);
  }
  if (is_exact()) {
    pipeline_->notify(vector);
    return;
  }
  const visit here(*this, sc_core::SC_ZERO_TIME);
  device_->notify(vector);
  if (observer_ != nullptr) {
    watch_pending();
  }
}

// ---- watching

/// In tlm_cycle the device tells what became of an interrupt a cycle after it was decided.
sc_core::sc_time endpoint::event_delay() const {
  return is_exact() ? delay_ + timing_.clock_period : delay_;
}

void endpoint::watch_pending() {
  const unsigned pending = device_ == nullptr ? 0 : device_->interrupts().pending_count();
  if (pending != last_pending_) {
    last_pending_ = pending;
    observer_->on_pending(pending, event_delay());
  }
}

void endpoint::watch_windows() {
  const bool changed = device_ == nullptr || device_->config().window_changes() != window_changes_;
  window_changes_ = device_ == nullptr ? 0 : device_->config().window_changes();
  if (changed && routed_) {
    routed_ = false;
    pcie.invalidate_dmi(0, ~std::uint64_t{0});
  }
}

}  // namespace ivshmem
