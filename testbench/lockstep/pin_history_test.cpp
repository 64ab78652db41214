// SPDX-License-Identifier: Apache-2.0
//
// The waveform around a difference.
#include "ivshmem/rtl_bridge/pin_history.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>

namespace ivshmem::rtl::test {
namespace {

struct PinHistory : testing::Test {
  const std::string path = testing::TempDir() + "pin_history_" +
                           testing::UnitTest::GetInstance()->current_test_info()->name() + ".vcd";
  ~PinHistory() override { std::remove(path.c_str()); }

  static void pass(pin_history& history, std::uint64_t cycle) {
    pin_cycle& now = history.next();
    now.cycle = cycle;
    now.out.doorbell.valid = cycle % 2 != 0;
    now.out.doorbell.peer = static_cast<std::uint16_t>(cycle);
  }
  std::string dump(const pin_history& history) const {
    EXPECT_TRUE(history.write_vcd(path, 4, 4000));
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
};

TEST_F(PinHistory, TheDumpNamesThePinsWithTheirWidths) {
  const std::string text = dump(pin_history(4));
  for (const char* line : {" rx_hdr_i ", " tx_cpl_data_o ", " m_axi_wstrb_o ", " clk_i "}) {
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
  EXPECT_NE(text.find("$var wire 128 "), std::string::npos);
  EXPECT_NE(text.find("$enddefinitions"), std::string::npos);
}

TEST_F(PinHistory, TheDumpHoldsTheLastCyclesOnly) {
  pin_history history(3);
  for (std::uint64_t cycle = 5; cycle < 15; ++cycle) {
    pass(history, cycle);
  }
  const std::string text = dump(history);
  EXPECT_EQ(text.find("#44000\n"), std::string::npos);
  EXPECT_NE(text.find("#48000\n"), std::string::npos);
  EXPECT_NE(text.find("#56000\n"), std::string::npos);
  EXPECT_NE(text.find("b0000000000001110 "), std::string::npos);
}

TEST_F(PinHistory, AFileThatCannotBeWrittenIsTold) {
  EXPECT_FALSE(pin_history(1).write_vcd(testing::TempDir() + "no/such/folder.vcd", 2, 1));
}

}  // namespace
}  // namespace ivshmem::rtl::test
