// SPDX-License-Identifier: Apache-2.0
//
// Direct memory access to BAR2, and what a processor must not see any more once it was taken back.
#include <gtest/gtest.h>

#include <algorithm>

#include "ivshmem/model/shared_memory.h"
#include "node.h"

namespace ivshmem::test {
namespace {

constexpr std::size_t memory_bytes = 1U << 16U;

struct Dmi : testing::Test {
  bench platform;
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(memory_bytes);
  endpoint dut{"dut", doorbell_of(1), {shared.data(), shared.size()}};
  node cpu{platform, 0};
  tlm::tlm_dmi dmi;

  Dmi() { platform.root.downstream(0).bind(dut.pcie); }

  void run(const std::function<void()>& body) {
    platform.run([&] {
      cpu.start();
      body();
    });
  }
  /// Whether a grant that the processor holds was taken back; forgets the notice.
  bool taken_back() {
    const auto notices = std::exchange(platform.invalidated, {});
    return std::any_of(notices.begin(), notices.end(), [&](const bench::range& notice) {
      return notice.first <= dmi.get_start_address() && notice.last >= dmi.get_end_address();
    });
  }
  void grant() {
    ASSERT_TRUE(platform.direct(cpu.bar2, dmi));
    platform.invalidated.clear();
  }
};

TEST_F(Dmi, GivesTheWholeOfBar2ReadableAndWritable) {
  run([&] {
    platform.read(cpu.bar2);
    EXPECT_TRUE(platform.dmi_allowed);
    ASSERT_TRUE(platform.direct(cpu.bar2 + 0x1234, dmi));
    EXPECT_EQ(dmi.get_start_address(), cpu.bar2);
    EXPECT_EQ(dmi.get_end_address(), cpu.bar2 + memory_bytes - 1);
    EXPECT_EQ(dmi.get_dmi_ptr(), shared.data());
    EXPECT_TRUE(dmi.is_read_write_allowed());
    dmi.get_dmi_ptr()[7] = 0x42;
    EXPECT_EQ(platform.read(cpu.bar2 + 7, 1), 0x42U);
  });
}

TEST_F(Dmi, IsNotGivenForRegistersTablesOrNothing) {
  run([&] {
    platform.read(cpu.bar0);
    EXPECT_FALSE(platform.dmi_allowed);
    for (const std::uint64_t address : {cpu.bar0, cpu.bar1, cpu.bar2 + memory_bytes}) {
      EXPECT_FALSE(platform.direct(address, dmi));
    }
    platform.configure(cpu.id, cfg::command, 0);
    EXPECT_FALSE(platform.direct(cpu.bar2, dmi));
  });
}

TEST_F(Dmi, IsTakenBackWhenTheBarMoves) {
  run([&] {
    grant();
    platform.configure(cpu.id, cfg::bar2_reg, cpu.bar2 + 0x1000'0000);
    EXPECT_TRUE(taken_back());
    EXPECT_FALSE(platform.direct(cpu.bar2, dmi));
    EXPECT_TRUE(platform.direct(cpu.bar2 + 0x1000'0000, dmi));
  });
}

TEST_F(Dmi, IsTakenBackWhenMemoryDecodingGoesOff) {
  run([&] {
    grant();
    platform.configure(cpu.id, cfg::command, cfg::command_master);
    EXPECT_TRUE(taken_back());
  });
}

TEST_F(Dmi, IsTakenBackByAReset) {
  run([&] {
    grant();
    platform.root.reset_bus();
    EXPECT_TRUE(taken_back());
    cpu.start();
    grant();
    dut.reset();
    EXPECT_TRUE(taken_back());
  });
}

TEST_F(Dmi, IsTakenBackWhenTheDeviceIsTakenOut) {
  run([&] {
    grant();
    dut.eject();
    EXPECT_TRUE(taken_back());
    EXPECT_FALSE(platform.direct(cpu.bar2, dmi));
  });
}

TEST_F(Dmi, StaysWhenNothingThatMattersChanges) {
  run([&] {
    grant();
    platform.configure(cpu.id, cfg::command, cfg::command_memory);
    platform.configure(cpu.id, cfg::msix_control, cfg::msix_enable);
    cpu.set(bar0::intr_mask, 1);
    EXPECT_FALSE(taken_back());
  });
}

/// A device with 8 GiB of shared memory: sparse, so a test can afford it.
TEST(LargeMemory, EightGiBAreReachedAtBothEndsAndByDmi) {
  auto memory = shared_memory::create({memory_backing::anonymous, "", max_memory_bytes});
  ASSERT_TRUE(memory) << to_string(memory.error());
  bench platform;
  endpoint dut("dut", device_properties{}, {memory->data(), memory->size_bytes()});
  platform.root.downstream(0).bind(dut.pcie);
  node cpu(platform, 0);
  platform.run([&] {
    cpu.start();
    const std::uint64_t last = cpu.bar2 + max_memory_bytes - 8;
    platform.write(cpu.bar2, 0x1111, 8);
    platform.write(last, 0x2222, 8);
    EXPECT_EQ(platform.read(cpu.bar2, 8), 0x1111U);
    EXPECT_EQ(platform.read(last, 8), 0x2222U);
    EXPECT_EQ(platform.read(cpu.bar2 + max_memory_bytes / 2, 8), 0U);
    EXPECT_EQ(platform.read(last + 8), 0xffff'ffffU) << "past its end";
    tlm::tlm_dmi dmi;
    ASSERT_TRUE(platform.direct(last, dmi));
    EXPECT_EQ(dmi.get_end_address() - dmi.get_start_address() + 1, max_memory_bytes);
    EXPECT_EQ(dmi.get_dmi_ptr()[max_memory_bytes - 8], 0x22U);
  });
}

TEST(Debug, ReadsRegistersWithoutTheirSideEffects) {
  std::vector<std::uint8_t> shared(memory_bytes);
  bench platform;
  endpoint dut("dut", doorbell_of(1), {shared.data(), shared.size()});
  platform.root.downstream(0).bind(dut.pcie);
  node cpu(platform, 0);
  platform.run([&] {
    cpu.start();
    cpu.set(bar0::intr_status, 0x55);
    const std::uint64_t status = cpu.bar0 + bar0::intr_status.offset;
    std::uint64_t value = 0;
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(platform.debug(tlm::TLM_READ_COMMAND, status, value, 4), 4U);
      EXPECT_EQ(value, 0x55U);
    }
    value = 0;
    EXPECT_EQ(platform.debug(tlm::TLM_WRITE_COMMAND, status, value, 4), 0U)
        << "a register is not written without its side effects";
    EXPECT_EQ(cpu.get(bar0::intr_status), 0x55U);

    value = 0x1122'3344'5566'7788;
    EXPECT_EQ(platform.debug(tlm::TLM_WRITE_COMMAND, cpu.bar2 + 3, value, 8), 8U);
    EXPECT_EQ(platform.read(cpu.bar2 + 3, 8), value);
    EXPECT_EQ(platform.debug(tlm::TLM_READ_COMMAND, cpu.bar0 + 0x8000, value, 4), 0U);
    EXPECT_EQ(platform.root.statistics().unclaimed, 0U) << "debug is not counted";
  });
}

}  // namespace
}  // namespace ivshmem::test
