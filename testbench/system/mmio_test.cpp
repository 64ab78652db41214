// SPDX-License-Identifier: Apache-2.0
//
// Memory accesses through the MMIO windows of the root complex.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "node.h"

namespace ivshmem::test {
namespace {

using pcie::unclaimed_access;
using testing::ElementsAre;

constexpr std::size_t memory_bytes = 1U << 16U;

struct Mmio : testing::Test {
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(memory_bytes);
  std::unique_ptr<bench> platform;
  std::unique_ptr<endpoint> dut;
  std::unique_ptr<node> cpu;

  void run(const std::function<void()>& body, unclaimed_access unclaimed = unclaimed_access::ones) {
    pcie::root_complex_config config;
    config.unclaimed = unclaimed;
    platform = std::make_unique<bench>(config);
    dut = std::make_unique<endpoint>("dut", doorbell_of(4),
                                     memory_view{shared.data(), shared.size()});
    platform->root.downstream(0).bind(dut->pcie);
    cpu = std::make_unique<node>(*platform, 0);
    platform->run([&] {
      cpu->start();
      body();
    });
  }
  tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t address,
                                  std::vector<unsigned char>& data,
                                  const std::vector<unsigned char>& enables, unsigned width) {
    return platform->access(command, address, data.data(), static_cast<unsigned>(data.size()),
                            enables, width);
  }
};

TEST_F(Mmio, ReachesTheRegistersTheTableAndTheMemory) {
  run([&] {
    cpu->set(bar0::intr_mask, 0x1234);
    EXPECT_EQ(cpu->get(bar0::intr_mask), 0x1234U);
    cpu->program(3, 0xfee0'0000, 0x42);
    EXPECT_EQ(platform->read(cpu->bar1 + std::uint64_t{3} * bar1::entry_bytes + bar1::entry_data),
              0x42U);
    platform->write(cpu->bar2 + 8, 0x1122'3344'5566'7788, 8);
    EXPECT_EQ(shared[8], 0x88U);
    EXPECT_EQ(platform->read(cpu->bar2 + 9, 2), 0x6677U);
  });
}

TEST_F(Mmio, LongAccessesAreSplitAndArriveWholeAtAnyAlignment) {
  run([&] {
    std::vector<unsigned char> sent(3001);
    std::iota(sent.begin(), sent.end(), static_cast<unsigned char>(1));
    for (const std::uint64_t offset : {0U, 1U, 255U, 256U, 4093U}) {
      std::fill(shared.begin(), shared.end(), std::uint8_t{0});
      EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, cpu->bar2 + offset, sent, {}, ~0U),
                tlm::TLM_OK_RESPONSE);
      EXPECT_TRUE(std::equal(sent.begin(), sent.end(),
                             shared.begin() + static_cast<std::ptrdiff_t>(offset)));
      EXPECT_EQ(shared[offset + sent.size()], 0U);
      std::vector<unsigned char> back(sent.size());
      EXPECT_EQ(access(tlm::TLM_READ_COMMAND, cpu->bar2 + offset, back, {}, ~0U),
                tlm::TLM_OK_RESPONSE);
      EXPECT_EQ(back, sent);
    }
  });
}

TEST_F(Mmio, RequestsAreCutAtTheMaximumPayload) {
  run([&] {
    recording_observer seen;
    dut->observe(&seen);
    std::vector<unsigned char> data(600);
    access(tlm::TLM_WRITE_COMMAND, cpu->bar2 + 200, data, {}, ~0U);
    EXPECT_THAT(seen.take(), ElementsAre("write 2+200,56", "write 2+256,256", "write 2+512,256",
                                         "write 2+768,32"));
    dut->observe(nullptr);
  });
}

TEST_F(Mmio, ByteEnablesWithHolesTouchOnlyWhatTheyEnable) {
  run([&] {
    std::fill(shared.begin(), shared.end(), std::uint8_t{0xee});
    std::vector<unsigned char> data{1, 2, 3, 4, 5, 6, 7, 8};
    EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, cpu->bar2, data, {0xff, 0, 0xff}, ~0U),
              tlm::TLM_OK_RESPONSE);
    EXPECT_THAT(std::vector<int>(shared.begin(), shared.begin() + 9),
                ElementsAre(1, 0xee, 3, 4, 0xee, 6, 7, 0xee, 0xee));
    std::vector<unsigned char> back(4, 0x77);
    access(tlm::TLM_READ_COMMAND, cpu->bar2, back, {0, 0xff, 0xff, 0}, ~0U);
    EXPECT_THAT(back, ElementsAre(0x77, 0xee, 3, 0x77));
  });
}

TEST_F(Mmio, AnAccessWithAllBytesDisabledReachesNoRegister) {
  run([&] {
    cpu->set(bar0::intr_status, 0x55);
    std::vector<unsigned char> data(4, 0x99);
    EXPECT_EQ(access(tlm::TLM_READ_COMMAND, cpu->bar0 + bar0::intr_status.offset, data, {0}, ~0U),
              tlm::TLM_OK_RESPONSE);
    EXPECT_THAT(data, ElementsAre(0x99, 0x99, 0x99, 0x99));
    EXPECT_EQ(cpu->get(bar0::intr_status), 0x55U);
  });
}

TEST_F(Mmio, StreamingWidthRepeatsTheAddresses) {
  run([&] {
    std::vector<unsigned char> data{1, 2, 3, 4, 5, 6};
    EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, cpu->bar2, data, {}, 2), tlm::TLM_OK_RESPONSE);
    EXPECT_THAT(std::vector<int>(shared.begin(), shared.begin() + 4), ElementsAre(5, 6, 0, 0));
    std::vector<unsigned char> back(6);
    access(tlm::TLM_READ_COMMAND, cpu->bar2, back, {}, 2);
    EXPECT_THAT(back, ElementsAre(5, 6, 5, 6, 5, 6));
    EXPECT_EQ(access(tlm::TLM_READ_COMMAND, cpu->bar2, back, {}, 0), tlm::TLM_BURST_ERROR_RESPONSE);
  });
}

TEST_F(Mmio, AStreamOfDoorbellWritesRingsOnceForEachWord) {
  run([&] {
    std::vector<unsigned char> data(12);
    access(tlm::TLM_WRITE_COMMAND, cpu->bar0 + bar0::doorbell.offset, data, {}, 4);
    EXPECT_EQ(dut->inserted()->statistics().doorbells, 3U);
  });
}

TEST_F(Mmio, AnAccessAcrossTheEndOfTheRegistersIsCutThere) {
  run([&] {
    cpu->set(bar0::intr_mask, 1);
    EXPECT_EQ(platform->read(cpu->bar0 + bar0::size_bytes - 4, 8), 0xffff'ffff'0000'0000U)
        << "the upper half found nobody";
    EXPECT_EQ(platform->root.statistics().unclaimed, 1U);
  });
}

TEST_F(Mmio, UnclaimedReadsAreOnesAndWritesVanish) {
  run([&] {
    EXPECT_EQ(platform->read(cpu->bar0 + 0x1000, 8), ~std::uint64_t{0});
    platform->write(cpu->bar0 + 0x1000, 0);
    EXPECT_EQ(platform->read(0x1000), 0xffff'ffffU) << "outside every window";
    EXPECT_EQ(platform->root.statistics().unclaimed, 3U);
  });
}

TEST_F(Mmio, UnclaimedReadsCanBeZerosAsInQemu) {
  run([&] { EXPECT_EQ(platform->read(cpu->bar0 + 0x1000, 8), 0U); }, unclaimed_access::zeros);
}

TEST_F(Mmio, UnclaimedAccessesCanBeAddressErrors) {
  run(
      [&] {
        std::vector<unsigned char> data(8, 0x55);
        for (const auto command : {tlm::TLM_READ_COMMAND, tlm::TLM_WRITE_COMMAND}) {
          EXPECT_EQ(access(command, cpu->bar0 + 0x1000, data, {}, ~0U),
                    tlm::TLM_ADDRESS_ERROR_RESPONSE);
        }
        EXPECT_THAT(data, testing::Each(0x55));
        EXPECT_EQ(platform->read(cpu->bar2, 8), 0U) << "claimed ones still work";
      },
      unclaimed_access::error);
}

TEST_F(Mmio, CommandMemoryOffClosesTheWindows) {
  run([&] {
    platform->configure(cpu->id, cfg::command, cfg::command_master);
    EXPECT_EQ(platform->read(cpu->bar0, 4), 0xffff'ffffU);
    EXPECT_EQ(platform->read(cpu->bar2, 4), 0xffff'ffffU);
    platform->configure(cpu->id, cfg::command, cfg::command_memory);
    EXPECT_EQ(platform->read(cpu->bar2, 4), 0U);
  });
}

TEST_F(Mmio, AMovedBarKeepsItsState) {
  run([&] {
    cpu->set(bar0::intr_mask, 0x77);
    platform->configure(cpu->id, cfg::bar0_reg, cpu->bar0 + 0x8000);
    EXPECT_EQ(platform->read(cpu->bar0), 0xffff'ffffU);
    EXPECT_EQ(platform->read(cpu->bar0 + 0x8000), 0x77U);
  });
}

TEST_F(Mmio, AnIgnoreCommandDoesNothing) {
  run([&] {
    std::vector<unsigned char> data(4, 0x55);
    EXPECT_EQ(access(tlm::TLM_IGNORE_COMMAND, cpu->bar0, data, {}, ~0U), tlm::TLM_OK_RESPONSE);
    EXPECT_THAT(data, testing::Each(0x55));
  });
}

}  // namespace
}  // namespace ivshmem::test
