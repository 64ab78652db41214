// SPDX-License-Identifier: Apache-2.0
//
// config_gen: writes docs/configuration.md from the tables of what the parts of a platform take.
#include <cstdio>
#include <string>
#include <systemc>

#include "ivshmem/tlm/config_table.h"

namespace {

using namespace ivshmem;

constexpr const char* head =
    "<!-- Generated from tlm/src/config_table.cpp by config_gen. Do not edit. -->\n"
    "# Configuration of the parts\n"
    "\n"
    "For anyone who builds a platform. A part takes its configuration as the last argument of its\n"
    "constructor. Each row is a member of the struct, and a [CCI parameter](integration.md#cci) "
    "of\n"
    "that name. [errors.md](errors.md#elaboration) has the text of each refusal,\n"
    "[properties.md](properties.md) what a device itself is.\n";

constexpr const char* tail =
    "\n"
    "`mode` is the same for all parts of a platform; elaboration refuses a mixture. Two values "
    "have no\n"
    "row, since they give a root complex its sockets and ports: `mmio`, the address ranges of "
    "BARs, and\n"
    "`devices`, the device numbers of bus 0. `ecam` and `msi` are address ranges beside them.\n";

template <class Config>
void print(const char* title, const char* text) {
  std::printf(
      "\n## %s\n\n%s\n\n| Parameter | Default | Allowed | What it decides |\n|---|---|---|---|\n",
      title, text);
  for (const config_row<Config>& row : rows_of<Config>()) {
    std::printf("| `%s` | %s | %s | %s |\n", std::string(row.name).c_str(),
                row.value_text(Config{}).c_str(), row.allowed().c_str(),
                std::string(row.text).c_str());
  }
}

}  // namespace

int sc_main(int /*argc*/, char** /*argv*/) {
  std::fputs(head, stdout);
  print<timing_config>("Device",
                       "`timing_config`, of `endpoint`, `rtl_device` and `lockstep_device`. What "
                       "happens in which cycle\nis in [timing.md](timing.md).");
  print<pcie::root_complex_config>("Root complex", "`pcie::root_complex_config`.");
  print<pcie::link_config>("Link",
                           "`pcie::link_config`, the same in both directions. Credits are members "
                           "of its `credits`.");
  print<pcie::packet_switch_config>("Switch", "`pcie::packet_switch_config`.");
  std::fputs(tail, stdout);
  return std::ferror(stdout) == 0 ? 0 : 1;
}
