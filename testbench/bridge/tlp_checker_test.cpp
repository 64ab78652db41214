// SPDX-License-Identifier: Apache-2.0
//
// Each rule of the two checkers is broken once.
#include "ivshmem/rtl_bridge/tlp_checker.h"

#include <gmock/gmock.h>

#include "ivshmem/rtl_bridge/tlp_names.h"
#include "requests.h"

namespace ivshmem::rtl::test {
namespace {

using pcie::completion_status;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// ---- beats
class TlpStreamChecker : public testing::Test {
 protected:
  static tlp_beat beat(bool first, bool last, unsigned strobes, unsigned dwords) {
    tlp_beat made;
    made.valid = true;
    made.first = first;
    made.last = last;
    made.strobes = static_cast<std::uint8_t>(strobes);
    made.header = {0x4000'0000U | dwords, 0xffU, 0, 0};
    return made;
  }
  void expect(const char* rule) { EXPECT_THAT(log.texts(), ElementsAre(HasSubstr(rule))); }

  protocol_log log;
  tlp_stream_checker checker{"tx", 2, log};
};

TEST_F(TlpStreamChecker, LegalBeatsAreLeftAlone) {
  checker.step(0, beat(true, false, 3, 3), false);
  checker.step(1, beat(true, false, 3, 3), true);
  checker.step(2, {}, true);
  checker.step(3, beat(false, true, 1, 0), true);
  checker.end(4);
  EXPECT_THAT(log.texts(), IsEmpty());
}

TEST_F(TlpStreamChecker, ABeatMustNotChangeBeforeItIsTaken) {
  checker.step(0, beat(true, true, 3, 2), false);
  tlp_beat other = beat(true, true, 3, 2);
  other.data[1] = 1;
  checker.step(1, other, true);
  expect("cycle 1: tx: a beat changed");
}

TEST_F(TlpStreamChecker, ABeatMustNotBeWithdrawn) {
  checker.step(0, beat(true, true, 3, 2), false);
  checker.step(1, {}, true);
  expect("a beat changed");
}

TEST_F(TlpStreamChecker, APacketMustNotBeginInsideAnother) {
  checker.step(0, beat(true, false, 3, 3), true);
  checker.step(1, beat(true, true, 1, 1), true);
  expect("begins inside");
}

TEST_F(TlpStreamChecker, DataMustNotComeOutsideOfAPacket) {
  checker.step(0, beat(false, true, 0, 0), true);
  expect("outside of a packet");
}

TEST_F(TlpStreamChecker, StrobesFitTheLength) {
  checker.step(0, beat(true, true, 1, 2), true);
  expect("strobes");
}

TEST_F(TlpStreamChecker, TheEndIsWhereTheLengthSays) {
  checker.step(0, beat(true, true, 3, 4), true);
  expect("the end is not");
}

TEST_F(TlpStreamChecker, AWrongLengthMayBeAllowed) {
  checker.allow_wrong_lengths();
  checker.step(0, beat(true, true, 1, 3), true);
  EXPECT_THAT(log.texts(), IsEmpty());
}

TEST_F(TlpStreamChecker, AnOpenPacketAtTheEndIsFound) {
  checker.step(0, beat(true, false, 3, 4), true);
  checker.end(1);
  expect("not finished");
}

// ---- packets

class TlpChecker : public testing::Test {
 protected:
  /// A completion for tag 0 of requester 0x0100.
  static raw_tlp completion(unsigned byte_count, unsigned lower_address, unsigned dwords,
                            completion_status status = completion_status::successful,
                            unsigned attributes = 0) {
    completion_fields fields;
    fields.status = status;
    fields.requester = 0x0100;
    fields.byte_count = byte_count;
    fields.lower_address = static_cast<std::uint8_t>(lower_address);
    return {completion_header(fields, attributes, dwords), std::vector<std::uint32_t>(dwords)};
  }
  void expect(const char* rule) { EXPECT_THAT(log.texts(), ElementsAre(HasSubstr(rule))); }

  protocol_log log;
  tlp_checker checker{2, {256, 128}, log};
};

TEST_F(TlpChecker, ASplitReadIsLeftAlone) {
  checker.request(0, memory_read(0x1070, 40, 0, 0xe, 0x7));  // 0x1071 to 0x110e
  checker.completion(1, completion(158, 0x71, 4));
  checker.completion(2, completion(143, 0, 32));
  checker.completion(3, completion(15, 0, 4));
  checker.end(4);
  EXPECT_THAT(log.texts(), IsEmpty());
}

TEST_F(TlpChecker, AReadOfNoBytesGetsOneDword) {
  checker.request(0, memory_read(0x1000, 1, 0, 0));
  checker.completion(1, completion(1, 0, 1));
  checker.end(2);
  EXPECT_THAT(log.texts(), IsEmpty());
}

TEST_F(TlpChecker, AnUnsupportedReadHasTheCountOfTheWhole) {
  checker.request(0, memory_read(0x1004, 2));
  checker.completion(1, completion(8, 4, 0, completion_status::unsupported_request));
  checker.end(2);
  EXPECT_THAT(log.texts(), IsEmpty());
}

TEST_F(TlpChecker, AMalformedRequestNeedsNoCompletion) {
  checker.request(0, memory_read(0x1ff8, 4));
  checker.request(0, {{0x9f00'0000U, 0, 0, 0}, {}});
  checker.end(1);
  EXPECT_THAT(log.texts(), IsEmpty());
}

TEST_F(TlpChecker, APostedRequestGetsNoCompletion) {
  checker.request(0, memory_write(0x1000, {1}));
  checker.completion(1, completion(4, 0, 0));
  expect("nobody waits for");
}

TEST_F(TlpChecker, ARequestGetsOneSetOfCompletions) {
  checker.request(0, config_read(0x40));
  raw_tlp one = completion(4, 0, 1);
  one.header[2] = 0;
  checker.completion(1, one);
  checker.completion(2, one);
  expect("cycle 2: tx_cpl: a completion that nobody waits for");
}

TEST_F(TlpChecker, ARequestGetsACompletion) {
  checker.request(0, config_read(0x40));
  checker.end(1);
  expect("a completion is missing");
}

TEST_F(TlpChecker, CompletionsComeInTheOrderOfTheRequests) {
  checker.request(0, memory_read(0x1000, 1, 1));
  checker.request(1, memory_read(0x1000, 1, 0));
  checker.completion(2, completion(4, 0, 1));
  expect("passes another");
}

TEST_F(TlpChecker, ClassAndAttributesAreEchoed) {
  checker.request(0, memory_read(0x1000, 1));
  checker.completion(1, completion(4, 0, 1, completion_status::successful, 0x10));
  expect("traffic class or attributes");
}

TEST_F(TlpChecker, TheByteCountIsChecked) {
  checker.request(0, memory_read(0x1000, 2));
  checker.completion(1, completion(4, 0, 2));
  expect("a wrong byte count");
}

TEST_F(TlpChecker, TheLowerAddressIsChecked) {
  checker.request(0, memory_read(0x1004, 1, 0, 0xc));
  checker.completion(1, completion(2, 4, 1));
  expect("a wrong lower address");
}

TEST_F(TlpChecker, APieceEndsAtTheBoundary) {
  checker.request(0, memory_read(0x1000, 40));
  checker.completion(1, completion(160, 0, 16));
  expect("does not end at the boundary");
}

TEST_F(TlpChecker, APayloadIsLimited) {
  checker.request(0, memory_read(0x1000, 96));
  checker.completion(1, completion(384, 0, 96));
  expect("more than the largest payload");
}

TEST_F(TlpChecker, MoreThanWasAskedForIsFound) {
  checker.request(0, memory_read(0x1000, 1));
  checker.completion(1, completion(4, 0, 2));
  expect("more dwords");
}

TEST_F(TlpChecker, AnErrorHasNoData) {
  checker.request(0, memory_read(0x1000, 1));
  checker.completion(1, completion(4, 0, 1, completion_status::completer_abort));
  expect("an error with data");
}

TEST_F(TlpChecker, ReadsGetData) {
  checker.request(0, config_read(0x40));
  raw_tlp none = completion(4, 0, 0);
  none.header[2] = 0;
  checker.completion(1, none);
  expect("data where none");
}

TEST_F(TlpChecker, WhatIsNoMemoryReadHasFixedFields) {
  checker.request(0, config_read(0x44));
  raw_tlp one = completion(4, 4, 1);
  one.header[2] &= 0x7fU;
  checker.completion(1, one);
  expect("not 4 or its operand, and 0");
}

TEST_F(TlpChecker, ALockedReadGetsALockedCompletion) {
  checker.request(0, {{0x0100'0001U, memory_read(0x1000, 1).header[1], 0x1000, 0}, {}});
  checker.completion(1, completion(4, 0, 0, completion_status::unsupported_request));
  expect("a locked completion exactly for a locked read");
}

TEST_F(TlpChecker, AMessageIsAWriteOfOneDwordOrIntx) {
  checker.message(0, memory_write(0xfee0'0000, {1}));
  checker.message(1, {{0x3400'0000, 0x20, 0, 0}, {}});
  EXPECT_THAT(log.texts(), IsEmpty());
  checker.message(2, memory_write(0xfee0'0000, {1, 2}));
  checker.message(3, {{0x3400'0000, 0x21, 0, 0}, {}});
  checker.message(4, {{0x6000'0001, 0xf, 0, 0xfee0'0000}, {1}});
  EXPECT_THAT(log.texts(), ElementsAre(HasSubstr("not one whole dword"), HasSubstr("INTA"),
                                       HasSubstr("four dwords exactly when")));
}

}  // namespace
}  // namespace ivshmem::rtl::test
