// SPDX-License-Identifier: Apache-2.0
//
// Accesses of a processor to TLPs, and TLPs of devices to memory accesses.
#include "ivshmem/tlm/pcie/root_complex.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "ivshmem/tlm/pcie/byte_enables.h"
#include "ivshmem/tlm/report.h"
#include "nonblocking_front.h"
#include "root_complex_internal.h"

namespace ivshmem::pcie {

root_complex::root_complex(const sc_core::sc_module_name& name, const root_complex_config& config)
    : sc_module(name), config_(usable(this->name(), config)) {
  cpu.register_b_transport(this, &root_complex::b_transport);
  cpu.register_nb_transport_fw(this, &root_complex::nb_transport_fw);
  cpu.register_transport_dbg(this, &root_complex::transport_dbg);
  cpu.register_get_direct_mem_ptr(this, &root_complex::get_direct_mem_ptr);
  make_windows();
  for (const unsigned device : config_.devices) {
    slots_.push_back(std::make_unique<slot>(device, slots_.size(), static_cast<component&>(*this)));
  }
  SC_HAS_PROCESS(root_complex);
  SC_METHOD(drive_intx);
  sensitive << intx_changed_;
  dont_initialize();
  if (config_.mode == timing_mode::tlm_cycle) {
    timed_ = std::make_unique<timed_requests>(*this);
    SC_METHOD(check_timeouts);
    sensitive << timed_->timeout_due();
    dont_initialize();
    SC_THREAD(take_upstream);
    sensitive << timed_->arrived();
  }
}

root_complex::~root_complex() = default;

port& root_complex::downstream(unsigned device_number) {
  for (const auto& one : slots_) {
    if (one->device == device_number) {
      return one->port;
    }
  }
  report_error(report_type::binding, name(),
               "device " + std::to_string(device_number) +
                   " has no port: must be a number in root_complex_config::devices");
  // Reports that are displayed only: somewhere to go on.
  slots_.push_back(
      std::make_unique<slot>(device_number, slots_.size(), static_cast<component&>(*this)));
  return slots_.back()->port;
}

void root_complex::reset_bus() {
  for (const auto& one : slots_) {
    one->port.send_hot_reset();
  }
}

const address_range* root_complex::mmio_range(std::uint64_t address) const noexcept {
  for (const address_range& range : config_.mmio) {
    if (range.contains(address)) {
      return &range;
    }
  }
  return nullptr;
}

// ---- from the processor

void root_complex::b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
  const std::uint64_t address = trans.get_address();
  const unsigned bytes = trans.get_data_length();
  if (address - route_.first <= route_.last - route_.first && route_.target != nullptr &&
      bytes - 1U <= route_.last - address && trans.get_byte_enable_ptr() == nullptr &&
      trans.get_streaming_width() >= bytes && trans.get_command() != tlm::TLM_IGNORE_COMMAND &&
      route_.target->access(route_.bar, trans.is_write(), address - route_.first,
                            trans.get_data_ptr(), bytes, delay)) {
    trans.set_dmi_allowed(route_.bar == 2);
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
  } else {
    access_by_tlp(trans, delay);
  }
}

/// Not inlined: accesses that have a route would pay for its place on the stack.
__attribute__((noinline)) void root_complex::access_by_tlp(tlm::tlm_generic_payload& trans,
                                                           sc_core::sc_time& delay) {
  access whole{trans.is_write(),        false, trans.get_address(), trans.get_data_ptr(),
               trans.get_data_length(), delay};
  if (timed_ != nullptr) {
    timed_->transport(trans, whole);
  } else {
    access_all(trans, whole);
  }
}

tlm::tlm_sync_enum root_complex::nb_transport_fw(tlm::tlm_generic_payload& trans,
                                                 tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  return front().forward(trans, phase, delay, nullptr);
}

auto root_complex::front() -> nonblocking_front& {
  if (front_ == nullptr) {
    front_ = std::make_unique<nonblocking_front>(*this);
  }
  return *front_;
}

unsigned root_complex::transport_dbg(tlm::tlm_generic_payload& trans) {
  sc_core::sc_time no_time;
  access whole{trans.is_write(),        true,   trans.get_address(), trans.get_data_ptr(),
               trans.get_data_length(), no_time};
  access_all(trans, whole);
  return static_cast<unsigned>(whole.transferred);
}

void root_complex::access_all(tlm::tlm_generic_payload& trans, access& whole) {
  trans.set_dmi_allowed(false);
  trans.set_response_status(tlm::TLM_OK_RESPONSE);
  if (trans.get_command() == tlm::TLM_IGNORE_COMMAND) {
    return;
  }
  const unsigned width = trans.get_streaming_width();
  const bool plain = trans.get_byte_enable_ptr() == nullptr && width >= whole.bytes;
  if (plain || whole.debug) {  // for debug transport both mean nothing [IEEE 1666 11.3.4]
    access_run(whole);
  } else {
    const byte_enables enables(trans);
    const bool no_pattern = enables.all() && trans.get_byte_enable_ptr() != nullptr;
    if (width == 0 || no_pattern) {
      trans.set_response_status(width == 0 ? tlm::TLM_BURST_ERROR_RESPONSE
                                           : tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
      return;
    }
    for (unsigned first = 0; first < whole.bytes;) {
      unsigned end = first;
      while (end < whole.bytes && enables.at(end) && end / width == first / width) {
        ++end;
      }
      if (end == first) {
        ++first;
        continue;
      }
      access run = whole;
      run.address = whole.address + first % width;
      run.data = whole.data + first;
      run.bytes = end - first;
      access_run(run);
      whole.answered = whole.answered && run.answered;
      first = end;
    }
  }
  trans.set_dmi_allowed(whole.dmi_allowed);
  if (!whole.answered && config_.unclaimed == unclaimed_access::error) {
    trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  }
}

void root_complex::access_run(access& run) {
  const bool is_config = config_.ecam.contains(run.address);
  const std::uint64_t unit = is_config ? 4 : config_.max_payload_bytes;
  const std::uint64_t within = unit - 1;  // a power of two: this is on the path of every access
  if ((run.address & within) + run.bytes <= unit) {
    access_part(run);
    return;
  }
  for (std::uint64_t done = 0; done < run.bytes;) {
    access part = run;
    part.address = run.address + done;
    part.data = run.data + done;
    part.bytes = std::min(unit - (part.address & within), run.bytes - done);
    part.transferred = 0;
    access_part(part);
    run.answered = run.answered && part.answered;
    run.dmi_allowed = part.dmi_allowed;
    run.transferred += part.transferred;
    if (part.debug && part.transferred != part.bytes) {
      return;
    }
    done += part.bytes;
  }
}

void root_complex::access_part(access& part) {
  if (part.timed != nullptr) {
    part.timed->issue(part);
    return;
  }
  const payload_pool::lease request(pool_);
  request->set_command(part.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  request->set_data_ptr(part.data);
  request->set_data_length(static_cast<unsigned>(part.bytes));
  request->set_streaming_width(static_cast<unsigned>(part.bytes));
  if (config_.ecam.contains(part.address)) {
    request->set_address(part.address - config_.ecam.base);
    // Software sees Unsupported Request on a configuration read as all ones [PCIe 2.3.2].
    const bool taken = route_config(*request, part);
    if (!taken && !part.write) {
      std::memset(part.data, 0xff, part.bytes);
    }
    part.answered = taken || !part.debug || !part.write;  // a debugger learns that nothing changed
    part.transferred = part.answered ? part.bytes : 0;
    return;
  }
  request->set_address(part.address);
  request->header.type = part.write ? tlp_type::memory_write : tlp_type::memory_read;
  if (mmio_range(part.address) == nullptr || !route_memory(*request, part) ||
      !is_good(*request, request->header)) {
    part.transferred = 0;
    unanswered(part);
  }
  part.dmi_allowed = request->is_dmi_allowed();
}

void root_complex::unanswered(access& part) {
  part.answered = false;
  if (part.debug) {
    return;
  }
  ++statistics_.unclaimed;
  if (!part.write && config_.unclaimed != unclaimed_access::error) {
    std::memset(part.data, config_.unclaimed == unclaimed_access::ones ? 0xff : 0, part.bytes);
  }
}

// ---- to the devices

bool root_complex::route_config(payload& trans, access& part) {
  const bdf target = config_target(trans);
  const bool own_bus = bus_of(target) == 0;
  tlp& header = tlp_of(trans);
  if (own_bus) {
    header.type = part.write ? tlp_type::config_write_0 : tlp_type::config_read_0;
  } else {
    header.type = part.write ? tlp_type::config_write_1 : tlp_type::config_read_1;
  }
  for (const auto& one : slots_) {
    if (own_bus ? one->device != device_of(target) : !may_take(*one, trans)) {
      continue;
    }
    if (part.debug) {
      one->port.send_debug(trans);
    } else {
      one->port.send(trans, part.delay);
    }
    if (header.status == completion_status::successful) {
      if (part.write && !part.debug) {
        look_at_bars(trans);
      }
      return true;
    }
  }
  return false;
}

// A request goes out through one port: others must not see it, lose it or take time for it.
bool root_complex::may_take(slot& one, const payload& trans) const {
  return slots_.size() == 1 || one.port.leads_to(trans);
}

bool root_complex::route_memory(payload& trans, access& part) {
  tlp& header = tlp_of(trans);
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    // The last one to answer comes first, then the others in order.
    const std::size_t index = i == 0 ? last_slot_ : (i <= last_slot_ ? i - 1 : i);
    if (!may_take(*slots_[index], trans)) {
      continue;
    }
    if (part.debug) {
      part.transferred = slots_[index]->port.send_debug(trans);
    } else {
      slots_[index]->port.send(trans, part.delay);
    }
    if (header.status == completion_status::successful) {
      if (!part.debug) {
        last_slot_ = index;
        find_route(index, part.address);
      }
      return true;
    }
  }
  return false;
}

void root_complex::find_route(std::size_t slot_index, std::uint64_t address) {
  if (config_.mode == timing_mode::tlm_cycle) {
    return;
  }
  route found;
  const address_range* range = mmio_range(address);
  const bool whole = slots_[slot_index]->port.resolve(address, found) && range != nullptr &&
                     range->contains(found.first) && range->contains(found.last);
  route_ = whole ? found : route{};
}

bool root_complex::get_direct_mem_ptr(tlm::tlm_generic_payload& trans, tlm::tlm_dmi& dmi) {
  const address_range* range = mmio_range(trans.get_address());
  if (range == nullptr) {
    return false;
  }
  const payload_pool::lease request(pool_);
  request->set_command(trans.get_command());
  request->set_address(trans.get_address());
  request->set_data_length(0);
  for (const auto& one : slots_) {
    if (one->port.send_dmi(*request, dmi)) {
      // The processor's address is the bus address; only the windows limit what it may see.
      const std::uint64_t first = std::max<std::uint64_t>(dmi.get_start_address(), range->base);
      const std::uint64_t last =
          std::min<std::uint64_t>(dmi.get_end_address(), range->base + range->bytes - 1);
      dmi.set_dmi_ptr(dmi.get_dmi_ptr() + (first - dmi.get_start_address()));
      dmi.set_start_address(first);
      dmi.set_end_address(last);
      return true;
    }
  }
  return false;
}

// ---- from the devices

void root_complex::receive(port& from, payload& trans, sc_core::sc_time& delay) {
  tlp& header = tlp_of(trans);
  if (header.type == tlp_type::message) {
    set_intx(from, header);
    complete(trans, header, completion_status::successful);
    return;
  }
  if (header.is_config()) {
    complete(trans, header, completion_status::unsupported_request);
    return;
  }
  const std::uint64_t address = trans.get_address();
  if (header.poisoned && trans.is_write()) {
    ++statistics_.poisoned;  // must not change what it is for [PCIe 2.7.2.2]
    complete(trans, header, completion_status::unsupported_request);
    return;
  }
  if (trans.get_data_length() == 0) {
    // A flush: memory has nothing to do.
    complete(trans, header, completion_status::successful);
    return;
  }
  if (header.injected && !config_.msi.contains(address)) {
    ++statistics_.messages_dropped;
    complete(trans, header, completion_status::successful);
    return;
  }
  if (!config_.msi.contains(address) && mmio_range(address) != nullptr) {
    access part{trans.is_write(),        false, address, trans.get_data_ptr(),
                trans.get_data_length(), delay};
    if (!route_memory(trans, part)) {
      complete(trans, header, completion_status::unsupported_request);
    }
  } else {
    dma->b_transport(trans, delay);
    complete(trans, header,
             trans.is_response_ok() ? completion_status::successful
                                    : completion_status::unsupported_request);
  }
  statistics_.dma_failed += header.status == completion_status::successful ? 0 : 1;
}

unsigned root_complex::receive_debug(port& /*from*/, payload& trans) {
  if (tlp_of(trans).type > tlp_type::memory_write) {
    complete(trans, completion_status::unsupported_request);
    return 0;
  }
  const unsigned bytes = dma->transport_dbg(trans);
  complete(trans, bytes == trans.get_data_length() ? completion_status::successful
                                                   : completion_status::unsupported_request);
  return bytes;
}

void root_complex::dmi_invalidated(port& /*from*/, std::uint64_t first, std::uint64_t last) {
  route_ = {};
  invalidate_direct_mem_ptr(first, last);
}

}  // namespace ivshmem::pcie
