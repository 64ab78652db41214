// SPDX-License-Identifier: Apache-2.0
//
// TLP headers, extents and the pool of payloads.
#include "ivshmem/tlm/pcie/tlp.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "ivshmem/tlm/pcie/byte_enables.h"
#include "ivshmem/tlm/pcie/payload_pool.h"

namespace ivshmem::pcie::test {
namespace {

struct request {
  payload trans;
  std::vector<unsigned char> data = std::vector<unsigned char>(4096);

  request(std::uint64_t address, unsigned bytes) {
    trans.set_extension(new tlp);
    trans.set_address(address);
    trans.set_data_ptr(data.data());
    trans.set_data_length(bytes);
  }
};

TEST(Bdf, PacksBusDeviceAndFunction) {
  const bdf id = make_bdf(0xab, 0x1f, 7);
  EXPECT_EQ(to_int(id), 0xabffU);
  EXPECT_EQ(bus_of(id), 0xabU);
  EXPECT_EQ(device_of(id), 0x1fU);
  EXPECT_EQ(function_of(id), 7U);
}

TEST(TlpExtent, CoversExactlyTheBytesOfTheRequest) {
  for (unsigned offset = 0; offset < 8; ++offset) {
    for (unsigned bytes = 1; bytes <= 40; ++bytes) {
      const request one(0x1000 + offset, bytes);
      const tlp_extent extent = extent_of(one.trans);
      std::vector<bool> expected(std::size_t{(offset % 4 + bytes + 3) / 4} * 4);
      for (unsigned i = 0; i < bytes; ++i) {
        expected[offset % 4 + i] = true;
      }
      std::vector<bool> header(std::size_t{4} * extent.dwords, true);
      for (unsigned i = 0; i < 4; ++i) {
        header[i] = ((extent.first_be >> i) & 1U) != 0;
        if (extent.dwords > 1) {
          header[header.size() - 4 + i] = ((extent.last_be >> i) & 1U) != 0;
        }
      }
      EXPECT_EQ(header, expected) << "offset " << offset << ", bytes " << bytes;
      EXPECT_EQ(extent.last_be == 0, extent.dwords == 1) << "[PCIe 2.2.5]";
    }
  }
}

TEST(TlpExtent, OneDwordMayHaveHoles) {
  for (unsigned enabled = 1; enabled < 16; ++enabled) {
    request one(0x1000, 4);
    std::vector<unsigned char> enables(4);
    for (unsigned i = 0; i < 4; ++i) {
      enables[i] = ((enabled >> i) & 1U) != 0 ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED;
    }
    one.trans.set_byte_enable_ptr(enables.data());
    one.trans.set_byte_enable_length(4);
    const tlp_extent extent = extent_of(one.trans);
    EXPECT_EQ(extent.dwords, 1U);
    EXPECT_EQ(extent.first_be, enabled);
    EXPECT_EQ(extent.last_be, 0U);
  }
}

TEST(TlpExtent, AZeroLengthRequestIsOneDwordWithoutBytes) {
  const request one(0x1000, 0);
  const tlp_extent extent = extent_of(one.trans);
  EXPECT_EQ(extent.dwords, 1U);
  EXPECT_EQ(extent.first_be, 0U);
  EXPECT_EQ(extent.last_be, 0U);
}

TEST(TlpExtent, AMessageHasNoData) {
  request one(0, 0);
  tlp_of(one.trans).type = tlp_type::message;
  EXPECT_EQ(extent_of(one.trans).dwords, 0U);
}

TEST(Tlp, ConfigurationAddressesHoldTargetAndOffset) {
  const request one((std::uint64_t{to_int(make_bdf(3, 4, 5))} << 12U) | 0xabcU, 1);
  EXPECT_EQ(config_target(one.trans), make_bdf(3, 4, 5));
  EXPECT_EQ(config_offset(one.trans), 0xabcU);
}

TEST(Tlp, CompletionStatusAndResponseStatusAgree) {
  request one(0, 4);
  complete(one.trans, completion_status::successful);
  EXPECT_EQ(one.trans.get_response_status(), tlm::TLM_OK_RESPONSE);
  complete(one.trans, completion_status::unsupported_request);
  EXPECT_EQ(one.trans.get_response_status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  complete(one.trans, completion_status::completer_abort);
  EXPECT_EQ(one.trans.get_response_status(), tlm::TLM_GENERIC_ERROR_RESPONSE);
  EXPECT_EQ(tlp_of(one.trans).status, completion_status::completer_abort);
}

TEST(Tlp, TypesAreToldApart) {
  tlp header;
  for (const tlp_type type :
       {tlp_type::memory_read, tlp_type::memory_write, tlp_type::config_read_0,
        tlp_type::config_write_1, tlp_type::message}) {
    header.type = type;
    EXPECT_EQ(header.is_config(),
              type == tlp_type::config_read_0 || type == tlp_type::config_write_1);
    EXPECT_EQ(header.is_posted(), type == tlp_type::memory_write || type == tlp_type::message);
  }
}

TEST(Tlp, ACloneIsACopyOfAllFields) {
  request one(0, 4);
  tlp_of(one.trans).tag = 9;
  tlp_of(one.trans).requester = make_bdf(1, 2, 3);
  payload copy;
  copy.deep_copy_from(one.trans);
  ASSERT_NE(copy.get_extension<tlp>(), nullptr);
  EXPECT_EQ(tlp_of(copy).tag, 9);
  EXPECT_EQ(tlp_of(copy).requester, make_bdf(1, 2, 3));
}

TEST(PayloadPool, ReusesPayloadsInTheirInitialState) {
  payload_pool pool;
  std::set<payload*> seen;
  for (int round = 0; round < 100; ++round) {
    const payload_pool::lease outer(pool);
    const payload_pool::lease inner(pool);
    for (const payload_pool::lease* lease : {&outer, &inner}) {
      payload& trans = **lease;
      seen.insert(&trans);
      EXPECT_EQ(tlp_of(trans).type, tlp_type::memory_read);
      EXPECT_EQ(tlp_of(trans).status, completion_status::unsupported_request);
      EXPECT_FALSE(tlp_of(trans).msix || tlp_of(trans).poisoned || tlp_of(trans).injected);
      EXPECT_EQ(trans.get_byte_enable_ptr(), nullptr);
      EXPECT_FALSE(trans.is_dmi_allowed());
      EXPECT_EQ(trans.get_response_status(), tlm::TLM_INCOMPLETE_RESPONSE);
      unsigned char enable = 0;
      trans.set_byte_enable_ptr(&enable);
      trans.set_dmi_allowed(true);
      tlp_of(trans).msix = tlp_of(trans).poisoned = tlp_of(trans).injected = true;
      tlp_of(trans).type = tlp_type::message;
      complete(trans, completion_status::successful);
    }
  }
  EXPECT_EQ(seen.size(), 2U) << "as many as were in use at once";
}

TEST(PayloadPool, AnAllocatedPayloadReturnsWithItsLastReference) {
  payload_pool pool;
  payload& first = pool.allocate(8);
  std::fill_n(first.get_data_ptr(), 8, static_cast<unsigned char>(0x55));
  first.acquire();
  first.release();
  payload& second = pool.allocate(4);
  EXPECT_NE(&first, &second) << "still referenced";
  EXPECT_EQ(first.get_data_ptr()[7], 0x55);
  second.release();
  first.release();
  payload& again = pool.allocate(4096);
  EXPECT_TRUE(&again == &first || &again == &second);
  EXPECT_EQ(again.get_data_length(), 4096U);
  again.get_data_ptr()[4095] = 1;
  again.release();
}

}  // namespace
}  // namespace ivshmem::pcie::test
