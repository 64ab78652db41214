// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "units.h"

namespace ivshmem::sim {

/// Exact latency statistics. Equal times in a row share an entry, so a node whose doorbells all
/// take as long needs a few bytes.
class latency_samples {
 public:
  void add(picoseconds latency) {
    if (!runs_.empty() && runs_.back().latency == latency) {
      ++runs_.back().count;
    } else {
      runs_.push_back({latency, 1});
    }
  }
  void add(const latency_samples& other) {
    runs_.insert(runs_.end(), other.runs_.begin(), other.runs_.end());
  }

  struct summary {
    std::uint64_t count = 0;
    picoseconds min = 0;
    picoseconds median = 0;  ///< the lower one of an even number
    picoseconds max = 0;
  };
  summary summarise() const;

 private:
  struct run {
    picoseconds latency;
    std::uint64_t count;
  };
  std::vector<run> runs_;
};

}  // namespace ivshmem::sim
