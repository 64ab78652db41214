// SPDX-License-Identifier: Apache-2.0
//
// Completions as header words and beats, in both directions.
#include <gmock/gmock.h>

#include <vector>

#include "transaction.h"

namespace ivshmem::pcie::test {
namespace {

using pcie::completion_status;
using pcie::tlp_type;
using testing::ElementsAre;

TEST(TlpCodec, ACompletionHasTheBitsOfTheSpecification) {
  completion_fields fields;
  fields.status = completion_status::completer_abort;
  fields.completer = 0x0208;
  fields.requester = 0x0113;
  fields.tag = 0x55;
  fields.lower_address = 0x7d;
  fields.byte_count = 4096;
  const header_words header = completion_header(fields, 0x53, 1024);
  EXPECT_THAT(header, ElementsAre(0x4a50'3000U, 0x0208'8000U, 0x0113'557dU, 0U));
  const completion_fields back = completion_of(header);
  EXPECT_EQ(back.byte_count, 4096U);
  EXPECT_EQ(back.lower_address, 0x7d);
  EXPECT_EQ(back.status, completion_status::completer_abort);
  EXPECT_EQ(class_and_attributes(header), 0x53U);
}

TEST(TlpCodec, ASplitReadIsPutTogether) {
  transaction one;
  one.fill(tlp_type::memory_read, 0x107d, 8, false);
  completion_fields fields;
  fields.byte_count = 8;
  fields.lower_address = 0x7d;
  EXPECT_FALSE(merge_completion({completion_header(fields, 0, 1), {0x0302'01ffU}}, one.trans));
  fields.byte_count = 5;
  fields.lower_address = 0;
  EXPECT_TRUE(
      merge_completion({completion_header(fields, 0, 2), {0x0706'0504U, 0xffff'ff08U}}, one.trans));
  EXPECT_THAT(std::vector<int>(one.data.begin(), one.data.begin() + 9),
              ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 0));
  EXPECT_TRUE(one.trans.is_response_ok());
}

TEST(TlpCodec, ACompletionWithMoreBytesThanWereAskedForTouchesNothing) {
  for (const std::uint64_t address : {0x0ULL, 0x40ULL, 0x1000ULL, ~0xfffULL}) {
    transaction one;
    one.fill(tlp_type::memory_read, address, 8, false);
    const std::vector<std::uint8_t> before(one.data.begin(), one.data.end());
    completion_fields fields;
    fields.byte_count = 4096;
    const std::vector<std::uint32_t> much(1024, 0xdead'beefU);
    EXPECT_TRUE(merge_completion({completion_header(fields, 0, 1024), much}, one.trans));
    EXPECT_EQ(one.header().status, completion_status::unsupported_request);
    EXPECT_EQ(std::vector<std::uint8_t>(one.data.begin(), one.data.end()), before);
  }
}

TEST(TlpCodec, AWriteWithLessDataThanItsHeaderSaysIsNoRequest) {
  transaction one;
  one.fill(tlp_type::memory_write, 0x1000, 64, false);
  raw_tlp raw;
  encode_request(one.trans, raw);
  raw.payload.resize(15);
  transaction back;
  back.fill(tlp_type::memory_read, 0x2000, 4, false);
  unsigned char enables[4];
  EXPECT_FALSE(decode_request(raw, back.trans, enables));
  EXPECT_EQ(back.trans.get_address(), 0x2000U) << "nothing changed";
}

TEST(TlpCodec, AnErrorEndsARead) {
  transaction one;
  one.fill(tlp_type::memory_read, 0x1000, 8, false);
  completion_fields fields;
  fields.status = completion_status::completer_abort;
  fields.byte_count = 8;
  EXPECT_TRUE(merge_completion({completion_header(fields, 0, 0), {}}, one.trans));
  EXPECT_EQ(one.header().status, completion_status::completer_abort);
}

TEST(TlpCodec, AConfigurationReadTakesItsBytesFromTheDword) {
  transaction one;
  one.fill(tlp_type::config_read_0, 0x42, 1, false);
  completion_fields fields;
  fields.completer = 0x0300;
  EXPECT_TRUE(merge_completion({completion_header(fields, 0, 1), {0x0403'0201U}}, one.trans));
  EXPECT_EQ(one.data[0], 3);
  EXPECT_EQ(one.data[1], 0);
  EXPECT_EQ(pcie::to_int(one.header().completer), 0x0300U);
}

TEST(TlpCodec, DisabledBytesOfAReadStayAsTheyWere) {
  transaction one;
  one.fill(tlp_type::memory_read, 0x1000, 4, false);
  one.data = {9, 9, 9, 9};
  one.enables = {TLM_BYTE_ENABLED, TLM_BYTE_DISABLED, TLM_BYTE_DISABLED, TLM_BYTE_ENABLED};
  one.trans.set_byte_enable_ptr(one.enables.data());
  one.trans.set_byte_enable_length(4);
  completion_fields fields;
  EXPECT_TRUE(merge_completion({completion_header(fields, 0, 1), {0x0403'0201U}}, one.trans));
  EXPECT_THAT(std::vector<int>(one.data.begin(), one.data.begin() + 4), ElementsAre(1, 9, 9, 4));
}

TEST(TlpCodec, AnEncodedCompletionMergesBack) {
  transaction one;
  one.fill(tlp_type::memory_read, 0x1003, 9, false);
  one.data = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  pcie::complete(one.trans, completion_status::successful);
  raw_tlp raw;
  encode_completion(one.trans, raw);
  EXPECT_EQ(raw.payload.size(), 3U);
  EXPECT_EQ(completion_of(raw.header).byte_count, 9U);
  one.data = {};
  EXPECT_TRUE(merge_completion(raw, one.trans));
  EXPECT_EQ(one.data[8], 9);
}

}  // namespace
}  // namespace ivshmem::pcie::test
