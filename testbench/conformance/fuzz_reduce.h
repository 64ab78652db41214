// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <vector>

#include "machine.h"

namespace ivshmem::conformance {

/// Runs operations; the index of the first that differs, if any does.
using difference_finder = std::function<std::optional<std::size_t>(const std::vector<json>&)>;

/// Leaves out as many of `operations`, and parts of batches and of server messages, as possible
/// while `find` still finds a difference: halves first, single ones last (delta debugging). What
/// comes after the difference goes too. Gives the best so far when `until` passes.
std::vector<json> reduce(std::vector<json> operations, const difference_finder& find,
                         std::chrono::steady_clock::time_point until);

}  // namespace ivshmem::conformance
