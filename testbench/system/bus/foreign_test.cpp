// SPDX-License-Identifier: Apache-2.0
//
// A PCIe model of somebody else above our devices: requests that no root complex of ours sends.
#include <gmock/gmock.h>

#include "ivshmem/tlm/pcie/link.h"
#include "modes.h"
#include "platform.h"
#include "requester.h"

namespace ivshmem::test {
namespace {

using pcie::completion_status;
using pcie::tlp_of;
using pcie::tlp_type;

constexpr std::uint64_t window = 0x10'0000'0000;

/// A requester, a link and an endpoint with BAR2 at `window`.
struct Foreign : ModeTest {
  static constexpr unsigned max_payload = 128;
  static constexpr unsigned max_read = 512;

  requester root{"root"};
  pcie::link wire{"wire", settings()};
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(1U << 20U);
  endpoint device{"device", {}, {shared.data(), shared.size()}, timing()};

  Foreign() {
    root.pcie.bind(wire.upstream);
    wire.downstream.bind(device.pcie);
  }
  void SetUp() override {
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
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
  static timing_config timing() {
    timing_config settings;
    settings.mode = GetParam();
    return settings;
  }
  /// One request to its end, in whichever transport the mode has.
  pcie::payload& send(tlp_type type, std::uint64_t address, unsigned bytes,
                      std::uint64_t value = 0) {
    pcie::payload& trans = root.make(type, address, bytes);
    if (trans.is_write() && bytes <= 8) {
      std::memcpy(trans.get_data_ptr(), &value, bytes);
    }
    if (GetParam() == timing_mode::tlm_cycle) {
      root.pcie.send_request(trans, sc_core::SC_ZERO_TIME);
      sc_core::sc_start(10, sc_core::SC_US);
    } else {
      sc_core::sc_time delay;
      root.pcie.send(trans, delay);
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
  EXPECT_EQ(device.unsupported_requests(), 3U);
  EXPECT_TRUE(succeeds(tlp_type::config_read_0, 0, 0)) << "no byte enabled: served, does nothing";
  pcie::payload& debug = root.make(tlp_type::config_read_0, 0, 64);
  EXPECT_EQ(root.pcie.send_debug(debug), 0U);
}

TEST_P(Foreign, Type1AndMessagesEndAtAnEndpointAsUnsupported) {
  EXPECT_FALSE(succeeds(tlp_type::config_read_1, 0, 4));
  EXPECT_FALSE(succeeds(tlp_type::config_write_1, 0, 4));
  EXPECT_FALSE(succeeds(tlp_type::message, 0, 0));
  EXPECT_EQ(device.unsupported_requests(), 2U) << "a message for nobody is no error";
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

}  // namespace
}  // namespace ivshmem::test
