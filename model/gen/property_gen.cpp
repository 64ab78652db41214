// SPDX-License-Identifier: Apache-2.0
//
// property_gen: writes docs/properties.md from the table of properties, so that the page cannot
// disagree with what is checked.
#include <cstdio>
#include <string>

#include "ivshmem/model/property_table.h"

namespace {

using namespace ivshmem;

constexpr const char* head =
    "<!-- Generated from model/src/property_table.cpp by property_gen. Do not edit. -->\n"
    "# Properties\n"
    "\n"
    "For anyone who chooses what a device is. These are the names in `device_properties`, of the "
    "keys of\n"
    "a [`[[node]]`](user.md#node) in a scenario, and of the [CCI parameters](integration.md#cci). "
    "Those that\n"
    "QEMU's device has too are options of `ivshmem-qtest`.\n"
    "\n"
    "| Property | Default | Allowed | Variants | In QEMU | What it decides |\n"
    "|---|---|---|---|---|---|\n";

constexpr const char* tail =
    "\n"
    "A node of a scenario is a `doorbell` device unless it says otherwise. Where a device has "
    "INTx, a\n"
    "scenario and CCI switch `ioeventfd` off unless it is given; C++ refuses the default then. A "
    "property\n"
    "that means nothing in a variant is ignored, but a scenario refuses its key. "
    "[behaviour.md](behaviour.md)\n"
    "says what the device does with each, section 13 what `qemu` changes; "
    "[errors.md](errors.md#elaboration)\n"
    "has the text of each refusal.\n";

std::string variants_of(const property_row& row) {
  std::string text;
  for (std::size_t i = 0; i < variant_names.size(); ++i) {
    if (holds(row.variants, static_cast<device_variant>(i))) {
      text += (text.empty() ? "" : ", ") + std::string(variant_names[i]);
    }
  }
  return row.variants == variant_set::every ? "all" : text;
}

}  // namespace

int main() {
  std::fputs(head, stdout);
  for (const property_row& row : property_table) {
    std::printf("| `%s` | %s | %s | %s | %s | %s |\n", std::string(row.name).c_str(),
                row.value_text(device_properties{}).c_str(), row.allowed().c_str(),
                variants_of(row).c_str(), row.of_qemu ? "yes" : "no",
                std::string(row.text).c_str());
  }
  std::fputs(tail, stdout);
  return std::ferror(stdout) == 0 ? 0 : 1;
}
