// SPDX-License-Identifier: Apache-2.0
//
// What all engines do with a request, and the choice of one.
#include "engine.h"

#include <cstring>

#include "exact.h"
#include "functional.h"
#include "ivshmem/tlm/pcie/byte_enables.h"
#include "loosely_timed.h"

namespace ivshmem {

using pcie::tlp_type;

std::unique_ptr<endpoint_engine> endpoint_engine::make(endpoint& place) {
  switch (place.timing().mode) {
    case timing_mode::tlm_lt:
      return std::make_unique<loosely_timed_engine>(place);
    case timing_mode::tlm_cycle:
      return std::make_unique<exact_engine>(place);
    default:
      return std::make_unique<functional_engine>(place);
  }
}

bool endpoint_engine::arrived(pcie::payload& /*trans*/, const sc_core::sc_time& /*delay*/) {
  return false;
}

void endpoint_engine::reset() { reset_device(); }

void endpoint_engine::reset_device() {
  if (model() == nullptr) {
    return;
  }
  model()->reset();
  if (observer() != nullptr) {
    observer()->on_reset();
    tell_pending(event_delay());
  }
  place_.watch_windows();
}

void endpoint_engine::loaded() {
  place_.watch_windows();
  watch_pending();
}

void endpoint_engine::removed() {
  model_ = nullptr;
  id_ = {};
  if (observer() != nullptr) {
    tell_pending(sc_core::SC_ZERO_TIME);
  }
  last_pending_ = 0;
}

// ---- requests

bool endpoint_engine::serves_config(const pcie::payload& trans, const pcie::tlp& header) noexcept {
  return header.is_config_0() && pcie::function_of(pcie::config_target(trans)) == 0 &&
         !(header.type == tlp_type::config_write_0 && header.poisoned) &&
         (trans.get_data_length() == 0 || pcie::is_within_dword(trans));
}

void endpoint_engine::configure(pcie::payload& trans) {
  const bool write = trans.is_write();
  const std::uint32_t offset = pcie::config_offset(trans);
  pcie::tlp& header = pcie::tlp_of(trans);
  if (write) {
    id_ = pcie::config_target(trans);
  }
  header.completer = id_;
  complete(trans, pcie::completion_status::successful);
  pcie::byte_enables(trans).for_each_run([&](unsigned first, unsigned bytes) {
    std::uint32_t value = 0;
    unsigned char* const data = trans.get_data_ptr() + first;
    if (write) {
      std::memcpy(&value, data, bytes);
      model()->config_write(offset + first, bytes, value);
    } else {
      value = model()->config_read(offset + first, bytes);
      std::memcpy(data, &value, bytes);
    }
  });
  place_.watch_windows();
}

void endpoint_engine::access_bytes(pcie::payload& trans, const bar_hit& where) {
  const bool write = trans.is_write();
  unsigned char* const data = trans.get_data_ptr();
  const pcie::byte_enables enables(trans);
  std::uint32_t word = 0;
  if (where.bar == 0 && trans.get_data_length() == sizeof word && where.offset % sizeof word == 0 &&
      enables.all()) {
    const auto offset = static_cast<std::uint32_t>(where.offset);
    if (write) {
      std::memcpy(&word, data, sizeof word);
      model()->write_register(offset, word);
    } else {
      word = model()->read_register(offset);
      std::memcpy(data, &word, sizeof word);
    }
    return;
  }
  enables.for_each_run([&](unsigned first, unsigned bytes) {
    if (write) {
      model()->write(where.bar, where.offset + first, data + first, bytes);
    } else {
      model()->read(where.bar, where.offset + first, data + first, bytes);
    }
  });
}

// ---- what leaves

void endpoint_engine::fill_message(pcie::payload_pool::pooled& trans, const msix_message& message,
                                   bool injected) const {
  pcie::tlp& header = trans.header;
  header.type = tlp_type::memory_write;
  header.requester = id_;
  header.msix = true;
  header.injected = injected;
  trans.set_command(tlm::TLM_WRITE_COMMAND);
  trans.set_address(message.address);
  std::memcpy(trans.get_data_ptr(), &message.data, sizeof message.data);
}

void endpoint_engine::fill_intx(pcie::payload_pool::pooled& trans, bool asserted) const {
  pcie::tlp& header = trans.header;
  header.type = tlp_type::message;
  header.requester = id_;
  header.code = asserted ? pcie::message_code::assert_inta : pcie::message_code::deassert_inta;
  trans.set_command(tlm::TLM_IGNORE_COMMAND);
  trans.set_address(0);
}

// ---- what an observer sees

void endpoint_engine::blocked_reentry(unsigned bar, std::uint32_t offset) {
  if (observer() != nullptr) {
    observer()->on_blocked_reentry(bar, offset);
  }
}

void endpoint_engine::register_access(unsigned bar, bool write, std::uint32_t offset,
                                      std::uint32_t value) {
  if (observer() != nullptr) {
    observer()->on_register_access(bar, write, offset, value);
  }
}

void endpoint_engine::tell_pending(const sc_core::sc_time& delay) {
  const unsigned pending = model() == nullptr ? 0 : model()->interrupts().pending_count();
  if (pending != last_pending_) {
    last_pending_ = pending;
    observer()->on_pending(pending, delay);
  }
}

}  // namespace ivshmem
