// SPDX-License-Identifier: Apache-2.0
//
// A memory-mapped bus for the base protocol: decodes addresses.
#include "ivshmem/tlm/bus.h"

#include <algorithm>

namespace ivshmem {

bus::bus(const sc_core::sc_module_name& name) : sc_module(name) {
  in.register_b_transport(this, &bus::b_transport);
  in.register_transport_dbg(this, &bus::transport_dbg);
  in.register_get_direct_mem_ptr(this, &bus::get_direct_mem_ptr);
  out.register_invalidate_direct_mem_ptr(this, &bus::invalidate_direct_mem_ptr);
}

int bus::find(const tlm::tlm_generic_payload& trans) const noexcept {
  const std::uint64_t first = trans.get_address();
  const unsigned length = trans.get_data_length();
  const std::uint64_t last = first + (length == 0 ? 0 : length - 1);
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (targets_[i].range.contains(first) && targets_[i].range.contains(last)) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

void bus::b_transport(int /*id*/, tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
  const int index = find(trans);
  if (index < 0) {
    trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  const std::uint64_t address = trans.get_address();
  trans.set_address(address - targets_[static_cast<std::size_t>(index)].subtract);
  out[index]->b_transport(trans, delay);
  trans.set_address(address);
}

unsigned bus::transport_dbg(int /*id*/, tlm::tlm_generic_payload& trans) {
  const int index = find(trans);
  if (index < 0) {
    return 0;
  }
  const std::uint64_t address = trans.get_address();
  trans.set_address(address - targets_[static_cast<std::size_t>(index)].subtract);
  const unsigned bytes = out[index]->transport_dbg(trans);
  trans.set_address(address);
  return bytes;
}

bool bus::get_direct_mem_ptr(int /*id*/, tlm::tlm_generic_payload& trans, tlm::tlm_dmi& dmi) {
  const int index = find(trans);
  if (index < 0) {
    return false;
  }
  const target& hit = targets_[static_cast<std::size_t>(index)];
  const std::uint64_t address = trans.get_address();
  trans.set_address(address - hit.subtract);
  const bool granted = out[index]->get_direct_mem_ptr(trans, dmi);
  trans.set_address(address);
  if (granted) {
    // The target may have more than its range shows.
    const std::uint64_t base = hit.range.base - hit.subtract;
    const std::uint64_t first = std::max<std::uint64_t>(dmi.get_start_address(), base);
    const std::uint64_t last =
        std::min<std::uint64_t>(dmi.get_end_address(), base + hit.range.bytes - 1);
    dmi.set_dmi_ptr(dmi.get_dmi_ptr() + (first - dmi.get_start_address()));
    dmi.set_start_address(first + hit.subtract);
    dmi.set_end_address(last + hit.subtract);
  }
  return granted;
}

void bus::invalidate_direct_mem_ptr(int id, sc_dt::uint64 first, sc_dt::uint64 last) {
  const std::uint64_t add = targets_[static_cast<std::size_t>(id)].subtract;
  for (unsigned i = 0; i < in.size(); ++i) {
    in[static_cast<int>(i)]->invalidate_direct_mem_ptr(first + add, last + add);
  }
}

}  // namespace ivshmem
