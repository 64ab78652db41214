// SPDX-License-Identifier: Apache-2.0
//
// The rule by which accesses of any size and alignment reach the device [behaviour 2], written a
// second time as plainly as possible, against the device on random accesses.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <vector>

#include "device_bench.h"

namespace ivshmem::test {
namespace {

using bytes_t = std::vector<std::uint8_t>;

/// Vectors that the only peer, number 0, sets up.
unsigned peer0_vectors(unsigned vectors) { return std::min(vectors, 3U); }

/// What the measurements say, with no thought for speed and no code of the device.
class reference {
 public:
  reference(unsigned vectors, unsigned id) : vectors_(vectors), id_(id) {
    for (std::uint32_t v = 0; v < vectors; ++v) {
      table_[16 * v + 12] = 1;
    }
  }

  bytes_t read(unsigned bar, std::uint64_t offset, std::size_t length) {
    bytes_t result(length, 0);
    for_each_piece(bar, offset, length, [&](std::size_t at, unsigned size) {
      const auto piece = static_cast<std::uint32_t>(offset + at);
      if (bar == 0) {
        const std::uint32_t value = register_read(piece);
        for (unsigned i = 0; i < size; ++i) {
          result[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
        }
      } else if (size >= 4) {
        for (unsigned i = 0; i < size; ++i) {
          const auto found = table_.find((piece + i) & ~3U);
          const std::uint32_t word = found == table_.end() ? 0 : found->second;
          result[at + i] = static_cast<std::uint8_t>(word >> (8 * ((piece + i) % 4)));
        }
      }
    });
    return result;
  }

  void write(unsigned bar, std::uint64_t offset, const bytes_t& data) {
    for_each_piece(bar, offset, data.size(), [&](std::size_t at, unsigned size) {
      const auto piece = static_cast<std::uint32_t>(offset + at);
      const auto word = [&](std::size_t from, unsigned count) {
        std::uint32_t value = 0;
        for (unsigned i = 0; i < count; ++i) {
          value |= std::uint32_t{data[from + i]} << (8 * i);
        }
        return value;
      };
      if (bar == 0) {
        register_write(piece, word(at, size));
      } else if (size >= 4) {
        for (unsigned i = 0; i < size; i += 4) {
          if (piece + i < 16 * vectors_) {
            table_[piece + i] = word(at + i, 4);
          }
        }
      }
    });
  }

  const std::vector<std::string>& rung() const { return rung_; }

 private:
  template <class Action>
  void for_each_piece(unsigned bar, std::uint64_t offset, std::size_t length, Action action) {
    const std::uint64_t end = bar == 0 ? 0x100 : bar1::size_bytes(vectors_);
    for (std::size_t at = 0; at < length;) {
      unsigned size = bar == 0 ? 4 : 8;
      while ((offset + at) % size != 0 || at + size > length) {
        size /= 2;
      }
      if (offset + at + size <= end) {
        action(at, size);
      }
      at += size;
    }
  }

  std::uint32_t register_read(std::uint32_t offset) {
    if (offset == bar0::intr_mask.offset) {
      return mask_;
    }
    if (offset == bar0::intr_status.offset) {
      return std::exchange(status_, 0);
    }
    return offset == bar0::iv_position.offset ? id_ : 0;
  }

  void register_write(std::uint32_t offset, std::uint32_t value) {
    switch (offset / 4 * 4) {
      case bar0::intr_mask.offset:
        mask_ = value;
        break;
      case bar0::intr_status.offset:
        status_ = value;
        break;
      case bar0::doorbell.offset:
        rung_.push_back((value >> 16U) == 0 && (value & 0xffU) < peer0_vectors(vectors_) ? "ring"
                                                                                         : "drop");
        break;
      default:
        break;
    }
  }

  unsigned vectors_;
  unsigned id_;
  std::uint32_t mask_ = 0;
  std::uint32_t status_ = 0;
  std::map<std::uint32_t, std::uint32_t> table_;  // dwords; no interrupts, so no pending bits
  std::vector<std::string> rung_;
};

class DeviceAccessRule : public testing::Test {
 protected:
  void run(std::uint64_t seed, unsigned vectors, unsigned accesses) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", vectors " + std::to_string(vectors));
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint64_t limit) { return random() % limit; };
    const unsigned id = static_cast<unsigned>(below(1000)) + 1;
    device_bench bench{doorbell_of(vectors), id};
    bench.connect(0, peer0_vectors(vectors));
    reference expected(vectors, id);
    for (unsigned n = 0; n < accesses; ++n) {
      const auto bar = static_cast<unsigned>(below(2));
      const std::uint64_t offset = pick_offset(bar, vectors, below);
      bytes_t data(below(4) == 0 ? 1 + below(40) : std::size_t{1} << below(4));
      const std::string where = "access " + std::to_string(n) + ": BAR" + std::to_string(bar) +
                                "+" + hex(offset) + ", " + std::to_string(data.size()) + " bytes";
      if (below(2) == 0) {
        for (std::uint8_t& byte : data) {
          byte = below(3) == 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(random());
        }
        bench.dut.write(bar, offset, data.data(), data.size());
        expected.write(bar, offset, data);
      } else {
        bytes_t peeked(data.size(), 0xee);
        bench.dut.peek(bar, offset, peeked.data(), peeked.size());
        bench.dut.read(bar, offset, data.data(), data.size());
        const bytes_t answer = expected.read(bar, offset, data.size());
        ASSERT_EQ(data, answer) << where;
        ASSERT_EQ(peeked, answer) << "peek, " << where;
      }
    }
    recorded_calls::lines rung = bench.calls.take();
    for (std::string& call : rung) {
      call.resize(4);
    }
    EXPECT_EQ(rung, expected.rung());
  }

 private:
  /// Anywhere, or near a place where something ends.
  template <class Below>
  static std::uint64_t pick_offset(unsigned bar, unsigned vectors, Below below) {
    if (bar == 0) {
      return below(3) == 0 ? below(bar0::size_bytes + 16) : below(0x14);
    }
    const std::array<std::uint64_t, 5> edges{
        8, bar1::table_bytes(vectors), bar1::pba_offset(vectors),
        bar1::pba_offset(vectors) + bar1::pba_bytes(vectors), bar1::size_bytes(vectors)};
    return below(4) == 0 ? below(bar1::size_bytes(vectors) + 32)
                         : edges[below(edges.size())] - 8 + below(24);
  }
};

TEST_F(DeviceAccessRule, HoldsForRandomAccessesOfAnySizeAndAlignment) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    for (const unsigned vectors : {1U, 128U, 129U, 2048U}) {
      run(seed, vectors, 1000);
      if (HasFatalFailure()) {
        return;
      }
    }
  }
}

TEST(DeviceBar2, IsPlainMemoryOfAnySizeAndAlignment) {
  std::mt19937_64 random(7);
  device_bench bench{device_properties{}};
  bytes_t expected(bench.memory.size(), 0);
  for (unsigned n = 0; n < 2000; ++n) {
    const std::size_t offset = random() % expected.size();
    bytes_t data(1 + random() % 64);
    const std::size_t inside = std::min(data.size(), expected.size() - offset);
    if (random() % 2 == 0) {
      for (std::uint8_t& byte : data) {
        byte = static_cast<std::uint8_t>(random());
      }
      bench.dut.write(2, offset, data.data(), data.size());
      std::copy_n(data.begin(), inside, expected.begin() + static_cast<std::ptrdiff_t>(offset));
    } else {
      bytes_t peeked(data.size());
      bench.dut.read(2, offset, data.data(), data.size());
      bench.dut.peek(2, offset, peeked.data(), peeked.size());
      bytes_t answer(data.size(), 0);
      std::copy_n(expected.begin() + static_cast<std::ptrdiff_t>(offset), inside, answer.begin());
      ASSERT_EQ(data, answer) << "seed 7, access " << n;
      ASSERT_EQ(peeked, answer) << "seed 7, access " << n;
    }
  }
  EXPECT_EQ(bench.memory, expected);
  bytes_t past(8, 0xee);
  bench.dut.read(2, expected.size(), past.data(), past.size());
  EXPECT_EQ(past, bytes_t(8, 0));
}

TEST(DeviceAccess, NearTheEndOfAllOffsetsThereIsNothing) {
  device_bench bench{doorbell_of(2)};
  bench.memory[0] = 0x77;
  bench.program(0, 0x1'0000'1000, 0x41);
  for (unsigned bar = 0; bar < 3; ++bar) {
    for (const std::uint64_t offset : {~std::uint64_t{0}, ~std::uint64_t{0} - 6}) {
      const auto where = testing::Message() << "BAR" << bar << "+" << offset;
      std::array<std::uint8_t, 16> data{};
      data.fill(0xee);
      bench.dut.peek(bar, offset, data.data(), data.size());
      EXPECT_THAT(data, testing::Each(0)) << where;
      data.fill(0xee);
      bench.dut.read(bar, offset, data.data(), data.size());
      EXPECT_THAT(data, testing::Each(0)) << where;
      data.fill(0xee);
      bench.dut.write(bar, offset, data.data(), data.size());
      bench.dut.read(bar, offset, data.data(), 0);
      bench.dut.write(bar, offset, data.data(), 0);
    }
  }
  EXPECT_EQ(bench.memory[0], 0x77);
}

}  // namespace
}  // namespace ivshmem::test
