// SPDX-License-Identifier: Apache-2.0
//
// Which properties are allowed, and what is said of the others.
#include "ivshmem/model/properties.h"

#include <gtest/gtest.h>

#include "device_bench.h"

namespace ivshmem::test {
namespace {

constexpr std::uint64_t mib = 1U << 20U;

std::string refusal(const device_properties& properties, std::uint64_t memory_bytes = mib,
                    unsigned id = 0) {
  const auto checked = check(properties, memory_bytes, static_cast<peer_id>(id));
  return checked ? "accepted" : checked.error().text();
}

device_properties legacy(bool msi, bool ioeventfd) {
  device_properties properties;
  properties.variant = device_variant::legacy;
  properties.msi = msi;
  properties.ioeventfd = ioeventfd;
  return properties;
}

TEST(Properties, HaveTheDevicesDefaults) {
  const device_properties properties;
  EXPECT_EQ(properties.vectors, 1U);
  EXPECT_TRUE(properties.ioeventfd);
  EXPECT_EQ(properties.master, master_mode::off);
  EXPECT_TRUE(properties.msi);
  EXPECT_FALSE(properties.express);
  EXPECT_EQ(properties.irq_path, interrupt_path::event_loop);
  EXPECT_EQ(refusal(properties), "accepted");
  EXPECT_EQ(refusal(doorbell_of(1)), "accepted");
}

TEST(Properties, TakeVectorsFrom1To2048) {
  EXPECT_EQ(refusal(doorbell_of(2048)), "accepted");
  for (const unsigned vectors : {0U, 2049U, 65536U, 65537U, 0x8000'0000U, 0xffff'ffffU}) {
    EXPECT_EQ(refusal(doorbell_of(vectors)),
              "vectors = " + std::to_string(vectors) +
                  ": The number of MSI-X vectors is invalid: must be from 1 to 2048");
  }
}

TEST(Properties, VectorsOfAPlainDeviceMeanNothing) {
  device_properties plain;
  plain.vectors = 0;
  EXPECT_EQ(refusal(plain), "accepted");
}

TEST(Properties, TakeMemoryOfAPowerOfTwoFrom4KiBTo8GiB) {
  for (std::uint64_t bytes = min_memory_bytes; bytes <= max_memory_bytes; bytes *= 2) {
    EXPECT_EQ(refusal({}, bytes), "accepted") << bytes;
  }
  for (const std::uint64_t bytes : {std::uint64_t{0}, std::uint64_t{2048}, 3 * mib,
                                    std::uint64_t{12288}, 2 * max_memory_bytes}) {
    EXPECT_EQ(refusal({}, bytes),
              "size = " + std::to_string(bytes) +
                  ": must be a power of two from 4096 (4 KiB) to 8589934592 (8 GiB)");
  }
}

TEST(Properties, IoeventfdNeedsMsi) {
  EXPECT_EQ(refusal(legacy(false, true)),
            "ioeventfd = on: ioeventfd/irqfd requires MSI: must be off");
  EXPECT_EQ(refusal(legacy(false, false)), "accepted");
  EXPECT_EQ(refusal(legacy(true, true)), "accepted");
}

TEST(Properties, IrqfdNeedsMsi) {
  device_properties properties = legacy(false, false);
  properties.irq_path = interrupt_path::irqfd;
  EXPECT_EQ(refusal(properties),
            "irq_path = irqfd: ioeventfd/irqfd requires MSI: must be event_loop");
}

TEST(Properties, AMasterMustBeTheFirstPeer) {
  device_properties properties = doorbell_of(1);
  properties.master = master_mode::on;
  EXPECT_EQ(refusal(properties, mib, 0), "accepted");
  EXPECT_EQ(refusal(properties, mib, 3),
            "master = on: master must connect to the server before any peers: needs ID 0, "
            "this is ID 3");
  properties.master = master_mode::automatic;
  EXPECT_EQ(refusal(properties, mib, 3), "accepted");
}

TEST(Properties, MasterAutoIsOnForId0Only) {
  device_properties properties = doorbell_of(1);
  EXPECT_FALSE(is_master(properties, peer_id{0})) << "off is the default";
  properties.master = master_mode::automatic;
  EXPECT_TRUE(is_master(properties, peer_id{0}));
  EXPECT_FALSE(is_master(properties, peer_id{1}));
  properties.master = master_mode::on;
  EXPECT_TRUE(is_master(properties, peer_id{0}));
  device_properties plain;
  plain.master = master_mode::automatic;
  EXPECT_TRUE(is_master(plain, peer_id{}));
}

TEST(Types, EveryVariantAndCauseHasAName) {
  EXPECT_STREQ(to_string(device_variant::plain), "plain");
  EXPECT_STREQ(to_string(device_variant::doorbell), "doorbell");
  EXPECT_STREQ(to_string(device_variant::legacy), "legacy");
  for (std::size_t cause = 0; cause < drop_cause_count; ++cause) {
    EXPECT_STRNE(to_string(static_cast<drop_cause>(cause)), "unknown");
  }
  EXPECT_STREQ(to_string(static_cast<drop_cause>(drop_cause_count)), "unknown");
}

}  // namespace
}  // namespace ivshmem::test
