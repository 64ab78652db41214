// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "ivshmem/tlm/pcie/raw_tlp.h"
#include "ivshmem/tlm/pcie/tlp.h"

namespace ivshmem::pcie {

// Between a generic payload with its TLP extension and the TLP on a stream [PCIe 2.2]. Whether
// the header has three or four dwords follows from the address. Of the extension, `msix` and
// `injected` are not on a stream.

/// Largest data of one TLP.
inline constexpr unsigned max_tlp_bytes = 4096;

/// Whether `trans` fits one request TLP: at most 4 KiB, and holes in its byte enables only within
/// one dword.
bool is_encodable(const pcie::payload& trans) noexcept;

/// Request of any type in tlp.h. `trans` is encodable. An MSI-X message keeps the two low bits of
/// its address and is one dword.
void encode_request(const pcie::payload& trans, raw_tlp& into);

/// The bytes of payload that a request carries or, for a read, asks for.
unsigned payload_bytes(const raw_tlp& from) noexcept;
/// Turns a raw request into `trans`, which has the extension and room for payload_bytes(); a
/// byte-enable buffer of four bytes is needed for holes within a dword. False, and nothing changed,
/// for a type that tlp.h does not have, and where `from` has less payload than its header says.
bool decode_request(const raw_tlp& from, pcie::payload& trans, unsigned char* byte_enables);

/// Fields of a completion.
struct completion_fields {
  pcie::completion_status status = pcie::completion_status::successful;
  std::uint16_t completer = 0;
  std::uint16_t requester = 0;
  std::uint8_t tag = 0;
  std::uint8_t lower_address = 0;
  unsigned byte_count = 4;  ///< 1 to 4,096
};
completion_fields completion_of(const header_words& header) noexcept;
/// Completion header for a request with `class_and_attributes`; `dwords` of data, 0: none.
header_words completion_header(const completion_fields& fields, unsigned class_and_attributes,
                               unsigned dwords, bool poisoned = false) noexcept;

/// Takes one completion of `trans`, which was encoded by encode_request(): copies its data to where
/// it belongs and sets status and completer. Returns true with the last one. One that counts more
/// bytes than were asked for is the last, and brings Unsupported Request in the place of data.
bool merge_completion(const raw_tlp& completion, pcie::payload& trans);

/// The one completion (or the only piece of a split one) of a completed request.
void encode_completion(const pcie::payload& trans, raw_tlp& into);

}  // namespace ivshmem::pcie
