// SPDX-License-Identifier: Apache-2.0
//
// Memory for platforms: a base-protocol target.
#include "ivshmem/tlm/memory.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "ivshmem/tlm/pcie/byte_enables.h"
#include "ivshmem/tlm/report.h"

namespace ivshmem {

memory::memory(const sc_core::sc_module_name& name, std::uint64_t bytes)
    : sc_module(name), bytes_(bytes), data_(static_cast<std::uint8_t*>(std::calloc(bytes, 1))) {
  if (data_ == nullptr) {
    report_error(report_type::parameter, this->name(),
                 "size = " + std::to_string(bytes) + ": the host has no memory for it");
    bytes_ = 0;
  }
  bus.register_b_transport(this, &memory::b_transport);
  bus.register_transport_dbg(this, &memory::transport_dbg);
  bus.register_get_direct_mem_ptr(this, &memory::get_direct_mem_ptr);
}

bool memory::inside(const tlm::tlm_generic_payload& trans, std::uint64_t bytes) const noexcept {
  const std::uint64_t address = trans.get_address();
  return address <= bytes_ && bytes <= bytes_ - address;
}

void memory::b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& /*delay*/) {
  const unsigned bytes = trans.get_data_length();
  const unsigned width = trans.get_streaming_width();
  const pcie::byte_enables enables(trans);
  if (width == 0) {
    trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  if (!inside(trans, width < bytes ? width : bytes)) {
    trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  std::uint8_t* at = data_.get() + trans.get_address();
  unsigned char* with = trans.get_data_ptr();
  if (enables.all() && width >= bytes) {
    if (trans.is_read()) {
      std::memcpy(with, at, bytes);
    } else if (trans.is_write()) {
      std::memcpy(at, with, bytes);
    }
  } else {
    for (unsigned i = 0; i < bytes; ++i) {
      if (!enables.at(i)) {
        continue;
      }
      if (trans.is_read()) {
        with[i] = at[i % width];
      } else if (trans.is_write()) {
        at[i % width] = with[i];
      }
    }
  }
  trans.set_dmi_allowed(true);
  trans.set_response_status(tlm::TLM_OK_RESPONSE);
}

unsigned memory::transport_dbg(tlm::tlm_generic_payload& trans) {
  if (trans.get_address() >= bytes_) {
    return 0;
  }
  const auto bytes = static_cast<unsigned>(
      std::min<std::uint64_t>(trans.get_data_length(), bytes_ - trans.get_address()));
  std::uint8_t* at = data_.get() + trans.get_address();
  if (trans.is_read()) {
    std::memcpy(trans.get_data_ptr(), at, bytes);
  } else if (trans.is_write()) {
    std::memcpy(at, trans.get_data_ptr(), bytes);
  }
  trans.set_response_status(tlm::TLM_OK_RESPONSE);
  return bytes;
}

bool memory::get_direct_mem_ptr(tlm::tlm_generic_payload& trans, tlm::tlm_dmi& dmi) {
  if (trans.get_address() >= bytes_) {
    return false;
  }
  dmi.allow_read_write();
  dmi.set_start_address(0);
  dmi.set_end_address(bytes_ - 1);
  dmi.set_dmi_ptr(data_.get());
  return true;
}

}  // namespace ivshmem
