// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <systemc>
#include <vector>

namespace ivshmem {

/// A number that a part has counted since it was built. The names are those of the members of its
/// statistics(): `rung` of a device, `unclaimed` of a root complex; `drops.peer_left` is one cause.
struct counter {
  std::string name;
  std::uint64_t value;
};

/// The counters of one part.
struct part_statistics {
  std::string name;  ///< hierarchical, as sc_object::name()
  std::string kind;  ///< as sc_object::kind(): `ivshmem::endpoint`
  std::vector<counter> counters;
};

/// The counters of all parts of this library below `top`, `top` included, in the order of the
/// hierarchy; nullptr: of the whole simulation. Has no side effect, and may be called at any time
/// after the parts were built.
std::vector<part_statistics> collect_statistics(const sc_core::sc_object* top = nullptr);

/// A line for each part that has counted something: `root: unclaimed 3, dma_failed 1`.
void print_statistics(std::ostream& out, const std::vector<part_statistics>& parts);

}  // namespace ivshmem
