// SPDX-License-Identifier: Apache-2.0
//
// What a root complex's configuration must be. Where reports are only displayed, a platform goes on
// with what is put in the place of what must not be.
#include <algorithm>
#include <sstream>
#include <string>
#include <utility>

#include "root_complex_internal.h"

#include "ivshmem/tlm/config_table.h"
#include "ivshmem/tlm/report.h"

namespace ivshmem::pcie {

namespace {

constexpr std::uint64_t bus_bytes = 1U << 20U;  // of a bus in ECAM [PCIe 7.2.2]
constexpr unsigned max_buses = 256;

void report(const char* name, const std::string& text) {
  report_error(report_type::parameter, name, text);
}

std::string hexadecimal(std::uint64_t value) {
  std::ostringstream text;
  text << "0x" << std::hex << value;
  return text.str();
}

void check_ecam(const char* name, address_range& ecam) {
  if (ecam.bytes % bus_bytes == 0 && ecam.bytes <= max_buses * bus_bytes &&
      (ecam.bytes == 0 || ecam.is_valid())) {
    return;
  }
  report(name, "ecam = " + hexadecimal(ecam.bytes) + " bytes at " + hexadecimal(ecam.base) +
                   ": must be a multiple of 1 MiB, up to 256 MiB, below the end of the addresses");
  ecam.bytes = 0;
}

void check_mmio(const char* name, std::vector<address_range>& mmio) {
  const auto refused = [name](const address_range& range) {
    if (!range.is_valid()) {
      report(name, "mmio = " + hexadecimal(range.bytes) + " bytes at " + hexadecimal(range.base) +
                       ": must not be empty or end above the last address");
    }
    return !range.is_valid();
  };
  mmio.erase(std::remove_if(mmio.begin(), mmio.end(), refused), mmio.end());
}

void check_overlap(const char* name, const root_complex_config& config) {
  std::vector<address_range> ranges = config.mmio;
  ranges.push_back(config.ecam);
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    for (std::size_t k = i + 1; k < ranges.size(); ++k) {
      if (ranges[i].bytes != 0 && ranges[k].bytes != 0 &&
          (ranges[i].contains(ranges[k].base) || ranges[k].contains(ranges[i].base))) {
        report(name, "address ranges at " + hexadecimal(ranges[i].base) + " and " +
                         hexadecimal(ranges[k].base) + " overlap: ECAM and MMIO ranges must not");
      }
    }
  }
}

}  // namespace

root_complex_config usable(const char* name, root_complex_config config) {
  config = checked(name, std::move(config));
  check_ecam(name, config.ecam);
  check_mmio(name, config.mmio);
  check_overlap(name, config);
  std::vector<unsigned>& devices = config.devices;
  std::vector<unsigned> sorted = devices;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end() ||
      (!sorted.empty() && sorted.back() > 31)) {
    report(name, "devices: must be different device numbers from 0 to 31");
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    sorted.erase(std::upper_bound(sorted.begin(), sorted.end(), 31U), sorted.end());
    devices = sorted;
  }
  return config;
}

}  // namespace ivshmem::pcie
