// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <systemc>

namespace ivshmem::pcie {

/// Whoever takes register accesses at the end of a route, without a TLP.
class route_target {
 public:
  /// Does what a memory request for `bytes` bytes at `offset` of `bar` does, `delay` from now, and
  /// adds the time that it takes. False: nothing was done, this access needs a TLP.
  virtual bool access(unsigned bar, bool write, std::uint64_t offset, unsigned char* data,
                      unsigned bytes, sc_core::sc_time& delay) = 0;

 protected:
  ~route_target() = default;
};

/// Where memory requests for [first, last] end, found once and used until it is taken back: what
/// DMI is for memory, for registers. Only paths on which TLPs take no time have one; what the
/// target takes, it adds.
struct route {
  std::uint64_t first = 1;
  std::uint64_t last = 0;
  route_target* target = nullptr;
  unsigned bar = 0;
};

}  // namespace ivshmem::pcie
