// SPDX-License-Identifier: Apache-2.0
//
// I/O ports whose number is not a multiple of the size of the access [behaviour 13].
#include <gtest/gtest.h>

#include <string>

#include "qtest_run.h"

namespace ivshmem::conformance {
namespace {

/// A machine like that of `qemu` with one plain device at 4.
struct ports {
  explicit ports(const std::string& qemu) : host(setup(qemu)) {}

  static machine_setup setup(const std::string& qemu) {
    machine_setup made = setup_of(one_device("plain", "off", 0, 1U << 20U));
    made.qemu = qemu;
    return made;
  }
  /// `access` with the address register at scratch bytes that hold 44332211h.
  std::string at_scratch(const std::string& access) {
    host.config_write(device_slot, 0x54, 4, 0);
    host.config_write(device_slot, 0x50, 4, 0x4433'2211);
    return host.command(access);
  }

  machine host;
};

TEST(QtestPorts, InQemu7AnUnalignedAccessIsCutIntoPieces) {
  ports like("7.2");
  EXPECT_EQ(like.at_scratch("inw 0xcfd"), "0x3322");
  EXPECT_EQ(like.at_scratch("inl 0xcfd"), "0xff443322") << "nothing is at 0xd00";
  EXPECT_EQ(like.at_scratch("inl 0xcfe"), "0xffff4433");
  EXPECT_EQ(like.at_scratch("inw 0xcff"), "0xff44");
  like.at_scratch("outl 0xcfe 0x88776655");
  EXPECT_EQ(like.host.config_read(device_slot, 0x50, 4), 0x6655'2211U);
  like.at_scratch("outw 0xcfd 0x6655");
  EXPECT_EQ(like.host.config_read(device_slot, 0x50, 4), 0x4466'5511U);
}

TEST(QtestPorts, InQemu11AnUnalignedAccessReadsZeroAndWritesNothing) {
  ports like("11.1");
  for (const char* access : {"inw 0xcfd", "inl 0xcfd", "inl 0xcfe", "inw 0xcff", "inl 0xcff",
                             "inw 0xcf7", "inl 0xcfa", "inw 0x81"}) {
    EXPECT_EQ(like.at_scratch(access), "0x0000") << access;
  }
  for (const char* access : {"outw 0xcfd 0x6655", "outl 0xcfe 0x88776655", "outl 0xcfb 1"}) {
    like.at_scratch(access);
    EXPECT_EQ(like.host.config_read(device_slot, 0x50, 4), 0x4433'2211U) << access;
  }
}

TEST(QtestPorts, AnAlignedAccessIsTheSameInBoth) {
  for (const char* qemu : {"7.2", "11.1"}) {
    ports like(qemu);
    EXPECT_EQ(like.at_scratch("inb 0xcfd"), "0x0022") << qemu;
    EXPECT_EQ(like.at_scratch("inw 0xcfe"), "0x4433") << qemu;
    EXPECT_EQ(like.at_scratch("inl 0xcfc"), "0x44332211") << qemu;
    like.at_scratch("outw 0xcfe 0x8877");
    EXPECT_EQ(like.host.config_read(device_slot, 0x50, 4), 0x8877'2211U) << qemu;
  }
}

TEST(QtestPorts, AShortReadOfTheAddressRegisterGivesItsLowBytes) {
  for (const char* qemu : {"7.2", "11.1"}) {
    ports like(qemu);
    EXPECT_EQ(like.at_scratch("inb 0xcf8"), "0x0050") << qemu;
    EXPECT_EQ(like.at_scratch("inb 0xcfb"), "0x0050") << qemu;
    EXPECT_EQ(like.at_scratch("inw 0xcfa"), "0x2050") << qemu;
  }
  ports old("7.2");
  EXPECT_EQ(old.at_scratch("inl 0xcf7"), "0x502050ff");
}

}  // namespace
}  // namespace ivshmem::conformance
