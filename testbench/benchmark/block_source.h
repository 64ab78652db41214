// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <new>

namespace ivshmem::test {

inline constexpr std::size_t block_bytes = 4096;

/// Whole pages, as memory that is shared has them.
class pages {
 public:
  explicit pages(std::size_t bytes)
      : data_(static_cast<std::uint8_t*>(::operator new (bytes, std::align_val_t{page}))) {
    std::memset(data_, 1, bytes);
  }
  ~pages() { ::operator delete (data_, std::align_val_t{page}); }
  pages(const pages&) = delete;
  pages& operator=(const pages&) = delete;

  std::uint8_t* data() const noexcept { return data_; }

 private:
  static constexpr std::size_t page = 4096;
  std::uint8_t* data_;
};

/// A block that can be copied to `to` as fast as memcpy can. A copy is several times slower where
/// source and destination are almost a multiple of 4 KiB apart, as the allocator likes to place
/// them.
class best_source {
 public:
  explicit best_source(std::uint8_t* to) {
    auto least = std::chrono::steady_clock::duration::max();
    for (const std::size_t offset : std::array<std::size_t, 6>{0, 64, 512, 1024, 2048, 3072}) {
      for (int round = 0; round < 5; ++round) {
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < 200; ++i) {
          std::memcpy(to, memory_.data() + offset, block_bytes);
          asm volatile("" ::: "memory");
        }
        if (const auto took = std::chrono::steady_clock::now() - start; took < least) {
          least = took;
          data_ = memory_.data() + offset;
        }
      }
    }
  }

  std::uint8_t* data() const noexcept { return data_; }

 private:
  const pages memory_{2 * block_bytes};
  std::uint8_t* data_ = memory_.data();
};

}  // namespace ivshmem::test
