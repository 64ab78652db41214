// SPDX-License-Identifier: Apache-2.0
//
// Snapshots: what is saved, what is refused.
#include "ivshmem/model/snapshot.h"

#include <gmock/gmock.h>

#include <gtest/gtest.h>
#include <array>

#include <sstream>

#include "device_bench.h"
#include "ivshmem/model/shared_memory.h"

namespace ivshmem::test {
namespace {

using testing::ElementsAre;
using kind = snapshot_error::kind;

device_properties master(unsigned vectors = 2) {
  device_properties properties = doorbell_of(vectors);
  properties.master = master_mode::automatic;
  return properties;
}

/// A device with state in every place that a snapshot holds; vector 1 pends.
struct Snapshot : testing::Test {
  device_bench from{master()};

  Snapshot() {
    from.connect(0, 2);
    from.bus_on();
    from.configure(cfg::bar0_reg, 0xfebf'0000);
    from.dut.config_write(cfg::msix_capability + 0x20, 4, 0x1234'5678);
    from.set(bar0::intr_mask, 0x11);
    from.set(bar0::intr_status, 0x22);
    from.program(1, 0x1'0000'1000, 0x41);
    from.msix_masked();
    from.notify(1);
    from.memory[9] = 0x99;
  }

  static std::string saved(const device& dut) {
    std::ostringstream out;
    EXPECT_TRUE(save(dut, out));
    return out.str();
  }
  static std::string refusal(device& into, const std::string& bytes) {
    std::istringstream in(bytes);
    const auto loaded = load(into, in);
    return loaded ? "loaded" : loaded.error().text();
  }
};

TEST_F(Snapshot, BringsBackEverythingThatAGuestSees) {
  device_bench to{master()};
  to.connect(0, 2);
  to.memory[10] = 0xee;
  EXPECT_EQ(refusal(to.dut, saved(from.dut)), "loaded");
  EXPECT_EQ(to.dut.config().bytes(), from.dut.config().bytes());
  EXPECT_TRUE(to.dut.config().bar(0).contains(0xfebf'0000));
  EXPECT_EQ(to.get(bar0::intr_mask), 0x11U);
  EXPECT_EQ(to.get(bar0::intr_status), 0x22U);
  EXPECT_EQ(to.dut.interrupts().table(), from.dut.interrupts().table());
  EXPECT_EQ(to.pba(), 2U);
  EXPECT_EQ(to.memory, from.memory) << "the old contents are gone";
}

TEST_F(Snapshot, APendingVectorIsDeliveredAfterUnmaskAtTheDestination) {
  device_bench to{master()};
  to.connect(0, 2);
  ASSERT_EQ(refusal(to.dut, saved(from.dut)), "loaded");
  EXPECT_THAT(to.calls.take(), testing::IsEmpty());
  to.msix_on();
  EXPECT_THAT(to.calls.take(), ElementsAre("message 1 100001000=41"));
}

TEST_F(Snapshot, ADeviceThatWasSavedWithMsixOnSendsAtOnce) {
  from.msix_on();
  from.calls.take();
  device_bench to{master()};
  to.connect(0, 2);
  ASSERT_EQ(refusal(to.dut, saved(from.dut)), "loaded");
  to.notify(1);
  EXPECT_THAT(to.calls.take(), ElementsAre("message 1 100001000=41"));
}

TEST_F(Snapshot, PeersStayTheDestinationsOwn) {
  device_bench to{master()};
  to.connect(0, 1);
  to.connect(9, 2);
  ASSERT_EQ(refusal(to.dut, saved(from.dut)), "loaded");
  EXPECT_EQ(to.dut.peers().own_vectors(), 1U);
  EXPECT_EQ(to.dut.peers().vectors(peer_id{9}), 2U);
}

TEST_F(Snapshot, TheSameStateGivesTheSameBytes) {
  device_bench to{master()};
  const std::string bytes = saved(from.dut);
  ASSERT_EQ(refusal(to.dut, bytes), "loaded");
  EXPECT_EQ(saved(to.dut), bytes);
}

TEST_F(Snapshot, AnEntryOfTheTableStandsInTheFileAsInBar1) {
  from.program(1, 0x0807'0605'0403'0201, 0x0c0b'0a09);
  const std::array<std::uint8_t, 4> control{13, 14, 15, 16};
  from.dut.write(1, bar1::entry_bytes + bar1::entry_control, control.data(), control.size());
  const std::size_t table = 28 + cfg::size_bytes + 8;  // docs/snapshot.md
  EXPECT_THAT(saved(from.dut).substr(table + bar1::entry_bytes, bar1::entry_bytes),
              ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16));
}

TEST_F(Snapshot, RestoresTheIntxLevel) {
  device_properties properties = master();
  properties.variant = device_variant::legacy;
  properties.msi = properties.ioeventfd = false;
  device_bench asserted{properties};
  asserted.set(bar0::intr_mask, 1);
  asserted.set(bar0::intr_status, 1);
  device_bench to{properties};
  ASSERT_EQ(refusal(to.dut, saved(asserted.dut)), "loaded");
  EXPECT_THAT(to.calls.take(), ElementsAre("intx on"));
  ASSERT_EQ(refusal(asserted.dut, saved(device_bench{properties}.dut)), "loaded");
  EXPECT_FALSE(asserted.dut.intx());
  EXPECT_EQ(asserted.config(cfg::status) & cfg::status_interrupt, 0U);
}

TEST_F(Snapshot, APeerDeviceNeitherSavesNorLoads) {
  const std::string text =
      "'peer' devices are not migratable: needs master=on, or master=auto and ID 0";
  device_bench peer{doorbell_of(2)};
  std::ostringstream out;
  const auto saved_peer = save(peer.dut, out);
  ASSERT_FALSE(saved_peer);
  EXPECT_EQ(saved_peer.error().text(), text);
  EXPECT_EQ(out.str(), "");
  EXPECT_EQ(refusal(peer.dut, saved(from.dut)), text);
}

TEST_F(Snapshot, AnotherDeviceIsRefusedAndNamesTheDifference) {
  const std::string bytes = saved(from.dut);
  device_bench three{master(3)};
  EXPECT_EQ(refusal(three.dut, bytes), "snapshot of a device with 2 vectors, this device has 3");
  device_bench larger{master(), 0, 2 * min_memory_bytes};
  EXPECT_EQ(refusal(larger.dut, bytes),
            "Size mismatch: shared memory of 4096 bytes, this device has 8192");
  device_properties legacy = master();
  legacy.variant = device_variant::legacy;
  device_bench other{legacy};
  EXPECT_EQ(refusal(other.dut, bytes), "snapshot of device variant 1, this device is variant 2");
}

TEST_F(Snapshot, ReadOnlyConfigurationBytesMustFit) {
  std::string bytes = saved(from.dut);
  constexpr std::size_t config_at = 8 + 4 + 4 + 4 + 8;
  bytes[config_at + cfg::revision.offset] = 5;
  device_bench to{master()};
  EXPECT_EQ(refusal(to.dut, bytes), "Bad config data at offset 8: read 5, device 1");
  EXPECT_EQ(to.get(bar0::intr_mask), 0U) << "nothing changed";
  EXPECT_EQ(to.memory[9], 0U);
}

TEST_F(Snapshot, OtherFilesAndVersionsAreRefused) {
  device_bench to{master()};
  EXPECT_EQ(refusal(to.dut, ""), "not a snapshot of an ivshmem device");
  EXPECT_EQ(refusal(to.dut, std::string(4096, 'x')), "not a snapshot of an ivshmem device");
  std::string bytes = saved(from.dut);
  bytes[8] = 2;
  EXPECT_EQ(refusal(to.dut, bytes), "snapshot version 2: must be 1");
}

TEST_F(Snapshot, PagesOutOfOrderOrRangeAreRefused) {
  from.memory.assign(from.memory.size(), 1);
  std::string bytes = saved(from.dut);
  const std::size_t page_at = bytes.size() - 8 - min_memory_bytes - 8;
  bytes[page_at] = 1;
  device_bench to{master()};
  EXPECT_EQ(refusal(to.dut, bytes), "snapshot holds page 1 out of order or range: must be below 1");
}

TEST_F(Snapshot, APageThatComesTwiceIsRefused) {
  device_bench two{master(), 0, 2 * min_memory_bytes};
  two.memory.assign(two.memory.size(), 1);
  std::string bytes = saved(two.dut);
  bytes[bytes.size() - 8 - min_memory_bytes - 8] = 0;
  EXPECT_EQ(refusal(two.dut, bytes),
            "snapshot holds page 0 out of order or range: must be below 2");
}

TEST_F(Snapshot, TruncatedAtAnyByteItLeavesTheDeviceUnchanged) {
  const std::string bytes = saved(from.dut);
  device_bench to{master()};
  to.set(bar0::intr_mask, 0x77);
  to.memory[1] = 0x33;
  const std::string before = saved(to.dut);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const std::string error = refusal(to.dut, bytes.substr(0, length));
    ASSERT_EQ(error, length < 8 ? "not a snapshot of an ivshmem device"
                                : "snapshot ends early or cannot be read or written")
        << length;
    ASSERT_EQ(to.dut.intr_mask(), 0x77U) << length;
    ASSERT_EQ(to.memory[9], 0U) << length;
  }
  EXPECT_EQ(saved(to.dut), before);
  EXPECT_EQ(refusal(to.dut, bytes), "loaded");
}

TEST_F(Snapshot, AStreamThatCannotBeWrittenIsAnError) {
  std::ostringstream out;
  out.setstate(std::ios::badbit);
  const auto written = save(from.dut, out);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().what, kind::truncated);
}

TEST_F(Snapshot, ZeroPagesOfALargeMemoryTakeNoPlace) {
  auto memory = shared_memory::create({memory_backing::anonymous, "", 64U << 20U});
  ASSERT_TRUE(memory) << to_string(memory.error());
  recorded_calls calls;
  device sparse(master(), peer_id{}, {memory->data(), memory->size_bytes()}, calls);
  memory->data()[0] = 1;
  memory->data()[memory->size_bytes() - 1] = 2;
  const std::string bytes = saved(sparse);
  EXPECT_LT(bytes.size(), 3 * min_memory_bytes);
  memory->data()[0] = 0;
  memory->data()[5U << 20U] = 3;
  EXPECT_EQ(refusal(sparse, bytes), "loaded");
  EXPECT_EQ(memory->data()[0], 1U);
  EXPECT_EQ(memory->data()[5U << 20U], 0U);
  EXPECT_EQ(memory->data()[memory->size_bytes() - 1], 2U);
}

}  // namespace
}  // namespace ivshmem::test
