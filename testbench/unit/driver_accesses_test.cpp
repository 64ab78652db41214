// SPDX-License-Identifier: Apache-2.0
//
// What the driver writes and reads, access by access.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "ivshmem/model/driver.h"

namespace ivshmem::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Notes each access; reads give `answer`.
struct noted_access final : driver_access {
  std::vector<std::string> calls;
  std::uint32_t answer = 0;

  std::vector<std::string> take() { return std::exchange(calls, {}); }
  std::uint32_t read_config(std::uint32_t offset, unsigned bytes) override {
    calls.push_back("config " + std::to_string(offset) + "," + std::to_string(bytes));
    return answer;
  }
  void write_config(std::uint32_t offset, unsigned bytes, std::uint32_t value) override {
    calls.push_back("config " + std::to_string(offset) + "," + std::to_string(bytes) + "=" +
                    std::to_string(value));
  }
  std::uint32_t read32(unsigned bar, std::uint64_t offset) override {
    calls.push_back(std::to_string(bar) + "+" + std::to_string(offset));
    return answer;
  }
  void write32(unsigned bar, std::uint64_t offset, std::uint32_t value) override {
    calls.push_back(std::to_string(bar) + "+" + std::to_string(offset) + "=" +
                    std::to_string(value));
  }
};

struct DriverAccesses : testing::Test {
  noted_access access;
  driver device{access, 3};
};

TEST_F(DriverAccesses, PlaceA64BitBarLowHalfFirst) {
  device.place_bar(0, 0xc000'0000);
  EXPECT_THAT(access.take(), ElementsAre("config 16,4=3221225472"));
  device.place_bar(2, 0x12'0000'0000);
  EXPECT_THAT(access.take(), ElementsAre("config 24,4=0", "config 28,4=18"));
}

TEST_F(DriverAccesses, ReadABarWithoutItsTypeBits) {
  access.answer = 0xd000'000c;
  EXPECT_EQ(device.read_bar(1), 0xd000'0000U);
  EXPECT_EQ(device.read_bar(2), 0xd000'000c'd000'0000U);
}

TEST_F(DriverAccesses, ProgramAddressThenDataAndLeaveTheMask) {
  EXPECT_TRUE(device.program(2, {0x1'fee0'0000, 0x41}));
  EXPECT_THAT(access.take(), ElementsAre("1+32=4276092928", "1+36=1", "1+40=65"));
  EXPECT_TRUE(device.unmask(2));
  EXPECT_TRUE(device.mask(2));
  EXPECT_THAT(access.take(), ElementsAre("1+44=0", "1+44=1"));
}

TEST_F(DriverAccesses, SetUpEveryVectorThenSwitchThemOn) {
  driver two(access, 2);
  two.set_up_vectors(0xfee0'0000, 0x40);
  EXPECT_THAT(access.take(), ElementsAre("1+0=4276092928", "1+8=64", "1+12=0",    //
                                         "1+16=4276092928", "1+24=65", "1+28=0",  //
                                         "config 66,2=32768"));
  driver(access, 0).set_up_vectors(0xfee0'0000);
  EXPECT_THAT(access.take(), IsEmpty()) << "what is there is no table and no control register";
  driver one(access, 1);
  one.set_up_vectors(0x1'0000'1000);
  EXPECT_THAT(access.take(),
              ElementsAre("1+0=4096", "1+4=1", "1+8=0", "1+12=0", "config 66,2=32768"));
}

TEST_F(DriverAccesses, TouchNothingForAVectorOutsideTheTable) {
  const auto refused = device.program(3, {0, 0});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, host_errc::driver_vector);
  EXPECT_EQ(refused.error().value, 3);
  EXPECT_EQ(refused.error().subject, "must be from 0 to 2");
  EXPECT_FALSE(device.mask(~0U));
  EXPECT_THAT(access.take(), IsEmpty());
}

TEST_F(DriverAccesses, SetBusMasteringAndNothingElse) {
  access.answer = cfg::command_memory | cfg::command_intx_disable;
  device.set_bus_master(true);
  EXPECT_THAT(access.take(), ElementsAre("config 4,2", "config 4,2=1030"));
  access.answer = cfg::command_writable;
  device.set_bus_master(false);
  EXPECT_THAT(access.take(), ElementsAre("config 4,2", "config 4,2=1283"));
  device.enable();
  EXPECT_THAT(access.take(), ElementsAre("config 4,2=6"));
}

TEST_F(DriverAccesses, ReadBothIdsAtOnce) {
  EXPECT_FALSE(device.is_present());
  EXPECT_THAT(access.take(), ElementsAre("config 0,4"));
  access.answer = 0x1110'1af4;
  EXPECT_TRUE(device.is_present());
  access.answer = 0x1000'1af4;  // another device of the same vendor
  EXPECT_FALSE(device.is_present());
}

TEST_F(DriverAccesses, RingWithTheWholePeerAndSixteenVectorBits) {
  device.ring(peer_id{0xffff}, 0x1'0102);
  EXPECT_THAT(access.take(), ElementsAre("0+12=4294902018"));
  EXPECT_EQ(driver::doorbell_value(peer_id{1}, 2), 0x1'0002U);
}

TEST_F(DriverAccesses, SwitchMsixInOneWrite) {
  device.set_msix(true);
  device.set_msix(true, true);
  device.set_msix(false);
  EXPECT_THAT(access.take(),
              ElementsAre("config 66,2=32768", "config 66,2=49152", "config 66,2=0"));
}

}  // namespace
}  // namespace ivshmem::test
