// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "units.h"

namespace ivshmem::sim {

struct scenario;

enum class script_action : std::uint8_t {
  write,        ///< space, offset, bytes, value
  read,         ///< space, offset, bytes
  expect,       ///< space, offset, bytes, value, mask
  fill,         ///< offset, bytes, value = seed
  verify,       ///< offset, bytes, value = seed
  ring,         ///< node, value = vector
  wait_irq,     ///< value = vector, time = at most, 0 without
  expect_irqs,  ///< value = vector, bytes = count since the start
  delay,        ///< time
  mask,         ///< value = vector
  unmask,       ///< value = vector
  msix,         ///< value = on
  bus_master,   ///< value = on
  reset,
  init,
  leave,
  join,
  repeat,  ///< bytes = times, jump = index of the matching end
  end,     ///< jump = index of the matching repeat
};

/// Where a script's access goes: a BAR, or configuration space.
inline constexpr unsigned config_space = 3;

struct script_step {
  script_action action;
  unsigned line = 0;
  unsigned space = 0;  ///< BAR 0 to 2, or config_space
  unsigned node = 0;   ///< index into scenario::nodes
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint64_t value = 0;
  std::uint64_t mask = ~std::uint64_t{0};
  picoseconds time = 0;
  std::size_t jump = 0;
};

/// The steps of one node, in the order of the file.
struct script_part {
  unsigned node = 0;  ///< index into scenario::nodes
  std::vector<script_step> steps;
};

struct script {
  std::string file;
  std::vector<script_part> parts;  ///< one for each node that has steps
};

/// Reads a script; nodes are those of `nodes_of`. Throws scenario_error with the script's file and
/// line.
script load_script(const std::string& file, const scenario& nodes_of);

}  // namespace ivshmem::sim
