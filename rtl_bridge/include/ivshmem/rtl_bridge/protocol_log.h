// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ivshmem::rtl {

/// Violations of a protocol, in the order of discovery: `cycle 12: tx_cpl: what`. The first
/// `kept` are kept as text, all are counted.
class protocol_log {
 public:
  static constexpr std::size_t kept = 20;

  void add(std::uint64_t cycle, const char* port, const std::string& what) {
    if (count_++ < kept) {
      texts_.push_back("cycle " + std::to_string(cycle) + ": " + port + ": " + what);
    }
  }
  std::size_t count() const noexcept { return count_; }
  const std::vector<std::string>& texts() const noexcept { return texts_; }

 private:
  std::size_t count_ = 0;
  std::vector<std::string> texts_;
};

}  // namespace ivshmem::rtl
