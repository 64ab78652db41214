// SPDX-License-Identifier: Apache-2.0
//
// INTx messages of two devices that meet in a switch: what leaves it must not depend on who was
// announced first.
#include <gmock/gmock.h>

#include <vector>

#include "ivshmem/tlm/pcie/packet_switch.h"
#include "requester.h"

namespace ivshmem::test {
namespace {

using pcie::message_code;
using testing::ElementsAre;

const sc_core::sc_time ns(1, sc_core::SC_NS);

/// Two devices whose pins drive one wire: pin B of port 0, and pin A of port 1.
struct SwitchWires : testing::Test {
  requester above{"above"};
  requester low{"low"};
  requester high{"high"};
  pcie::packet_switch tree{"tree", settings()};

  SwitchWires() {
    above.pcie.bind(tree.upstream);
    tree.downstream(0).bind(low.pcie);
    tree.downstream(1).bind(high.pcie);
  }
  static pcie::packet_switch_config settings() {
    pcie::packet_switch_config config;
    config.mode = timing_mode::tlm_cycle;
    return config;
  }
  static void say(requester& from, unsigned function, message_code code,
                  const sc_core::sc_time& delay) {
    pcie::payload& trans = from.make(pcie::tlp_type::message, 0, 0);
    pcie::tlp_of(trans).requester = static_cast<pcie::bdf>(function);
    pcie::tlp_of(trans).code = code;
    from.pcie.send_request(trans, delay);
  }
  void say_low(message_code code, const sc_core::sc_time& delay = sc_core::SC_ZERO_TIME) {
    say(low, 0x0100, code, delay);
  }
  void say_high(message_code code, const sc_core::sc_time& delay = sc_core::SC_ZERO_TIME) {
    say(high, 0x0200, code, delay);
  }
  std::vector<message_code> left() {
    sc_core::sc_start(1000 * ns);
    std::vector<message_code> codes;
    for (const requester::event& one : above.requests) {
      codes.push_back(pcie::tlp_of(*one.trans).code);
    }
    above.requests.clear();
    return codes;
  }
};

TEST_F(SwitchWires, ThatMeetCountInTheOrderOfTheFunctions) {
  say_low(message_code::assert_intb);
  EXPECT_THAT(left(), ElementsAre(message_code::assert_intb));

  say_high(message_code::assert_inta);  // the lower lets go first, whoever speaks first
  say_low(message_code::deassert_intb);
  EXPECT_THAT(left(), ElementsAre(message_code::deassert_intb, message_code::assert_intb));

  say_high(message_code::deassert_inta);
  say_low(message_code::assert_intb);  // takes over
  EXPECT_THAT(left(), ElementsAre());
}

TEST_F(SwitchWires, CountWhenTheyComeNotWhenTheyAreAnnounced) {
  say_low(message_code::assert_intb);
  EXPECT_THAT(left(), ElementsAre(message_code::assert_intb));

  say_high(message_code::assert_inta, 20 * ns);
  say_low(message_code::deassert_intb, 10 * ns);
  EXPECT_THAT(left(), ElementsAre(message_code::deassert_intb, message_code::assert_intb));
}

TEST_F(SwitchWires, TakeTheLatencyOfTheSwitch) {
  const sc_core::sc_time start = sc_core::sc_time_stamp();
  say_low(message_code::assert_intb, 10 * ns);
  sc_core::sc_start(1000 * ns);
  ASSERT_EQ(above.requests.size(), 1U);
  EXPECT_EQ(above.requests[0].at - start, 110 * ns);
}

}  // namespace
}  // namespace ivshmem::test
