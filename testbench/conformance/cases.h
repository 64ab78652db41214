// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "machine.h"

namespace ivshmem::conformance {

/// What runs a recorded single case.
struct case_program {
  std::string path;
  std::vector<std::string> options;  ///< extra ones that a deviation asks for
};

/// Repeats the case that `recorded` names and returns what `recorded` tells of the real device, as
/// this program shows it. Throws bench_error for an unknown case.
json run_case(const case_program& program, const json& recorded);

/// The groups, by the part of the name before the slash.
json run_setup_case(const case_program& program, const json& recorded);
json run_runtime_case(const case_program& program, const json& recorded);
json run_property_case(const case_program& program, const json& recorded);
json run_migration_case(const case_program& program, const json& recorded);
json run_hotplug_case(const case_program& program, const json& recorded);
json run_pcie_case(const case_program& program, const json& recorded);
json run_listing_case(const case_program& program, const json& recorded);

/// Where cases put the BARs of their device, and MSI-X messages.
inline constexpr std::uint64_t bar0_base = 0xfe00'0000;
inline constexpr std::uint64_t bar1_base = 0xfe01'0000;
inline constexpr std::uint64_t bar2_base = 0xe000'0000;
inline constexpr std::uint64_t message_base = 0x100'0000;
inline constexpr unsigned device_slot = 4;

/// Programs the BARs of the device in `device_slot` and enables memory and bus mastering.
void map_bars(machine& host, bool doorbell);
/// Dwords of configuration space at `offsets`.
json config_dwords(machine& host, unsigned slot, const std::vector<unsigned>& offsets);
/// Command line of one device in `device_slot`; `master` may be empty.
std::vector<std::string> one_device(const std::string& kind, const std::string& master,
                                    unsigned vectors, std::uint64_t memory_bytes);
/// The stock server's messages to a lone device.
json lone_init(unsigned id, unsigned vectors);

}  // namespace ivshmem::conformance
