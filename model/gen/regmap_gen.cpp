// SPDX-License-Identifier: Apache-2.0
//
// Writes docs/registers.md from the register map: the page cannot disagree with the model.
#include <cstdio>
#include <string>

#include "ivshmem/model/regmap.h"

namespace {

const char* text(ivshmem::access sw) {
  switch (sw) {
    case ivshmem::access::ro:
      return "ro";
    case ivshmem::access::rw:
      return "rw";
    case ivshmem::access::rw_rclr:
      return "rw, read clears";
    case ivshmem::access::wo:
      return "wo";
  }
  return "?";
}

template <class Table>
void rows(const char* title, const Table& table) {
  std::printf("\n## %s\n\n| Offset | Bytes | Name | Access | Reset | Defined by |\n", title);
  std::printf("|---|---|---|---|---|---|\n");
  for (const ivshmem::reg_desc& reg : table) {
    std::printf("| 0x%02x | %u | %s | %s | 0x%0*x | %s |\n", reg.offset, reg.bytes,
                std::string(reg.name).c_str(), text(reg.sw), static_cast<int>(2 * reg.bytes),
                reg.reset, std::string(reg.source).c_str());
  }
}

}  // namespace

int main() {
  using namespace ivshmem;
  std::printf(
      "<!-- Generated from model/include/ivshmem/model/regmap.h by regmap_gen. Do not edit. -->\n"
      "# Registers\n\n"
      "Values after reset, for ivshmem-plain; the MSI-X registers for ivshmem-doorbell with one\n"
      "vector, where Status is 0x0010 and Capabilities Pointer 0x40. How each access size and\n"
      "alignment behaves is in [behaviour.md](behaviour.md); what each citation means is in\n"
      "[sources.md](sources.md).\n");
  rows("BAR0: registers, 256 bytes", bar0::all);
  rows("Configuration space, 256 bytes", cfg::all);
  std::printf(
      "\nBytes from 0x%02x on that no capability uses are read/write scratch and survive reset.\n",
      cfg::first_scratch);
  std::printf(
      "\n## BAR1: MSI-X\n\n| Vectors | Table | PBA offset | PBA bytes | BAR1 bytes |\n"
      "|---|---|---|---|---|\n");
  for (const unsigned n :
       {1U, 2U, 64U, 128U, 129U, 254U, 255U, 508U, 509U, 1016U, 1017U, 2032U, 2033U, 2048U}) {
    std::printf("| %u | 0x0 to 0x%x | 0x%x | %u | 0x%x |\n", n, bar1::table_bytes(n) - 1,
                bar1::pba_offset(n), bar1::pba_bytes(n), bar1::size_bytes(n));
  }
  std::printf(
      "\nEntry: address low (+0), address high (+4), data (+8), control (+12, bit 0 masks), all\n"
      "read/write; reset 0, 0, 0, 1. Pending bits are read-only, bit v is vector v.\n");
}
