// SPDX-License-Identifier: Apache-2.0
//
// What all clockings do, and the choice of one.
#include "rtl_clocking.h"

#include "exact_clocking.h"
#include "spot_clocking.h"

namespace ivshmem::rtl {

std::unique_ptr<rtl_clocking> rtl_clocking::make(rtl_device& owner) {
  switch (owner.timing().mode) {
    case timing_mode::tlm_lt:
      return std::make_unique<timed_spot_clocking>(owner);
    case timing_mode::tlm_cycle:
      return std::make_unique<exact_clocking>(owner);
    default:
      return std::make_unique<spot_clocking>(owner);
  }
}

rtl_clocking::rtl_clocking(rtl_device& owner)
    : owner_(owner), clock_(owner.timing().clock_period) {}

bool rtl_clocking::arrived(pcie::payload& /*trans*/, const sc_core::sc_time& /*delay*/) {
  return false;
}

void rtl_clocking::fill(const raw_tlp& tlp, pcie::payload& trans) {
  unsigned char no_holes[4];
  decode_request(tlp, trans, no_holes);
  if (pcie::tlp_of(trans).type == pcie::tlp_type::memory_write) {
    pcie::tlp_of(trans).msix = true;
    trans.set_address(address_of(tlp.header));  // with its low bits
  }
}

}  // namespace ivshmem::rtl
