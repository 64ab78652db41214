// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "replay.h"

namespace ivshmem::conformance {

/// The two programs that are compared.
struct duelists {
  std::string program;
  std::string reference;
  std::string qemu;  ///< that the reference follows if it is no QEMU; empty: the default
  /// Test of the comparison itself: bit 0 of each 4-byte read of IntrMask that follows a 4-byte
  /// write to it counts as inverted in the program's answer.
  bool invert_answer = false;
};

/// The first operation that the two answer differently; an answer holds all that was seen.
struct difference {
  std::size_t index = 0;
  json program;
  json reference;
};

struct duel_result {
  std::optional<difference> found;
  std::vector<json> answers;  ///< the reference's, the differing one included
  std::string version;        ///< the reference's, which the program followed
};

/// Starts both programs with the machine of `header` and carries out `operations` on both in step,
/// up to the first difference. A program that ends or falls silent has answered so. Throws
/// bench_error when one cannot be started.
duel_result duel(const duelists& names, const json& header, const std::vector<json>& operations);

}  // namespace ivshmem::conformance
