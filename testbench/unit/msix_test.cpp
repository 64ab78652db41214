// SPDX-License-Identifier: Apache-2.0
//
// The MSI-X table and the pending bits.
#include "ivshmem/model/msix.h"

#include <gtest/gtest.h>

namespace ivshmem::test {
namespace {

TEST(Msix, StartsMaskedAndZero) {
  const msix dut(3);
  for (unsigned vector = 0; vector < 3; ++vector) {
    const std::uint32_t at = bar1::entry_bytes * vector;
    EXPECT_EQ(dut.table_read(at + bar1::entry_address_low), 0U);
    EXPECT_EQ(dut.table_read(at + bar1::entry_address_high), 0U);
    EXPECT_EQ(dut.table_read(at + bar1::entry_data), 0U);
    EXPECT_EQ(dut.table_read(at + bar1::entry_control), bar1::control_masked);
    EXPECT_TRUE(dut.masked(vector));
    EXPECT_FALSE(dut.pending(vector));
  }
  EXPECT_TRUE(dut.function_masked());
  EXPECT_EQ(dut.pending_count(), 0U);
}

TEST(Msix, StoresAllBitsOfAllFourDwords) {
  msix dut(2);
  for (std::uint32_t offset = 0; offset < bar1::table_bytes(2); offset += 4) {
    dut.table_write(offset, 0xa5a5'0000 | offset);
  }
  for (std::uint32_t offset = 0; offset < bar1::table_bytes(2); offset += 4) {
    EXPECT_EQ(dut.table_read(offset), 0xa5a5'0000 | offset);
  }
}

TEST(Msix, OnlyBit0OfControlMasks) {
  msix dut(1);
  dut.set_function_masked(false);
  dut.table_write(bar1::entry_control, 0xffff'fffe);
  EXPECT_FALSE(dut.masked(0));
  dut.table_write(bar1::entry_control, 0x0000'0001);
  EXPECT_TRUE(dut.masked(0));
}

TEST(Msix, TheFunctionMaskMasksEveryVector) {
  msix dut(2);
  dut.table_write(bar1::entry_control, 0);
  EXPECT_TRUE(dut.masked(0));
  dut.set_function_masked(false);
  EXPECT_FALSE(dut.masked(0));
  EXPECT_TRUE(dut.masked(1));
}

TEST(Msix, MessageHasTheFullAddressAndAllItsLowBits) {
  msix dut(2);
  const std::uint32_t at = bar1::entry_bytes;
  dut.table_write(at + bar1::entry_address_low, 0xfee0'1003);
  dut.table_write(at + bar1::entry_address_high, 0x8000'0001);
  dut.table_write(at + bar1::entry_data, 0xdead'beef);
  EXPECT_EQ(dut.message(1).address, 0x8000'0001'fee0'1003U);
  EXPECT_EQ(dut.message(1).data, 0xdead'beefU);
}

TEST(Msix, PendingBitsAreCountedAndFound) {
  msix dut(max_vectors);
  for (const unsigned vector : {0U, 63U, 64U, 1000U, 2047U}) {
    EXPECT_TRUE(dut.set_pending(vector, true));
    EXPECT_FALSE(dut.set_pending(vector, true)) << "set already";
  }
  EXPECT_EQ(dut.pending_count(), 5U);
  EXPECT_EQ(dut.next_pending(0), 0U);
  EXPECT_EQ(dut.next_pending(1), 63U);
  EXPECT_EQ(dut.next_pending(64), 64U);
  EXPECT_EQ(dut.next_pending(65), 1000U);
  EXPECT_EQ(dut.next_pending(1001), 2047U);
  EXPECT_EQ(dut.next_pending(2048), max_vectors);
  EXPECT_TRUE(dut.set_pending(2047, false));
  EXPECT_FALSE(dut.set_pending(2047, false)) << "clear already";
  EXPECT_EQ(dut.next_pending(1001), max_vectors) << "none left";
}

TEST(Msix, AFarPendingBitIsFoundAcrossEmptyWords) {
  msix dut(max_vectors);
  dut.set_pending(2047, true);
  for (const unsigned from : {0U, 65U, 190U, 1919U, 2047U}) {
    EXPECT_EQ(dut.next_pending(from), 2047U);
  }
}

TEST(Msix, PendingDwordsHaveBitVForVectorV) {
  msix dut(130);
  dut.set_pending(0, true);
  dut.set_pending(33, true);
  dut.set_pending(129, true);
  EXPECT_EQ(dut.pba_read(0), 1U);
  EXPECT_EQ(dut.pba_read(4), 2U);
  EXPECT_EQ(dut.pba_read(16), 2U);
  EXPECT_EQ(dut.pba_read(20), 0U);
}

TEST(Msix, ResetMasksAndClearsEverything) {
  msix dut(2);
  dut.table_write(bar1::entry_data, 7);
  dut.table_write(bar1::entry_control, 0);
  dut.set_pending(1, true);
  dut.set_function_masked(false);
  dut.reset();
  EXPECT_EQ(dut.table(), msix(2).table());
  EXPECT_EQ(dut.pending_count(), 0U);
  EXPECT_EQ(dut.pba_read(0), 0U);
  EXPECT_TRUE(dut.function_masked());
}

TEST(Msix, RestoreCountsThePendingBits) {
  msix from(70);
  from.set_pending(3, true);
  from.set_pending(69, true);
  msix to(70);
  to.set_pending(5, true);
  to.restore(from.table(), from.pba());
  EXPECT_EQ(to.pending_count(), 2U);
  EXPECT_TRUE(to.pending(69));
  EXPECT_FALSE(to.pending(5));
}

TEST(Msix, MayHaveNoVectors) {
  const msix dut(0);
  EXPECT_EQ(dut.vectors(), 0U);
  EXPECT_EQ(dut.next_pending(0), 0U);
}

}  // namespace
}  // namespace ivshmem::test
