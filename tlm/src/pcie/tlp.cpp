// SPDX-License-Identifier: Apache-2.0
#include "ivshmem/tlm/pcie/tlp.h"

namespace ivshmem::pcie {

void complete(payload& trans, completion_status status) noexcept {
  tlp_of(trans).status = status;
  switch (status) {
    case completion_status::successful:
      trans.set_response_status(tlm::TLM_OK_RESPONSE);
      break;
    case completion_status::unsupported_request:
      trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      break;
    case completion_status::completer_abort:
      trans.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
      break;
  }
}

tlp_extent extent_of(const payload& trans) noexcept {
  const tlp& header = tlp_of(trans);
  if (header.type == tlp_type::message) {
    return {0, 0, 0};
  }
  const unsigned first = static_cast<unsigned>(trans.get_address() & 3U);
  const unsigned bytes = trans.get_data_length();
  if (bytes == 0) {
    return {1, 0, 0};  // zero-length request [PCIe 2.2.5]
  }
  const unsigned dwords = (first + bytes + 3) / 4;
  const unsigned last = (first + bytes - 1) & 3U;
  auto first_be = static_cast<std::uint8_t>((0xfU << first) & 0xfU);
  auto last_be = static_cast<std::uint8_t>(0xfU >> (3 - last));
  if (dwords == 1) {
    first_be = static_cast<std::uint8_t>(first_be & last_be);
    last_be = 0;
    if (const unsigned char* enables = trans.get_byte_enable_ptr()) {
      const unsigned period = trans.get_byte_enable_length();
      for (unsigned i = 0; i < bytes; ++i) {
        if (enables[i % period] == TLM_BYTE_DISABLED) {
          first_be = static_cast<std::uint8_t>(first_be & ~(1U << (first + i)));
        }
      }
    }
  }
  return {dwords, first_be, last_be};
}

}  // namespace ivshmem::pcie
