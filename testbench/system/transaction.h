// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "ivshmem/tlm/pcie/tlp_codec.h"

namespace ivshmem::pcie::test {

/// A payload with extension, data and byte enables of its own.
struct transaction {
  transaction() {
    trans.set_extension(new pcie::tlp);
    trans.set_data_ptr(data.data());
  }
  ~transaction() { trans.free_all_extensions(); }
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;

  void fill(pcie::tlp_type type, std::uint64_t address, unsigned bytes, bool write) {
    header().type = type;
    trans.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    trans.set_address(address);
    trans.set_data_length(bytes);
    trans.set_streaming_width(bytes);
    trans.set_byte_enable_ptr(nullptr);
  }
  pcie::tlp& header() { return pcie::tlp_of(trans); }

  pcie::payload trans;
  std::array<unsigned char, max_tlp_bytes> data{};
  std::array<unsigned char, 4> enables{};
};

}  // namespace ivshmem::pcie::test
