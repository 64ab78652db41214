// SPDX-License-Identifier: Apache-2.0
//
// A PCIe model of somebody else at our ports: requests that no root complex of ours would send, and
// a peer that does not answer.
#include <gmock/gmock.h>

#include "ivshmem/tlm/pcie/link.h"
#include "ivshmem/tlm/pcie/packet_switch.h"
#include "modes.h"
#include "platform.h"
#include "requester.h"

namespace ivshmem {
namespace {

using pcie::completion_status;
using pcie::tlp_of;
using pcie::tlp_type;
using testing::SizeIs;

constexpr std::uint64_t window = 0x10'0000'0000;

/// A requester, a link and an endpoint with BAR2 at `window`.
struct Foreign : ModeTest {
  static constexpr unsigned max_payload = 128;
  static constexpr unsigned max_read = 512;

  requester host{"host"};
  pcie::link wire{"wire", settings()};
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(1U << 20U);
  endpoint device{"device", {}, {shared.data(), shared.size()}, timing()};

  Foreign() {
    host.pcie.bind(wire.upstream);
    wire.downstream.bind(device.pcie);
    send(tlp_type::config_write_0, cfg::bar2_reg.offset + 4, 4, window >> 32U);
    send(tlp_type::config_write_0, cfg::command.offset, 2,
         cfg::command_memory | cfg::command_master);
  }
  static pcie::link_config settings() {
    pcie::link_config config;
    config.mode = GetParam();
    config.max_payload_bytes = max_payload;
    config.max_read_request_bytes = max_read;
    return config;
  }
  static device_timing timing() {
    device_timing settings;
    settings.mode = GetParam();
    return settings;
  }
  /// One request to its end, in whichever transport the mode has.
  pcie::payload& send(tlp_type type, std::uint64_t address, unsigned bytes,
                      std::uint64_t value = 0) {
    pcie::payload& trans = host.make(type, address, bytes);
    if (trans.is_write() && bytes <= 8) {
      std::memcpy(trans.get_data_ptr(), &value, bytes);
    }
    if (GetParam() == timing_mode::tlm_cycle) {
      host.pcie.send_request(trans, sc_core::SC_ZERO_TIME);
      sc_core::sc_start(10, sc_core::SC_US);
    } else {
      sc_core::sc_start(sc_core::SC_ZERO_TIME);
      sc_core::sc_time delay;
      host.pcie.send(trans, delay);
    }
    return trans;
  }
  bool succeeds(tlp_type type, std::uint64_t address, unsigned bytes) {
    return tlp_of(send(type, address, bytes)).status == completion_status::successful;
  }
};

TEST_P(Foreign, RequestsUpToTheLimitsAreServed) {
  EXPECT_TRUE(succeeds(tlp_type::memory_write, window + 4096 - max_payload, max_payload));
  EXPECT_EQ(shared[4095], 0x5a);
  EXPECT_TRUE(succeeds(tlp_type::memory_read, window + 4096 - max_read, max_read));
  EXPECT_EQ(wire.statistics().oversize, 0U);
}

TEST_P(Foreign, AWriteAboveTheMaximumPayloadIsRefused) {
  EXPECT_FALSE(succeeds(tlp_type::memory_write, window, max_payload + 4));
  EXPECT_FALSE(succeeds(tlp_type::memory_write, window + 2, max_payload)) << "33 dwords";
  EXPECT_EQ(shared[2], 0U);
  EXPECT_EQ(wire.statistics().oversize, 2U);
}

TEST_P(Foreign, AReadAboveTheMaximumReadRequestIsRefused) {
  EXPECT_FALSE(succeeds(tlp_type::memory_read, window, max_read + 4));
  EXPECT_EQ(wire.statistics().oversize, 1U);
}

TEST_P(Foreign, ARequestThatCrosses4KiBIsRefused) {
  EXPECT_FALSE(succeeds(tlp_type::memory_read, window + 4092, 8));
  EXPECT_FALSE(succeeds(tlp_type::memory_write, window + 4095, 2));
  EXPECT_EQ(shared[4095], 0U);
  EXPECT_EQ(wire.statistics().oversize, 2U);
}

TEST_P(Foreign, AConfigurationRequestBeyondItsDwordIsRefused) {
  EXPECT_FALSE(succeeds(tlp_type::config_read_0, 2, 4));
  EXPECT_FALSE(succeeds(tlp_type::config_read_0, 0, 64));
  EXPECT_FALSE(succeeds(tlp_type::config_write_0, cfg::bar2_reg.offset, 64));
  EXPECT_FALSE(succeeds(tlp_type::config_read_0, 0, 0));
  EXPECT_EQ(device.unsupported_requests(), 4U);
  pcie::payload& debug = host.make(tlp_type::config_read_0, 0, 64);
  EXPECT_EQ(host.pcie.send_debug(debug), 0U);
}

TEST_P(Foreign, Type1AndMessagesEndAtAnEndpointAsUnsupported) {
  EXPECT_FALSE(succeeds(tlp_type::config_read_1, 0, 4));
  EXPECT_FALSE(succeeds(tlp_type::config_write_1, 0, 4));
  EXPECT_FALSE(succeeds(tlp_type::message, 0, 0));
  EXPECT_EQ(device.unsupported_requests(), 3U);
}

TEST_P(Foreign, AZeroLengthReadIsCompletedAndTouchesNothing) {
  EXPECT_TRUE(succeeds(tlp_type::memory_read, window, 0));
}

TEST_P(Foreign, ARequestBeyondTheBarIsUnsupported) {
  EXPECT_FALSE(succeeds(tlp_type::memory_read, window + shared.size(), 4));
  EXPECT_FALSE(succeeds(tlp_type::memory_read, window - 4, 8));
}

TEST_P(Foreign, ACompletionComesFromTheDevicesOwnFunction) {
  const auto id = pcie::make_bdf(5, 0, 0);
  const std::uint64_t function = std::uint64_t{pcie::to_int(id)} << 12U;
  EXPECT_TRUE(succeeds(tlp_type::config_write_0, function + cfg::cache_line.offset, 1));
  EXPECT_EQ(tlp_of(send(tlp_type::memory_read, window, 4)).completer, id);
}

INSTANTIATE_MODES(Foreign);

// ---- upstream, into a root complex

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
    std::vector<std::uint8_t> data(1024 * 4);
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
}  // namespace ivshmem
