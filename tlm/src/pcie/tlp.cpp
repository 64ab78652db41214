// SPDX-License-Identifier: Apache-2.0
//
// What makes a generic payload a TLP.
#include "ivshmem/tlm/pcie/tlp.h"

#include "ivshmem/tlm/pcie/byte_enables.h"

namespace ivshmem::pcie {

void complete(payload& trans, tlp& header, completion_status status) noexcept {
  header.status = status;
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
  if (dwords == 1) {
    return {1, static_cast<std::uint8_t>(byte_enables(trans).dword(0)), 0};
  }
  const auto first_be = static_cast<std::uint8_t>((0xfU << first) & 0xfU);
  const auto last_be = static_cast<std::uint8_t>(0xfU >> (3 - last));
  return {dwords, first_be, last_be};
}

}  // namespace ivshmem::pcie
