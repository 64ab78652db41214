// SPDX-License-Identifier: Apache-2.0
//
// What the receiver of a signal may know, and from when.
#include "channel.h"

namespace ivshmem::sim {

channel::channel(node& from, node& to, unsigned vector, std::uint64_t offset, picoseconds poll)
    : from_(from), to_(to), vector_(vector), offset_(offset), poll_(poll) {
  if (rings()) {
    from.on_ring(to.peer(), vector, [this](picoseconds at) { tell(at); });
  }
}

void channel::tell(picoseconds at) {
  if (!written_.empty()) {
    told_.push_back({written_.front(), at});
    written_.pop_front();
  }
}

std::uint64_t channel::told_before(picoseconds at) {
  while (!told_.empty() && told_.front().at < at) {
    known_ = told_.front().value;
    told_.pop_front();
  }
  return known_;
}

}  // namespace ivshmem::sim
