// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fuzz_dice.h"
#include "machine.h"

namespace ivshmem::conformance {

/// Names of the kinds of machine, `any` last: it draws one of the others.
const std::vector<std::string>& fuzz_kinds();

/// A random machine of one of fuzz_kinds(), as the header of a trace.
json random_header(const std::string& kind, std::uint64_t seed, dice& random);

/// One line about the machine of a header.
std::string describe(const json& header);

}  // namespace ivshmem::conformance
