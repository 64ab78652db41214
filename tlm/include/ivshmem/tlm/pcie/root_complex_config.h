// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <systemc>
#include <vector>

#include "ivshmem/tlm/pcie/address_range.h"
#include "ivshmem/tlm/timing.h"

namespace ivshmem::pcie {

/// What the processor gets for an access that no device answers.
enum class unclaimed_access : std::uint8_t {
  error,  ///< TLM_ADDRESS_ERROR_RESPONSE
  ones,   ///< reads give all ones, writes vanish: what most hosts make of Unsupported Request
  zeros,  ///< reads give zero, writes vanish: what QEMU does
};

/// The address map of a root complex, and how it works.
struct root_complex_config {
  address_range ecam{0xb000'0000, 256ULL << 20U};                     ///< 1 MiB a bus, from bus 0
  std::vector<address_range> mmio{{0xc000'0000, 0x3e00'0000},         // below 4 GiB
                                  {0x10'0000'0000, 0x10'0000'0000}};  // above
  address_range msi{0xfee0'0000, 0x10'0000};  ///< where an interrupt controller takes messages
  unclaimed_access unclaimed = unclaimed_access::ones;
  unsigned max_payload_bytes = 256;  ///< requests are cut at multiples of this: 128 to 4096
  std::vector<unsigned> devices{0};  ///< device numbers on bus 0 that have a port, 0 to 31
  timing_mode mode = timing_mode::functional;
  /// tlm_cycle: a request without completion for so long counts as unsupported [PCIe 2.8].
  sc_core::sc_time completion_timeout{10, sc_core::SC_MS};
  /// tlm_cycle: writes under way before the processor has to wait.
  unsigned posted_buffer = 32;
};

}  // namespace ivshmem::pcie
