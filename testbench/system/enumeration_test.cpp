// SPDX-License-Identifier: Apache-2.0
//
// Power-on firmware: discovery, bus numbers, addresses and windows.
#include "ivshmem/tlm/pcie/enumeration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "ivshmem/model/type1.h"
#include "ivshmem/tlm/pcie/bridge.h"
#include "node.h"

namespace ivshmem::test {
namespace {

using pcie::enumerated_bar;
using pcie::enumerated_function;
using pcie::make_bdf;

using enumerated_functions = std::vector<enumerated_function>;

constexpr std::uint64_t mib = 1U << 20U;

/// Bus 0: plain device 0, bridge 1 to a doorbell device, device 3, bridges 4 behind each other.
struct Enumeration : testing::Test {
  bench platform{devices()};
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(4 * mib);
  endpoint plain{"plain", device_properties{}, view(mib)};
  pcie::bridge bridge_1{"bridge_1"};
  endpoint behind_1{"behind_1", doorbell_of(8), view(4 * mib)};
  endpoint doorbell{"doorbell", doorbell_of(300), view(min_memory_bytes)};
  pcie::bridge bridge_4{"bridge_4"};
  pcie::bridge inner{"inner"};
  endpoint innermost{"innermost", doorbell_of(2048), view(2 * mib)};

  Enumeration() {
    platform.root.downstream(0).bind(plain.pcie);
    platform.root.downstream(1).bind(bridge_1.upstream);
    bridge_1.downstream.bind(behind_1.pcie);
    platform.root.downstream(3).bind(doorbell.pcie);
    platform.root.downstream(4).bind(bridge_4.upstream);
    bridge_4.downstream.bind(inner.upstream);
    inner.downstream.bind(innermost.pcie);
  }
  static pcie::root_complex_config devices() {
    pcie::root_complex_config config;
    config.devices = {0, 1, 3, 4, 5};
    return config;
  }
  memory_view view(std::uint64_t bytes) { return {shared.data(), bytes}; }

  result<enumerated_functions, pcie::enumeration_error> enumerate(
      const pcie::enumeration_windows& windows) {
    pcie::ecam_access config(*platform.cpu.operator->(), platform.root.config().ecam.base);
    return pcie::enumerate(config, windows);
  }
  /// What is found when everything has room.
  enumerated_functions enumerate_all(const pcie::enumeration_windows& windows) {
    auto found = enumerate(windows);
    EXPECT_TRUE(found) << found.error().text();
    return std::move(*found);
  }
  pcie::enumeration_windows windows() const {
    return {platform.root.config().mmio[0], platform.root.config().mmio[1]};
  }
};

std::vector<const enumerated_bar*> all_bars(const enumerated_functions& all) {
  std::vector<const enumerated_bar*> bars;
  for (const enumerated_function& function : all) {
    for (const enumerated_bar& bar : function.bars) {
      bars.push_back(&bar);
    }
  }
  return bars;
}

const enumerated_function& find(const enumerated_functions& all, pcie::bdf id) {
  for (const enumerated_function& function : all) {
    if (function.id == id) {
      return function;
    }
  }
  ADD_FAILURE() << "not found: " << to_int(id);
  return all.front();
}

TEST_F(Enumeration, FindsEveryFunctionDepthFirst) {
  platform.run([&] {
    const enumerated_functions all = enumerate_all(windows());
    std::vector<unsigned> ids;
    for (const enumerated_function& function : all) {
      ids.push_back(to_int(function.id));
    }
    EXPECT_THAT(ids, testing::ElementsAre(to_int(make_bdf(0, 0, 0)), to_int(make_bdf(0, 1, 0)),
                                          to_int(make_bdf(1, 0, 0)), to_int(make_bdf(0, 3, 0)),
                                          to_int(make_bdf(0, 4, 0)), to_int(make_bdf(2, 0, 0)),
                                          to_int(make_bdf(3, 0, 0))));
    EXPECT_EQ(find(all, make_bdf(0, 4, 0)).secondary_bus, 2U);
    EXPECT_EQ(find(all, make_bdf(0, 4, 0)).subordinate_bus, 3U);
    EXPECT_TRUE(find(all, make_bdf(2, 0, 0)).is_bridge);
  });
}

TEST_F(Enumeration, SizesBarsAndFindsMsix) {
  platform.run([&] {
    const enumerated_functions all = enumerate_all(windows());
    const enumerated_function& one = find(all, make_bdf(0, 3, 0));
    EXPECT_EQ(one.vendor_id, 0x1af4U);
    EXPECT_EQ(one.device_id, 0x1110U);
    EXPECT_EQ(one.msix_capability, cfg::msix_capability);
    EXPECT_EQ(one.msix_vectors, 300U);
    ASSERT_EQ(one.bars.size(), 3U);
    EXPECT_EQ(one.bar(0)->bytes, bar0::size_bytes);
    EXPECT_EQ(one.bar(1)->bytes, bar1::size_bytes(300));
    EXPECT_EQ(one.bar(2)->bytes, min_memory_bytes);
    EXPECT_TRUE(one.bar(2)->is_64_bit && one.bar(2)->prefetchable);
    EXPECT_FALSE(one.bar(0)->is_64_bit || one.bar(0)->prefetchable);
    EXPECT_EQ(one.bar(3), nullptr);
    const enumerated_function& without = find(all, make_bdf(0, 0, 0));
    EXPECT_EQ(without.msix_capability, 0U);
    EXPECT_EQ(without.bars.size(), 2U) << "plain has no BAR1";
  });
}

TEST_F(Enumeration, AddressesAreAlignedInTheirWindowAndDoNotOverlap) {
  platform.run([&] {
    const enumerated_functions all = enumerate_all(windows());
    const auto bars = all_bars(all);
    EXPECT_EQ(bars.size(), 11U);
    for (const enumerated_bar* bar : bars) {
      EXPECT_NE(bar->base, 0U);
      EXPECT_EQ(bar->base % bar->bytes, 0U);
      const pcie::address_range& window = bar->index == 2 ? windows().high : windows().low;
      EXPECT_TRUE(window.contains(bar->base) && window.contains(bar->base + bar->bytes - 1));
      for (const enumerated_bar* other : bars) {
        EXPECT_TRUE(bar == other || bar->base + bar->bytes <= other->base ||
                    other->base + other->bytes <= bar->base);
      }
    }
  });
}

TEST_F(Enumeration, EveryDeviceAnswersWhereItWasPut) {
  platform.run([&] {
    const enumerated_functions all = enumerate_all(windows());
    std::uint32_t mark = 0x100;
    for (const enumerated_function& function : all) {
      if (!function.is_bridge) {
        platform.write(function.bar(0)->base + bar0::intr_mask.offset, ++mark);
        EXPECT_EQ(platform.config(function.id, cfg::command),
                  cfg::command_memory | cfg::command_master);
      }
    }
    mark = 0x100;
    for (const endpoint* each : {&plain, &behind_1, &doorbell, &innermost}) {
      EXPECT_EQ(each->inserted()->intr_mask(), ++mark);
    }
    const std::uint64_t memory = find(all, make_bdf(3, 0, 0)).bar(2)->base;
    platform.write(memory + 2 * mib - 1, 0x5a, 1);
    EXPECT_EQ(shared[2 * mib - 1], 0x5aU) << "through two bridges, up to the last byte";
  });
}

TEST_F(Enumeration, WithoutAHighWindowEverythingGoesLow) {
  platform.run([&] {
    const enumerated_functions all = enumerate_all({windows().low, {}});
    for (const enumerated_bar* bar : all_bars(all)) {
      EXPECT_TRUE(windows().low.contains(bar->base));
    }
    const std::uint64_t memory = find(all, make_bdf(1, 0, 0)).bar(2)->base;
    platform.write(memory, 0x5b, 1);
    EXPECT_EQ(shared[0], 0x5bU);
  });
}

TEST_F(Enumeration, TellsTheFirstBarThatFoundNoRoom) {
  platform.run([&] {
    const pcie::address_range small{windows().high.base, mib};
    const auto refused = enumerate({windows().low, small});
    ASSERT_FALSE(refused);
    const pcie::enumeration_error& error = refused.error();
    EXPECT_EQ(error.text(), "BAR2 of device 3 on bus 0 wants 4096 bytes: no room in the window");
    EXPECT_EQ(error.function, make_bdf(0, 3, 0));
    EXPECT_EQ(find(error.functions, make_bdf(0, 3, 0)).bar(2)->base, 0U);
    EXPECT_EQ(find(error.functions, make_bdf(0, 0, 0)).bar(2)->base, small.base);
  });
}

TEST_F(Enumeration, CanBeRunAgainAfterAReset) {
  platform.run([&] {
    const enumerated_functions first = enumerate_all(windows());
    const enumerated_functions again = enumerate_all(windows());
    platform.root.reset_bus();
    const enumerated_functions after = enumerate_all(windows());
    ASSERT_EQ(all_bars(first).size(), all_bars(again).size());
    ASSERT_EQ(all_bars(first).size(), all_bars(after).size());
    for (std::size_t i = 0; i < all_bars(first).size(); ++i) {
      EXPECT_EQ(all_bars(first)[i]->base, all_bars(again)[i]->base);
      EXPECT_EQ(all_bars(first)[i]->base, all_bars(after)[i]->base);
    }
  });
}

TEST_F(Enumeration, SetsOnePayloadForAllThatHaveDeviceControl) {
  device_properties properties = doorbell_of(2);
  properties.express = true;
  timing_config timing;
  timing.max_payload_bytes = 512;
  endpoint small("small", properties, view(mib), timing);
  platform.root.downstream(5).bind(small.pcie);
  platform.run([&] {
    pcie::ecam_access config(*platform.cpu.operator->(), platform.root.config().ecam.base);
    const enumerated_functions all = enumerate_all(windows());
    const std::uint32_t bridge_control = type1::device_control.offset;
    const auto payload_of = [&](pcie::bdf id, std::uint32_t at) {
      return config.read(id, at, 2) & cfg::express::payload_size;
    };
    EXPECT_EQ(pcie::set_max_payload(config, all, 4096), 512U);
    EXPECT_EQ(payload_of(make_bdf(0, 5, 0), cfg::device_control.offset), 2U << 5U);
    EXPECT_EQ(payload_of(make_bdf(0, 1, 0), bridge_control), 2U << 5U);
    EXPECT_EQ(payload_of(make_bdf(2, 0, 0), bridge_control), 2U << 5U);
    EXPECT_EQ(pcie::set_max_payload(config, all, 256), 256U);
    EXPECT_EQ(config.read(make_bdf(0, 5, 0), cfg::device_control.offset, 2),
              cfg::device_control.reset | 1U << 5U)
        << "nothing else of it changes";
  });
}

TEST(EnumerationOfNothing, FindsNothing) {
  bench platform;
  platform.run([&] {
    pcie::ecam_access config(*platform.cpu.operator->(), platform.root.config().ecam.base);
    const auto found = pcie::enumerate(config, {platform.root.config().mmio[0], {}});
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->empty());
  });
}

}  // namespace
}  // namespace ivshmem::test
