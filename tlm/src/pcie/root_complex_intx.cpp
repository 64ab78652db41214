// SPDX-License-Identifier: Apache-2.0
//
// root_complex.h: INTx messages become interrupt lines.
#include "root_complex_internal.h"

namespace ivshmem::pcie {

void root_complex::set_intx(const port& from, const tlp& message) {
  const unsigned code = static_cast<unsigned>(message.code);
  if (code < static_cast<unsigned>(message_code::assert_inta) ||
      code > static_cast<unsigned>(message_code::deassert_intd)) {
    return;
  }
  const unsigned pin = code & 3U;
  const bool level = code < static_cast<unsigned>(message_code::deassert_inta);
  slot& source = *slots_[from.index()];
  if (source.asserted[pin] == level) {
    return;
  }
  source.asserted[pin] = level;
  const unsigned line = (pin + source.device) % 4;  // [PCI 3.0 2.2.6, PCI-to-PCI bridge 9.1]
  intx_levels_[line] += level ? 1U : ~0U;
  intx_changed_.notify(sc_core::SC_ZERO_TIME);
}

// The lines have one driver, whichever process a message came from: a plain sc_signal allows no
// more.
void root_complex::drive_intx() {
  for (std::size_t line = 0; line < intx.size(); ++line) {
    if (intx[line].size() != 0) {
      intx[line]->write(intx_levels_[line] != 0);
    }
  }
}

}  // namespace ivshmem::pcie
