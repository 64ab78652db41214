// SPDX-License-Identifier: Apache-2.0
//
// Needs ivshmem::tlm, and so SystemC.
#include <cstdio>
#include <systemc>

#include "ivshmem/tlm/endpoint.h"

int sc_main(int, char**) {
  const ivshmem::endpoint empty{"empty"};
  std::printf("%s: %s\n", empty.name(), empty.inserted() == nullptr ? "no device" : "device");
  return 0;
}
