// SPDX-License-Identifier: Apache-2.0
//
// A device made of RTL, from the installed package.
#include <cstdint>
#include <cstdio>
#include <systemc>
#include <vector>

#include "ivshmem/rtl_bridge/views.h"
#include "ivshmem/tlm/device_view.h"

int sc_main(int, char**) {
  ivshmem::rtl::add_views();
  std::vector<std::uint8_t> memory(4096);
  const auto place = ivshmem::make_place(ivshmem::device_view::rtl, "place", {});
  if (!place || !place->insert({}, {memory.data(), memory.size()})) {
    std::puts("no device");
    return 1;
  }
  std::printf("%s: vendor %x\n", place->name(), place->peek_config(0, 2));
  return place->peek_config(0, 2) == 0x1af4 ? 0 : 1;
}
