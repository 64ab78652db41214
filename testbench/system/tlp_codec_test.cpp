// SPDX-License-Identifier: Apache-2.0
//
// Requests as header words and beats, in both directions.
#include <gmock/gmock.h>

#include <array>
#include <random>
#include <vector>

#include "transaction.h"

namespace ivshmem::pcie::test {
namespace {

using pcie::make_bdf;
using pcie::tlp_type;
using testing::ElementsAre;

TEST(TlpCodec, AMemoryReadHasTheBitsOfTheSpecification) {
  transaction one;
  one.fill(tlp_type::memory_read, 0x1234'5679, 6, false);
  one.header().requester = make_bdf(1, 2, 3);
  one.header().tag = 0xab;
  one.header().traffic_class = 5;
  one.header().relaxed_ordering = true;
  raw_tlp raw;
  encode_request(one.trans, raw);
  EXPECT_THAT(raw.header, ElementsAre(0x0050'2002U, 0x0113'ab7eU, 0x1234'5678U, 0U));
  EXPECT_TRUE(raw.payload.empty());
}

TEST(TlpCodec, AWriteAboveFourGigabytesHasFourDwords) {
  transaction one;
  one.fill(tlp_type::memory_write, 0x1'0000'0006, 4, true);
  one.header().poisoned = true;
  one.header().no_snoop = true;
  one.data = {1, 2, 3, 4};
  raw_tlp raw;
  encode_request(one.trans, raw);
  EXPECT_THAT(raw.header, ElementsAre(0x6000'5002U, 0x0000'003cU, 1U, 4U));
  EXPECT_THAT(raw.payload, ElementsAre(0x0201'0000U, 0x0000'0403U));
}

TEST(TlpCodec, AConfigurationRequestHasItsTargetAndRegister) {
  transaction one;
  one.fill(tlp_type::config_write_0, 0x0320'8142, 2, true);
  one.data = {0xcd, 0xab};
  raw_tlp raw;
  encode_request(one.trans, raw);
  EXPECT_THAT(raw.header, ElementsAre(0x4400'0001U, 0x0000'000cU, 0x3208'0140U, 0U));
  EXPECT_THAT(raw.payload, ElementsAre(0xabcd'0000U));
  one.fill(tlp_type::config_read_1, 0x0320'8142, 1, false);
  encode_request(one.trans, raw);
  EXPECT_THAT(raw.header, ElementsAre(0x0500'0001U, 0x0000'0004U, 0x3208'0140U, 0U));
}

TEST(TlpCodec, AnInterruptMessageHasItsCode) {
  transaction one;
  one.fill(tlp_type::message, 0, 0, false);
  one.trans.set_command(tlm::TLM_IGNORE_COMMAND);
  one.header().code = pcie::message_code::deassert_inta;
  one.header().requester = make_bdf(2, 0, 0);
  raw_tlp raw;
  encode_request(one.trans, raw);
  EXPECT_THAT(raw.header, ElementsAre(0x3400'0000U, 0x0200'0024U, 0U, 0U));
}

TEST(TlpCodec, AnMsixMessageKeepsItsAddress) {
  transaction one;
  one.fill(tlp_type::memory_write, 0xfee0'0003, 4, true);
  one.header().msix = true;
  raw_tlp raw;
  encode_request(one.trans, raw);
  EXPECT_THAT(raw.header, ElementsAre(0x4000'0001U, 0x0000'000fU, 0xfee0'0003U, 0U));
}

TEST(TlpCodec, AZeroLengthReadIsOneDwordWithoutEnables) {
  transaction one;
  one.fill(tlp_type::memory_read, 0x1000, 0, false);
  raw_tlp raw;
  encode_request(one.trans, raw);
  EXPECT_THAT(raw.header, ElementsAre(0x0000'0001U, 0U, 0x1000U, 0U));
  EXPECT_EQ(payload_bytes(raw), 0U);
}

TEST(TlpCodec, ALengthOf1024IsWrittenAsZero) {
  transaction one;
  one.fill(tlp_type::memory_read, 0x1000, 4096, false);
  raw_tlp raw;
  encode_request(one.trans, raw);
  EXPECT_EQ(raw.header[0], 0U);
  EXPECT_EQ(length_of(raw.header), 1024U);
}

TEST(TlpCodec, HolesBeyondOneDwordCannotBeEncoded) {
  transaction one;
  one.fill(tlp_type::memory_write, 0x1000, 8, true);
  EXPECT_TRUE(is_encodable(one.trans));
  unsigned char enables[2] = {TLM_BYTE_ENABLED, TLM_BYTE_DISABLED};
  one.trans.set_byte_enable_ptr(enables);
  one.trans.set_byte_enable_length(2);
  EXPECT_FALSE(is_encodable(one.trans));
  one.trans.set_data_length(3);
  EXPECT_TRUE(is_encodable(one.trans));
  one.trans.set_byte_enable_ptr(nullptr);
  one.trans.set_data_length(4097);
  EXPECT_FALSE(is_encodable(one.trans));
}

TEST(TlpCodec, ATypeThatTlmDoesNotHaveIsRefused) {
  transaction one;
  EXPECT_FALSE(decode_request({{0x0200'0001U, 0xf, 0, 0}, {}}, one.trans, one.enables.data()));
  EXPECT_FALSE(decode_request({{0x4c00'0001U, 0xf, 0, 0}, {1}}, one.trans, one.enables.data()));
}

TEST(TlpCodec, RandomRequestsComeBackAsTheyWere) {
  const unsigned seed = 4;
  SCOPED_TRACE(seed);
  std::mt19937_64 dice(seed);
  constexpr std::array types{tlp_type::memory_read,   tlp_type::memory_write,
                             tlp_type::config_read_0, tlp_type::config_write_0,
                             tlp_type::config_read_1, tlp_type::config_write_1};
  transaction sent;
  transaction got;
  for (unsigned i = 0; i < 5000; ++i) {
    const tlp_type type = types[dice() % types.size()];
    const bool config = type >= tlp_type::config_read_0;
    const bool write = type == tlp_type::memory_write || type == tlp_type::config_write_0 ||
                       type == tlp_type::config_write_1;
    const std::uint64_t address =
        config ? dice() % (1U << 28U) : dice() >> (dice() % 2 == 0 ? 0 : 32);
    const auto room = static_cast<unsigned>((config ? 4 : 4096) - address % (config ? 4 : 4096));
    const auto bytes = static_cast<unsigned>(1 + dice() % std::min(room, 300U));
    sent.fill(type, address, bytes, write);
    sent.header().requester = static_cast<pcie::bdf>(dice() & 0xffffU);
    sent.header().tag = static_cast<std::uint8_t>(dice());
    sent.header().traffic_class = dice() % 8;
    sent.header().poisoned = write && dice() % 4 == 0;
    sent.header().relaxed_ordering = dice() % 2 == 0;
    sent.header().no_snoop = dice() % 2 == 0;
    for (unsigned k = 0; k < bytes; ++k) {
      sent.data[k] = static_cast<unsigned char>(dice());
    }
    if (address % 4 == 0 && bytes == 4 && dice() % 2 == 0) {
      sent.enables = {TLM_BYTE_ENABLED, TLM_BYTE_DISABLED, TLM_BYTE_DISABLED, TLM_BYTE_ENABLED};
      sent.trans.set_byte_enable_ptr(sent.enables.data());
      sent.trans.set_byte_enable_length(4);
    }
    raw_tlp raw;
    encode_request(sent.trans, raw);
    ASSERT_EQ(payload_bytes(raw), bytes);
    ASSERT_TRUE(decode_request(raw, got.trans, got.enables.data()));
    raw_tlp again;
    encode_request(got.trans, again);
    ASSERT_EQ(raw, again);
    ASSERT_EQ(got.trans.get_address(), address);
    ASSERT_EQ(got.trans.get_data_length(), bytes);
    ASSERT_EQ(got.header().type, type);
    if (write) {
      ASSERT_TRUE(std::equal(sent.data.begin(), sent.data.begin() + bytes, got.data.begin()));
    }
  }
}

}  // namespace
}  // namespace ivshmem::pcie::test
