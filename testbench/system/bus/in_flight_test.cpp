// SPDX-License-Identifier: Apache-2.0
//
// What happens to requests that are under way when something changes in front of them.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <vector>

#include "modes.h"
#include "platform.h"

namespace ivshmem::test {
namespace {

constexpr std::uint32_t ones = 0xffff'ffff;
constexpr std::uint32_t pattern = 0x1234'5678;
constexpr unsigned readers = 3;
constexpr unsigned reads = 60;

platform_config usual(timing_mode mode) {
  platform_config config;
  config.mode = mode;
  config.root_ports = true;
  config.slots = {{{{}, {}}}, {}};
  config.link.generation = 1;
  config.link.lanes = 1;
  return config;
}

/// Counts the writes that reached a device.
struct write_counter final : endpoint_observer {
  unsigned seen = 0;
  void on_access(unsigned bar, bool write, std::uint64_t /*offset*/, std::size_t) override {
    seen += write && bar == 2 ? 1 : 0;
  }
};

struct InFlight : ModeTest {
  platform bus{usual(GetParam())};
  unsigned good = 0;
  unsigned refused = 0;

  void fill(std::uint64_t bytes) {
    for (std::uint64_t i = 0; i < bytes; i += 4) {
      std::memcpy(&bus.shared[i], &pattern, 4);
    }
  }
  /// Reads of BAR2 by several threads while `change` happens; each read gives data or ones, whole.
  void read_while(const std::function<void()>& change) {
    fill(1024);
    const std::uint64_t base = bus.leaves[0].bar[2];
    const auto reader = [this, base] {
      for (unsigned i = 0; i < reads; ++i) {
        std::array<std::uint32_t, 64> data{};
        sc_core::sc_time delay;
        bus.access(tlm::TLM_READ_COMMAND, base, data.data(), sizeof data, delay);
        sc_core::wait(delay + sc_core::sc_time(500, sc_core::SC_NS));
        for (const std::uint32_t word : data) {
          ASSERT_EQ(word, data[0]) << "half of a completion";
        }
        EXPECT_TRUE(data[0] == pattern || data[0] == ones) << std::hex << data[0];
        ++(data[0] == pattern ? good : refused);
      }
    };
    std::vector<std::function<void()>> work(readers, reader);
    work.emplace_back(change);
    platform::all(work);
    EXPECT_EQ(good + refused, readers * reads);
    EXPECT_GT(good, 0U);
    EXPECT_GT(refused, 0U);
    EXPECT_EQ(bus.root.statistics().unclaimed, refused);
  }
  static void later(double us = 20) { sc_core::wait(us, sc_core::SC_US); }
};

TEST_P(InFlight, ADrainedBusHasBroughtAllThatWasWritten) {
  bus.run([&] {
    endpoint& place = *bus.leaves[0].device;
    const bool timed = GetParam() == timing_mode::tlm_cycle;
    const auto mask = [&] { return place.inserted()->read_register(bar0::intr_mask.offset); };
    const auto is_idle = [&] {
      return bus.root.is_idle() && place.is_idle() &&
             std::all_of(bus.links.begin(), bus.links.end(),
                         [](const auto& link) { return link->is_idle(); });
    };
    bus.write(bus.leaves[0].bar[0] + bar0::intr_mask.offset, pattern);
    EXPECT_EQ(is_idle(), !timed);
    EXPECT_EQ(mask(), timed ? 0 : pattern) << "it is on a link: a snapshot would miss it";
    while (!is_idle()) {
      sc_core::wait(1, sc_core::SC_NS);
    }
    EXPECT_EQ(mask(), pattern);
  });
}

TEST_P(InFlight, ReadsMeetABarThatMoves) {
  bus.run([&] {
    const std::uint64_t moved = bus.root.config().mmio[1].base + (1ULL << 30U);
    read_while([&] {
      later();
      bus.configure(bus.leaves[0].id, cfg::bar2_reg, moved);
    });
    EXPECT_EQ(bus.read(bus.leaves[0].bar[2]), ones);
    bus.configure(bus.leaves[0].id, cfg::bar2_reg, bus.leaves[0].bar[2]);
    EXPECT_EQ(bus.read(bus.leaves[0].bar[2]), pattern);
  });
}

TEST_P(InFlight, ReadsMeetMemorySpaceThatGoesOff) {
  bus.run([&] {
    read_while([&] {
      later();
      bus.configure(bus.leaves[0].id, cfg::command, 0);
    });
    bus.configure(bus.leaves[0].id, cfg::command, cfg::command_memory);
    EXPECT_EQ(bus.read(bus.leaves[0].bar[2]), pattern);
  });
}

TEST_P(InFlight, ReadsMeetABridgeWindowThatCloses) {
  bus.run([&] {
    const std::uint64_t window = bus.ecam(pcie::make_bdf(1, 0, 0), 0x24);
    const std::uint64_t open = bus.read(window, 4);
    read_while([&] {
      later();
      bus.write(window, 0x0001'fff1);
    });
    bus.write(window, open);
    EXPECT_EQ(bus.read(bus.leaves[0].bar[2]), pattern);
  });
}

TEST_P(InFlight, ReadsMeetALinkThatGoesDown) {
  if (GetParam() == timing_mode::tlm_cycle) {
    bus.expect_idle = false;  // completions are lost below what waited for them
  }
  bus.run([&] {
    read_while([&] {
      later();
      bus.leaves[0].link->set_up(false);
    });
    bus.leaves[0].link->set_up(true);
    EXPECT_EQ(bus.read(bus.leaves[0].bar[2]), pattern);
    const pcie::link_statistics& link = bus.leaves[0].link->statistics();
    EXPECT_EQ(link.failed_requests + link.lost_completions, refused);
    EXPECT_EQ(link.lost_completions, bus.root.statistics().completion_timeouts);
  });
}

TEST_P(InFlight, WritesMeetALinkThatGoesDownAndAreCountedOneByOne) {
  bus.run([&] {
    write_counter counter;
    bus.leaves[0].device->observe(&counter);
    constexpr unsigned writes = 200;
    const auto writer = [&](unsigned thread) {
      for (unsigned i = 0; i < writes; ++i) {
        bus.write(bus.leaves[0].bar[2] + 0x1000ULL * (thread + 1) + 64ULL * (i % 64), i, 4);
        sc_core::wait(20, sc_core::SC_NS);
      }
    };
    const auto flapping = [&] {
      for (unsigned i = 0; i < 4; ++i) {
        later(3);
        bus.leaves[0].link->set_up(false);
        later(2);
        bus.leaves[0].link->set_up(true);
      }
    };
    platform::all({[&] { writer(0); }, [&] { writer(1); }, flapping});
    later(100);
    const std::uint64_t lost = bus.leaves[0].link->statistics().lost_posted;
    EXPECT_GT(lost, 0U);
    EXPECT_EQ(counter.seen + lost, 2 * writes);
    bus.leaves[0].device->observe(nullptr);
  });
}

TEST_P(InFlight, AHotResetInTheMiddleEndsEveryReadAndTheBusGoesOn) {
  bus.run([&] {
    const std::uint64_t control = bus.ecam(pcie::make_bdf(0, 0, 0), 0x3e);
    read_while([&] {
      later();
      bus.write(control, 0x40, 2);
      later(1);
      bus.write(control, 0, 2);
    });
    bus.boot();
    EXPECT_EQ(bus.read(bus.leaves[0].bar[2]), pattern);
    EXPECT_EQ(bus.read(bus.leaves[0].bar[0] + bar0::iv_position.offset), 0U);
  });
}

TEST_P(InFlight, APlatformResetInTheMiddleEndsEveryReadAndTheBusGoesOn) {
  bus.run([&] {
    read_while([&] {
      later();
      bus.root.reset_bus();
    });
    bus.boot();
    EXPECT_EQ(bus.read(bus.leaves[0].bar[2]), pattern);
  });
}

TEST_P(InFlight, ADeviceThatLeavesEndsEveryRead) {
  bus.run([&] {
    read_while([&] {
      later();
      bus.leaves[0].device->eject();
    });
    EXPECT_EQ(bus.read(bus.ecam(bus.leaves[0].id, 0)), ones);
    EXPECT_EQ(bus.read(bus.leaves[1].bar[0] + bar0::iv_position.offset), 1U);
  });
}

INSTANTIATE_MODES(InFlight);

}  // namespace
}  // namespace ivshmem::test
