// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <tlm>

namespace ivshmem::test {

/// Makes `trans` an access without byte enables or streaming.
inline void fill(tlm::tlm_generic_payload& trans, tlm::tlm_command command, std::uint64_t address,
                 void* data, unsigned bytes) {
  trans.set_command(command);
  trans.set_address(address);
  trans.set_data_ptr(static_cast<unsigned char*>(data));
  trans.set_data_length(bytes);
  trans.set_streaming_width(bytes);
}

}  // namespace ivshmem::test
