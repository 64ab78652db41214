// SPDX-License-Identifier: Apache-2.0
//
// Leaves operations out of a case while it still shows a difference.
#include "fuzz_reduce.h"

#include <algorithm>

namespace ivshmem::conformance {

namespace {

using std::chrono::steady_clock;

std::ptrdiff_t distance(std::size_t count) { return static_cast<std::ptrdiff_t>(count); }

class reduction {
 public:
  reduction(std::vector<json> operations, const difference_finder& find,
            steady_clock::time_point until)
      : operations_(std::move(operations)), find_(find), until_(until) {}

  std::vector<json> run() {
    for (std::size_t chunk = std::max<std::size_t>(1, operations_.size() / 2);;) {
      const bool shorter = drop(chunk);
      if (steady_clock::now() >= until_ || (chunk == 1 && !shorter)) {
        break;
      }
      chunk = std::max<std::size_t>(1, chunk / 2);
    }
    drop_parts();
    return operations_;
  }

 private:
  bool keeps(std::vector<json> candidate) {
    if (steady_clock::now() >= until_) {
      return false;
    }
    const auto at = find_(candidate);
    if (!at) {
      return false;
    }
    candidate.resize(*at + 1);
    operations_ = std::move(candidate);
    return true;
  }

  /// Tries without each run of `chunk` operations, the last first.
  bool drop(std::size_t chunk) {
    bool shorter = false;
    for (std::size_t end = operations_.size(); end > 0;) {
      const std::size_t begin = end - std::min(end, chunk);
      std::vector<json> candidate = operations_;
      candidate.erase(candidate.begin() + distance(begin), candidate.begin() + distance(end));
      shorter |= keeps(std::move(candidate));
      end = std::min(begin, operations_.size());
    }
    return shorter;
  }

  void drop_parts() {
    for (std::size_t i = operations_.size(); i-- > 0;) {
      for (const char* key : {"ops", "msgs"}) {
        if (i >= operations_.size() || !operations_[i].contains(key)) {
          continue;
        }
        for (std::size_t part = operations_[i][key].size(); part-- > 0;) {
          std::vector<json> candidate = operations_;
          if (i < candidate.size() && candidate[i][key].size() > 1) {
            candidate[i][key].erase(part);
            keeps(std::move(candidate));
          }
        }
      }
    }
  }

  std::vector<json> operations_;
  const difference_finder& find_;
  steady_clock::time_point until_;
};

}  // namespace

std::vector<json> reduce(std::vector<json> operations, const difference_finder& find,
                         steady_clock::time_point until) {
  return reduction(std::move(operations), find, until).run();
}

}  // namespace ivshmem::conformance
