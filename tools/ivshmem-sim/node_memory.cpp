// SPDX-License-Identifier: Apache-2.0
//
// How a processor reaches shared memory: by direct memory access, or over the bus.
#include <cstring>

#include "node.h"

namespace ivshmem::sim {

std::uint8_t* node::direct(std::uint64_t offset, std::uint64_t bytes) {
  if (offset < direct_first_ || offset + bytes - 1 > direct_last_) {
    if (!settings_.dmi) {
      return nullptr;
    }
    tlm::tlm_generic_payload trans;
    trans.set_command(tlm::TLM_READ_COMMAND);
    trans.set_address(address_of(2, offset));
    tlm::tlm_dmi dmi;
    if (!cpu_->get_direct_mem_ptr(trans, dmi) || !dmi.is_read_write_allowed()) {
      return nullptr;
    }
    direct_first_ = dmi.get_start_address() - bar_base_[2];
    direct_last_ = dmi.get_end_address() - bar_base_[2];
    direct_data_ = dmi.get_dmi_ptr();
    if (offset < direct_first_ || offset + bytes - 1 > direct_last_) {
      return nullptr;
    }
  }
  ++counters_.direct;
  return direct_data_ + (offset - direct_first_);
}

void node::invalidate(sc_dt::uint64 /*first*/, sc_dt::uint64 /*last*/) {
  direct_first_ = 1;
  direct_last_ = 0;
}

void node::read_memory(std::uint64_t offset, void* to, std::uint64_t bytes) {
  counters_.bytes += bytes;
  if (const std::uint8_t* from = direct(offset, bytes)) {
    std::memcpy(to, from, bytes);
    return;
  }
  ++counters_.reads;
  transfer(tlm::TLM_READ_COMMAND, address_of(2, offset), to, bytes);
}

void node::write_memory(std::uint64_t offset, const void* from, std::uint64_t bytes) {
  counters_.bytes += bytes;
  if (std::uint8_t* to = direct(offset, bytes)) {
    std::memcpy(to, from, bytes);
    return;
  }
  ++counters_.writes;
  // The payload's data pointer is not const; a write does not change what it points to.
  transfer(tlm::TLM_WRITE_COMMAND, address_of(2, offset), const_cast<void*>(from), bytes);
}

std::uint64_t node::load64(std::uint64_t offset) {
  std::uint64_t value = 0;
  read_memory(offset, &value, sizeof value);
  return value;
}

void node::store64(std::uint64_t offset, std::uint64_t value) {
  write_memory(offset, &value, sizeof value);
}

}  // namespace ivshmem::sim
