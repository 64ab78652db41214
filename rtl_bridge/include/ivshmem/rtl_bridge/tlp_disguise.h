// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ivshmem/rtl_bridge/tlp_names.h"
#include "ivshmem/tlm/pcie/tlp.h"

namespace ivshmem::rtl {

/// Changes the TLP of a request on its way to the RTL: for TLPs that a payload cannot express. Its
/// timing and what it does must be those of the payload.
class tlp_disguise {
 public:
  virtual void change(const pcie::payload& trans, raw_tlp& tlp) = 0;
  /// What its completion has to be, where that is not the payload's.
  virtual void change_completion(const pcie::payload& /*trans*/, header_words& /*header*/) {}

 protected:
  ~tlp_disguise() = default;
};

}  // namespace ivshmem::rtl
