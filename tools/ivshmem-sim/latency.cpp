// SPDX-License-Identifier: Apache-2.0
//
// Latencies, summed up.
#include "latency.h"

#include <algorithm>

namespace ivshmem::sim {

latency_samples::summary latency_samples::summarise() const {
  std::vector<run> sorted = runs_;
  std::sort(sorted.begin(), sorted.end(),
            [](const run& a, const run& b) { return a.latency < b.latency; });
  summary result;
  for (const run& r : sorted) {
    result.count += r.count;
  }
  if (sorted.empty()) {
    return result;
  }
  result.min = sorted.front().latency;
  result.max = sorted.back().latency;
  std::uint64_t before = 0;
  for (const run& r : sorted) {
    before += r.count;
    if (2 * before >= result.count) {
      result.median = r.latency;
      break;
    }
  }
  return result;
}

}  // namespace ivshmem::sim
