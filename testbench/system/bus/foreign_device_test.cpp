// SPDX-License-Identifier: Apache-2.0
//
// A PCIe model of somebody else below our root complex: requests from below, and no answers.
#include <gmock/gmock.h>

#include "modes.h"
#include "platform.h"
#include "requester.h"

namespace ivshmem::test {
namespace {

using pcie::completion_status;
using pcie::tlp_of;
using pcie::tlp_type;

struct UpstreamRequests : ModeTest {};

TEST_P(UpstreamRequests, ReadAndWriteMemoryAndOtherDevices) {
  platform_config config;
  config.mode = GetParam();
  config.links = false;
  config.slots = {{}};
  config.extra_device = 5;
  platform bus(config);
  requester master("master");
  bus.root.downstream(5).bind(master.pcie);
  const auto go = [&](pcie::payload& trans) {
    sc_core::sc_time delay;
    if (GetParam() == timing_mode::tlm_cycle) {
      master.pcie.send_request(trans, delay);
      sc_core::wait(10, sc_core::SC_US);
    } else {
      master.pcie.send(trans, delay);
    }
    return tlp_of(trans).status;
  };
  bus.run([&] {
    EXPECT_EQ(go(master.make(tlp_type::memory_write, 0x2000, 64)), completion_status::successful);
    EXPECT_EQ(bus.ram[0x203f], 0x5aU);
    EXPECT_EQ(go(master.make(tlp_type::memory_read, 0x2000, 64)), completion_status::successful);
    EXPECT_EQ(go(master.make(tlp_type::memory_read, 0x2000, 0)), completion_status::successful);
    EXPECT_EQ(go(master.make(tlp_type::memory_read, platform::ram_bytes, 4)),
              completion_status::unsupported_request);
    EXPECT_EQ(go(master.make(tlp_type::config_read_0, 0, 4)),
              completion_status::unsupported_request);
    const std::uint64_t bar2 = bus.leaves[0].bar[2];
    go(master.make(tlp_type::memory_write, bar2 + 8, 4));
    EXPECT_EQ(bus.shared[8], 0x5aU);
    pcie::payload& read = master.make(tlp_type::memory_read, bar2 + 8, 4);
    std::memset(read.get_data_ptr(), 0, 4);
    EXPECT_EQ(go(read), completion_status::successful);
    EXPECT_EQ(*read.get_data_ptr(), 0x5aU);
    EXPECT_EQ(
        go(master.make(tlp_type::memory_read, bus.root.config().mmio[0].base + (64U << 20U), 4)),
        completion_status::unsupported_request);
    EXPECT_EQ(bus.root.statistics().dma_failed, 2U);
  });
}

INSTANTIATE_MODES(UpstreamRequests);

/// A root complex whose device 5 is somebody else's.
struct SilentPeer : testing::Test {
  static platform_config settings() {
    platform_config config;
    config.mode = timing_mode::tlm_cycle;
    config.slots = {{}};
    config.extra_device = 5;
    config.root.completion_timeout = {20, sc_core::SC_US};
    return config;
  }
  platform bus{settings()};
  requester peer{"peer"};
  std::uint64_t config_space = bus.ecam(pcie::make_bdf(0, 5, 0), 0);
  SilentPeer() { bus.root.downstream(5).bind(peer.pcie); }
  void run(std::function<void()> body) {
    bus.run([&] {
      peer.answers = false;
      body();
    });
  }
};

TEST_F(SilentPeer, EveryRequestEndsAfterTheTimeoutOnce) {
  run([&] {
    std::vector<sc_core::sc_time> ends;
    const sc_core::sc_time start = sc_core::sc_time_stamp();
    const auto read = [&] {
      EXPECT_EQ(bus.read(config_space), 0xffff'ffffU);
      ends.push_back(sc_core::sc_time_stamp() - start);
    };
    platform::all({read, read, read});
    EXPECT_THAT(ends, testing::Each(bus.config.root.completion_timeout));
    EXPECT_EQ(bus.root.statistics().completion_timeouts, 3U);
    EXPECT_EQ(bus.read(bus.leaves[0].bar[0] + bar0::iv_position.offset), 0U);
  });
}

TEST_F(SilentPeer, ACompletionAfterTheTimeoutIsIgnored) {
  run([&] {
    EXPECT_EQ(bus.read(config_space), 0xffff'ffffU);
    ASSERT_FALSE(peer.requests.empty());
    peer.answer(*peer.requests.back().trans);
    EXPECT_EQ(bus.read(bus.leaves[0].bar[0] + bar0::iv_position.offset), 0U);
    EXPECT_EQ(bus.root.statistics().completion_timeouts, 1U);
  });
}

TEST_F(SilentPeer, MoreThan256RequestsWaitForATagThatIsFree) {
  run([&] {
    std::vector<std::uint8_t> data(4096);
    const std::size_t before = peer.requests.size();
    platform::all({[&] {
                     sc_core::sc_time delay;
                     bus.access(tlm::TLM_READ_COMMAND, config_space, data.data(),
                                static_cast<unsigned>(data.size()), delay);
                   },
                   [&] {
                     sc_core::wait(1, sc_core::SC_US);
                     EXPECT_EQ(peer.requests.size() - before, 256U);
                   }});
    EXPECT_EQ(bus.root.statistics().completion_timeouts, 1024U);
  });
}

TEST(TlmCycle, APortThatNothingIsBoundToAnswersAsALinkThatIsDown) {
  platform_config config;
  config.mode = timing_mode::tlm_cycle;
  config.slots = {{{{}, {}}}};
  config.unbound_leaf = true;
  platform bus(config);
  bus.run([&] {
    EXPECT_EQ(bus.leaves.size(), 1U);
    EXPECT_EQ(bus.read(bus.leaves[0].bar[0] + bar0::iv_position.offset), 0U);
  });
}

}  // namespace
}  // namespace ivshmem::test
