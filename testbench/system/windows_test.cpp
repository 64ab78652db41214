// SPDX-License-Identifier: Apache-2.0
//
// The root complex at a decoder that subtracts the base of each range: a socket for each window.
#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <functional>

#include "ivshmem/model/regmap.h"
#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/memory.h"
#include "ivshmem/tlm/pcie/payload_pool.h"
#include "ivshmem/tlm/pcie/root_complex.h"
#include "node.h"
#include "plain_access.h"
#include "told.h"

namespace ivshmem::test {
namespace {

constexpr std::uint64_t memory_bytes = 0x1'0000;
constexpr std::uint64_t registers = 0x10'0000;  // in the low window
constexpr std::uint64_t shared_at = 0x20'0000;  // in the high window

/// What one of the processor's sockets has been told.
struct told_at {
  std::vector<bench::range> invalidated;
  std::vector<std::pair<tlm::tlm_phase, std::uint64_t>> phases;  // with the payload's address
};

/// A platform whose decoder is three sockets of the default width, with addresses of their own.
struct windows_platform : sc_core::sc_module {
  enum socket { ecam, low, high };
  using initiator = tlm_utils::simple_initiator_socket_tagged<windows_platform>;

  sc_core::sc_vector<initiator> out{"out", 3};
  pcie::root_complex root;
  memory ram{"ram", 0x1000};
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(memory_bytes);
  endpoint device;
  told_at told[3];
  std::function<void()> body;
  bool finished = false;

  explicit windows_platform(timing_mode mode)
      : sc_module("platform"),
        root("root", config_of(mode)),
        device("device", {}, {shared.data(), shared.size()}, timing_of(mode)) {
    for (int i = 0; i < 3; ++i) {
      out[static_cast<std::size_t>(i)].register_invalidate_direct_mem_ptr(
          this, &windows_platform::invalidate, i);
      out[static_cast<std::size_t>(i)].register_nb_transport_bw(this, &windows_platform::answer, i);
    }
    out[ecam].bind(root.ecam);
    out[low].bind(root.mmio[0]);
    out[high].bind(root.mmio[1]);
    root.dma.bind(ram.bus);
    root.downstream(0).bind(device.pcie);
    SC_THREAD(run_body);
  }
  SC_HAS_PROCESS(windows_platform);

  static pcie::root_complex_config config_of(timing_mode mode) {
    pcie::root_complex_config config;
    config.mode = mode;
    return config;
  }
  static timing_config timing_of(timing_mode mode) {
    timing_config timing;
    timing.mode = mode;
    return timing;
  }
  void run(std::function<void()> program) {
    body = std::move(program);
    sc_core::sc_start();
    EXPECT_TRUE(finished);
  }
  void run_body() {
    place();
    body();
    finished = true;
  }
  /// Addresses in configuration space are those of the bus.
  void place() {
    const auto set = [this](const reg_desc& reg, std::uint64_t value, unsigned bytes) {
      EXPECT_EQ(access(ecam, tlm::TLM_WRITE_COMMAND, reg.offset, &value, bytes),
                tlm::TLM_OK_RESPONSE);
    };
    set(cfg::bar0_reg, root.config().mmio[0].base + registers, 4);
    set(cfg::bar2_reg, root.config().mmio[1].base + shared_at, 8);
    set(cfg::command, 6, 2);
  }

  tlm::tlm_response_status access(socket at, tlm::tlm_command command, std::uint64_t address,
                                  void* data, unsigned bytes) {
    tlm::tlm_generic_payload trans;
    fill(trans, command, address, data, bytes);
    sc_core::sc_time delay;
    out[at]->b_transport(trans, delay);
    EXPECT_EQ(trans.get_address(), address) << "put back";
    return trans.get_response_status();
  }
  unsigned debug(socket at, std::uint64_t address, void* data, unsigned bytes) {
    tlm::tlm_generic_payload trans;
    fill(trans, tlm::TLM_READ_COMMAND, address, data, bytes);
    const unsigned done = out[at]->transport_dbg(trans);
    EXPECT_EQ(trans.get_data_length(), bytes) << "put back";
    return done;
  }
  bool direct(socket at, std::uint64_t address, tlm::tlm_dmi& dmi) {
    tlm::tlm_generic_payload trans;
    fill(trans, tlm::TLM_READ_COMMAND, address, nullptr, 0);
    return out[at]->get_direct_mem_ptr(trans, dmi);
  }
  void invalidate(int at, sc_dt::uint64 first, sc_dt::uint64 last) {
    told[at].invalidated.push_back({first, last});
  }
  tlm::tlm_sync_enum answer(int at, tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                            sc_core::sc_time& /*delay*/) {
    told[at].phases.emplace_back(phase, trans.get_address());
    return phase == tlm::BEGIN_RESP ? tlm::TLM_COMPLETED : tlm::TLM_ACCEPTED;
  }
};

struct Windows : testing::TestWithParam<timing_mode> {
  windows_platform all{GetParam()};
};

TEST_P(Windows, CountAddressesFromTheirStart) {
  all.run([&] {
    std::uint32_t value = 0;
    EXPECT_EQ(all.access(all.ecam, tlm::TLM_READ_COMMAND, 0, &value, 4), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(value, 0x1110'1af4U);
    value = 0x1234'5678;
    all.access(all.low, tlm::TLM_WRITE_COMMAND, registers + bar0::intr_mask.offset, &value, 4);
    value = 0;
    all.access(all.low, tlm::TLM_READ_COMMAND, registers + bar0::intr_mask.offset, &value, 4);
    EXPECT_EQ(value, 0x1234'5678U);
    value = 0x600d'f00d;
    all.access(all.high, tlm::TLM_WRITE_COMMAND, shared_at + 8, &value, 4);
    value = 0;
    all.access(all.high, tlm::TLM_READ_COMMAND, shared_at + 8, &value, 4);
    EXPECT_EQ(value, 0x600d'f00dU);
    value = 0;
    EXPECT_EQ(all.debug(all.high, shared_at + 8, &value, 4), 4U);
    EXPECT_EQ(value, 0x600d'f00dU);
  });
}

TEST_P(Windows, RefuseWhatIsNotWhollyInside) {
  all.run([&] {
    std::uint64_t data = 0;
    const pcie::root_complex_config& map = all.root.config();
    for (const auto& [at, end] : {std::pair{all.ecam, map.ecam.bytes},
                                  {all.low, map.mmio[0].bytes},
                                  {all.high, map.mmio[1].bytes}}) {
      EXPECT_EQ(all.access(at, tlm::TLM_READ_COMMAND, end - 2, &data, 4),
                tlm::TLM_ADDRESS_ERROR_RESPONSE);
      EXPECT_EQ(all.access(at, tlm::TLM_READ_COMMAND, end - 4, &data, 4), tlm::TLM_OK_RESPONSE);
      EXPECT_EQ(all.access(at, tlm::TLM_READ_COMMAND, end, &data, 4),
                tlm::TLM_ADDRESS_ERROR_RESPONSE);
      EXPECT_EQ(all.access(at, tlm::TLM_READ_COMMAND, ~std::uint64_t{0} - 1, &data, 4),
                tlm::TLM_ADDRESS_ERROR_RESPONSE);
      EXPECT_EQ(all.debug(at, end, &data, 4), 0U);
    }
    EXPECT_EQ(all.debug(all.ecam, map.ecam.bytes - 2, &data, 4), 2U) << "the bytes that exist";
  });
}

TEST_P(Windows, AnswerNonBlockingAccessesWhereTheyCameIn) {
  pcie::payload_pool pool;
  all.run([&] {
    struct request {
      windows_platform::socket at;
      std::uint64_t address;
    };
    const request requests[] = {
        {all.low, registers + bar0::iv_position.offset}, {all.high, shared_at}, {all.ecam, 0}};
    std::uint32_t values[3] = {0xdead, 0xdead, 0xdead};
    for (const request& one : requests) {
      tlm::tlm_generic_payload& trans = pool.allocate(4);
      fill(trans, tlm::TLM_READ_COMMAND, one.address, &values[one.at], 4);
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      sc_core::sc_time delay;
      EXPECT_EQ(all.out[one.at]->nb_transport_fw(trans, phase, delay), tlm::TLM_ACCEPTED);
      trans.release();
    }
    sc_core::wait(sc_core::sc_time(1, sc_core::SC_US));
    EXPECT_EQ(values[0], 0x1110'1af4U);
    EXPECT_EQ(values[1], 0U) << "IVPosition of a plain device";
    EXPECT_EQ(values[2], 0U) << "shared memory";
    for (const request& one : requests) {
      const auto& phases = all.told[one.at].phases;
      ASSERT_EQ(phases.size(), 2U);
      EXPECT_EQ(phases[0].first, tlm::END_REQ);
      EXPECT_EQ(phases[1].first, tlm::BEGIN_RESP);
      EXPECT_EQ(phases[1].second, one.address) << "put back";
    }
    tlm::tlm_generic_payload& outside = pool.allocate(4);
    fill(outside, tlm::TLM_READ_COMMAND, ~std::uint64_t{0}, values, 4);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    EXPECT_EQ(all.out[all.low]->nb_transport_fw(outside, phase, delay), tlm::TLM_COMPLETED);
    EXPECT_EQ(outside.get_response_status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    outside.release();
  });
}

INSTANTIATE_TEST_SUITE_P(Modes, Windows,
                         testing::Values(timing_mode::functional, timing_mode::tlm_lt,
                                         timing_mode::tlm_cycle),
                         [](const auto& mode) { return std::string(to_string(mode.param)); });

TEST(WindowsDmi, IsGivenAndTakenBackInTheWindowsOwnAddresses) {
  windows_platform all(timing_mode::functional);
  all.run([&] {
    tlm::tlm_dmi dmi;
    EXPECT_FALSE(all.direct(all.ecam, 0, dmi));
    EXPECT_FALSE(all.direct(all.low, registers, dmi)) << "registers";
    EXPECT_FALSE(all.direct(all.high, all.root.config().mmio[1].bytes, dmi)) << "outside";
    ASSERT_TRUE(all.direct(all.high, shared_at + 0x100, dmi));
    EXPECT_EQ(dmi.get_start_address(), shared_at);
    EXPECT_EQ(dmi.get_end_address(), shared_at + memory_bytes - 1);
    EXPECT_EQ(dmi.get_dmi_ptr(), all.shared.data());
    all.device.eject();
    EXPECT_EQ(all.told[all.high].invalidated,
              (std::vector<bench::range>{{shared_at, shared_at + memory_bytes - 1}}));
    EXPECT_TRUE(all.told[all.low].invalidated.empty());
    EXPECT_TRUE(all.told[all.ecam].invalidated.empty());
  });
}

TEST(WindowsBinding, OneWayInMustBeBound) {
  pcie::root_complex root("root");
  memory ram("ram", 0x1000);
  root.dma.bind(ram.bus);
  EXPECT_EQ(told([] { sc_core::sc_start(sc_core::SC_ZERO_TIME); }),
            "cpu is not bound: must be, or else the windows ecam and mmio");
}

}  // namespace
}  // namespace ivshmem::test
