// SPDX-License-Identifier: Apache-2.0
//
// QEMU's trace of memory region callbacks.
#include "callback_trace.h"

#include <cerrno>
#include <cstdint>
#include <system_error>

#include "ivshmem/model/regmap.h"
#include "option_text.h"

namespace ivshmem::qtest {

callback_trace::callback_trace(const std::string& path) {
  if (path.empty()) {
    return;
  }
  file_.reset(std::fopen(path.c_str(), "we"));
  if (file_ == nullptr) {
    throw user_error("-D " + path + ": " + std::generic_category().message(errno));
  }
  std::setvbuf(file_.get(), nullptr, _IOLBF, 0);  // readers follow line by line
}

void callback_trace::line(bool write, std::uint64_t address, std::uint32_t value,
                          const char* region) {
  std::fprintf(file_.get(),
               "memory_region_ops_%s cpu -1 mr 0x0 addr 0x%llx value 0x%x size 4 name '%s'\n",
               write ? "write" : "read", static_cast<unsigned long long>(address), value, region);
}

const char* device_reporter::region(unsigned bar, std::uint32_t& offset) const {
  if (bar == 0) {
    return "ivshmem-mmio";
  }
  const std::uint32_t pba = bar1::pba_offset(place_.properties().vectors);
  if (offset < pba) {
    return "msix-table";
  }
  offset -= pba;
  return "msix-pba";
}

void device_reporter::on_register_access(unsigned bar, bool write, std::uint32_t offset,
                                         std::uint32_t value) {
  std::uint32_t inside = offset;
  const char* name = region(bar, inside);
  const reg_desc& window = bar == 0 ? cfg::bar0_reg : cfg::bar1_reg;
  const std::uint32_t base = place_.peek_config(window.offset, window.bytes) & ~0xfU;
  trace_.line(write, base + offset, value, name);
}

void device_reporter::on_blocked_reentry(unsigned bar, std::uint32_t offset) {
  static bool warned = false;  // QEMU warns once per process
  if (!warned) {
    const char* name = region(bar, offset);
    std::fprintf(stderr, "%s: warning: Blocked re-entrant IO on MemoryRegion: %s at addr: 0x%X\n",
                 program_.c_str(), name, offset);
    warned = true;
  }
}

}  // namespace ivshmem::qtest
