// SPDX-License-Identifier: Apache-2.0
//
// The checker of TLPs must see what is wrong: requesters and completers that break the rules.
#include "../contract_checker.h"

#include <gmock/gmock.h>

#include "requester.h"

namespace ivshmem::test {
namespace {

using pcie::tlp_type;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct ContractChecker : testing::Test {
  requester above{"above"};
  contract_checker checker{"checker"};
  requester below{"below"};

  ContractChecker() {
    above.pcie.bind(checker.upstream);
    checker.downstream.bind(below.pcie);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  void expect(const char* rule) { EXPECT_THAT(checker.violations(), Contains(HasSubstr(rule))); }
};

TEST_F(ContractChecker, IsSilentWhenAllIsWell) {
  above.send(tlp_type::memory_read, 0x1000, 256);
  above.send(tlp_type::memory_write, 0x1f00, 256);
  above.send(tlp_type::memory_read, 0x1000, 0);
  pcie::payload& config = above.make(tlp_type::config_read_0, 0x42, 2);
  pcie::tlp_of(config).completer = pcie::config_target(config);
  above.pcie.send_request(config, sc_core::SC_ZERO_TIME);
  below.send(tlp_type::message, 0, 0);
  EXPECT_THAT(checker.violations(), IsEmpty());
  EXPECT_EQ(checker.outstanding(), 0U);
  EXPECT_EQ(checker.unaccepted(), 0U);
  EXPECT_EQ(checker.seen().completions, 3U);
  EXPECT_EQ(checker.seen().posted, 2U);
}

TEST_F(ContractChecker, AMemoryWriteHasTheWriteCommand) {
  pcie::payload& trans = above.make(tlp_type::memory_write, 0, 4);
  trans.set_read();
  above.pcie.send_request(trans, sc_core::SC_ZERO_TIME);
  expect("type and command differ");
}
TEST_F(ContractChecker, ARequestDoesNotCross4KiB) {
  above.send(tlp_type::memory_read, 0xffc, 8);
  expect("crosses 4 KiB");
}
TEST_F(ContractChecker, AWriteIsNoLongerThanTheMaximumPayload) {
  above.send(tlp_type::memory_write, 2, 256);  // 65 dwords
  expect("too long");
}
TEST_F(ContractChecker, AConfigurationRequestStaysInItsDword) {
  above.send(tlp_type::config_read_0, 2, 4);
  expect("beyond its dword");
}
TEST_F(ContractChecker, AConfigurationRequestDoesNotGoUp) {
  below.send(tlp_type::config_read_0, 0, 4);
  expect("goes up");
}
TEST_F(ContractChecker, AMessageHasNoData) {
  above.send(tlp_type::message, 0, 4);
  expect("a message has data");
}
TEST_F(ContractChecker, AConfigurationRequestIsCompletedByItsTarget) {
  above.send(tlp_type::config_write_0, std::uint64_t{1} << 20U, 4);
  expect("completed by another function");
}
TEST_F(ContractChecker, ATagIsUsedOnceAtATime) {
  below.answers = false;
  pcie::payload& first = above.send(tlp_type::memory_read, 0, 4);
  pcie::payload& second = above.make(tlp_type::memory_read, 0, 4);
  pcie::tlp_of(second).tag = pcie::tlp_of(first).tag;
  above.pcie.send_request(second, sc_core::SC_ZERO_TIME);
  expect("a tag that is in use");
}
TEST_F(ContractChecker, ACompletionComesOnce) {
  pcie::payload& trans = above.send(tlp_type::memory_read, 0, 4);
  below.answer(trans);
  expect("nobody waits for");
}
TEST_F(ContractChecker, APostedRequestHasNoCompletion) {
  below.answer(above.send(tlp_type::memory_write, 0, 4));
  expect("a completion of a posted request");
}
TEST_F(ContractChecker, ACompletionHasAStatusThatExists) {
  below.answers = false;
  pcie::payload& trans = above.send(tlp_type::memory_read, 0, 4);
  pcie::tlp_of(trans).status = static_cast<pcie::completion_status>(3);
  below.pcie.send_completion(trans, sc_core::SC_ZERO_TIME);
  expect("status that does not exist");
}
TEST_F(ContractChecker, ACompletionHasTheResponseOfItsStatus) {
  below.answers = false;
  pcie::payload& trans = above.send(tlp_type::memory_read, 0, 4);
  complete(trans, pcie::completion_status::successful);
  pcie::tlp_of(trans).status = pcie::completion_status::unsupported_request;
  trans.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  below.pcie.send_completion(trans, sc_core::SC_ZERO_TIME);
  expect("status and response differ");
}
TEST_F(ContractChecker, CreditsComeBackOnce) {
  below.pcie.accept(above.send(tlp_type::memory_write, 0, 4), false);
  expect("a request was accepted that is not here");
  EXPECT_THAT(above.credits, SizeIs(1)) << "and are not passed on";
}
TEST_F(ContractChecker, ACompletionIsAcceptedOnce) {
  above.pcie.accept(above.send(tlp_type::memory_read, 0, 4), true);
  expect("a completion was accepted that is not here");
}
TEST_F(ContractChecker, TheHopsOfACompletionAreThoseOfTheRequest) {
  below.answers = false;
  pcie::payload& trans = above.send(tlp_type::memory_read, 0, 4);
  ++pcie::tlp_of(trans).depth;
  below.answer(trans);
  expect("the hops are not those of the request");
}
TEST_F(ContractChecker, RequesterAndTagStayThroughTheCompletion) {
  below.answers = false;
  pcie::payload& trans = above.send(tlp_type::memory_read, 0, 4);
  ++pcie::tlp_of(trans).tag;
  below.answer(trans);
  expect("requester or tag");
}
TEST_F(ContractChecker, TimedTransportNeedsAMemoryManager) {
  pcie::payload& trans = above.make(tlp_type::memory_write, 0, 4);
  trans.set_mm(nullptr);
  above.pcie.send_request(trans, sc_core::SC_ZERO_TIME);
  expect("without memory manager");
}

/// Packets of the log by the times at which they enter and leave, in ns.
struct OrderLog : testing::Test {
  requester source{"source"};
  order_log log;
  std::vector<pcie::payload*> packets;

  void packet(tlp_type type, bool completion, double in, double out, unsigned to = 0) {
    pcie::payload& trans = source.make(type, packets.size(), 4);
    packets.push_back(&trans);
    log.enter(trans, completion, 0, {in, sc_core::SC_NS});
    log.leave(trans, completion, to, {out, sc_core::SC_NS});
  }
};

TEST_F(OrderLog, APostedRequestMayPassReadsAndCompletions) {
  packet(tlp_type::memory_read, false, 1, 20);
  packet(tlp_type::memory_read, true, 2, 21);
  packet(tlp_type::memory_write, false, 3, 10);
  EXPECT_THAT(log.violations(), IsEmpty());
}
TEST_F(OrderLog, NothingPassesAPostedRequest) {
  packet(tlp_type::memory_write, false, 1, 20);
  packet(tlp_type::memory_write, false, 2, 19);
  packet(tlp_type::memory_read, false, 3, 18);
  packet(tlp_type::memory_read, true, 4, 17);
  packet(tlp_type::message, false, 5, 20);
  EXPECT_THAT(log.violations(), SizeIs(3)) << "the message left at the same time, but later";
}
TEST_F(OrderLog, PlacesAreKeptApartAndSimultaneousPacketsHaveNoOrder) {
  packet(tlp_type::memory_write, false, 1, 20, 0);
  packet(tlp_type::memory_read, false, 2, 10, 1);
  packet(tlp_type::memory_read, false, 1, 10, 0);
  EXPECT_THAT(log.violations(), IsEmpty());
}

}  // namespace
}  // namespace ivshmem::test
