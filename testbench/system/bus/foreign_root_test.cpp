// SPDX-License-Identifier: Apache-2.0
//
// Endpoints below a root complex of somebody else that knows b_transport only, and what is to
// happen at the end of time.
#include <gmock/gmock.h>

#include <functional>

#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "modes.h"
#include "requester.h"

namespace ivshmem::test {
namespace {

using pcie::tlp_type;

constexpr std::uint64_t window = 0x8000'0000;
constexpr std::uint64_t message_address = 0xfee0'0000;
const sc_core::sc_time latency(5, sc_core::SC_US);

/// The doorbells that an endpoint rings, and when.
struct doorbell_log : endpoint_observer {
  std::vector<sc_core::sc_time> rung;
  void on_doorbell(peer_id /*peer*/, vector_index /*vector*/,
                   const sc_core::sc_time& delay) override {
    rung.push_back(sc_core::sc_time_stamp() + delay);
  }
};

/// A root complex that runs ahead of the simulation, and calls b_transport.
struct foreign_root : sc_core::sc_module {
  requester host{"host"};
  endpoint device;
  std::function<void()> body;

  foreign_root(const sc_core::sc_module_name& name, fabric_seat& seat,
               timing_mode mode = timing_mode::tlm_cycle)
      : sc_module(name), device("device", properties(), seat, timing(mode)) {
    host.pcie.bind(device.pcie);
    SC_HAS_PROCESS(foreign_root);
    SC_THREAD(run);
  }
  static device_properties properties() {
    device_properties one;
    one.variant = device_variant::doorbell;
    return one;
  }
  static timing_config timing(timing_mode mode) {
    timing_config one;
    one.mode = mode;
    return one;
  }
  void run() {
    write(tlp_type::config_write_0, cfg::bar0_reg.offset, window);
    write(tlp_type::config_write_0, cfg::bar1_reg.offset, window + 0x1000);
    write(tlp_type::config_write_0, cfg::command.offset, cfg::command_memory | cfg::command_master);
    write(tlp_type::config_write_0, cfg::msix_control.offset & ~3U, 0x8000'0000);
    write(tlp_type::memory_write, window + 0x1000, message_address);
    write(tlp_type::memory_write, window + 0x100c, 0);
    if (body) {
      body();
    }
  }
  /// Returns what became of `delay`.
  sc_core::sc_time write(tlp_type type, std::uint64_t address, std::uint32_t value,
                         sc_core::sc_time delay = sc_core::SC_ZERO_TIME) {
    pcie::payload& trans = host.make(type, address, 4);
    std::memcpy(trans.get_data_ptr(), &value, 4);
    host.pcie.send(trans, delay);
    return delay;
  }
};

TEST(ForeignRoot, ADoorbellTakesTheFabricsLatency) {
  std::vector<std::uint8_t> memory(1U << 20U);
  in_process_fabric fabric("fabric", {memory.data(), memory.size()}, latency);
  foreign_root from("from", fabric.join(1));
  foreign_root to("to", fabric.join(1));
  doorbell_log log;
  from.device.observe(&log);
  sc_core::sc_time called;
  from.body = [&] {
    sc_core::wait(10, sc_core::SC_US);
    called = sc_core::sc_time_stamp() + sc_core::sc_time(100, sc_core::SC_NS);
    EXPECT_EQ(from.write(tlp_type::memory_write, window + bar0::doorbell.offset, 1U << 16U,
                         sc_core::sc_time(100, sc_core::SC_NS)),
              sc_core::SC_ZERO_TIME)
        << "an exact endpoint waits";
  };
  sc_core::sc_start(1, sc_core::SC_MS);
  const sc_core::sc_time cycle(4, sc_core::SC_NS);
  ASSERT_EQ(log.rung.size(), 1U);
  EXPECT_EQ(log.rung[0], called + (timing::execute_cycles + timing::doorbell_cycles) * cycle);
  ASSERT_EQ(to.host.requests.size(), 1U);
  EXPECT_EQ(to.host.requests[0].at, log.rung[0] + latency + timing::message_cycles * cycle);
}

TEST(ForeignRoot, AnExactEndpointIsIdleWhenAllThatItTookIsDone) {
  std::vector<std::uint8_t> memory(1U << 20U);
  in_process_fabric fabric("fabric", {memory.data(), memory.size()});
  foreign_root from("from", fabric.join(1));
  from.body = [&] {
    EXPECT_TRUE(from.device.is_idle());
    pcie::payload& posted =
        from.host.make(tlp_type::memory_write, window + bar0::intr_mask.offset, 4);
    from.host.pcie.send_request(posted, sc_core::SC_ZERO_TIME);
    EXPECT_FALSE(from.device.is_idle()) << "a snapshot would miss the write";
    sc_core::wait(1, sc_core::SC_US);
    EXPECT_TRUE(from.device.is_idle());
    from.device.reset();
    EXPECT_FALSE(from.device.is_idle());
    sc_core::wait(1, sc_core::SC_US);
    EXPECT_TRUE(from.device.is_idle());
  };
  sc_core::sc_start(1, sc_core::SC_MS);
}

TEST(ForeignRoot, AnAccessAtTheEndOfTimeEndsThen) {
  std::vector<std::uint8_t> memory(1U << 20U);
  in_process_fabric fabric("fabric", {memory.data(), memory.size()});
  foreign_root functional("functional", fabric.join(1), timing_mode::functional);
  foreign_root loose("loose", fabric.join(1), timing_mode::tlm_lt);
  unsigned written = 0;
  for (foreign_root* one : {&functional, &loose}) {
    one->body = [one, &written] {
      EXPECT_EQ(one->write(tlp_type::memory_write, window + bar0::intr_mask.offset, 1,
                           sc_core::sc_max_time()),
                sc_core::sc_max_time());
      ++written;
    };
  }
  sc_core::sc_start(1, sc_core::SC_MS);
  EXPECT_EQ(written, 2U);
}

using EndOfTime = ModeTest;
INSTANTIATE_MODES(EndOfTime);

TEST_P(EndOfTime, ADoorbellThatIsWrittenThenDoesNotRingNow) {
  std::vector<std::uint8_t> memory(1U << 20U);
  in_process_fabric fabric("fabric", {memory.data(), memory.size()}, latency);
  foreign_root from("from", fabric.join(1), GetParam());
  foreign_root to("to", fabric.join(1), GetParam());
  from.body = [&] {
    sc_core::wait(10, sc_core::SC_US);
    if (GetParam() == timing_mode::tlm_cycle) {
      pcie::payload& trans =
          from.host.make(tlp_type::memory_write, window + bar0::doorbell.offset, 4);
      const std::uint32_t value = 1U << 16U;
      std::memcpy(trans.get_data_ptr(), &value, 4);
      from.host.pcie.send_request(trans, sc_core::sc_max_time());
    } else {
      from.write(tlp_type::memory_write, window + bar0::doorbell.offset, 1U << 16U,
                 sc_core::sc_max_time());
    }
  };
  sc_core::sc_start(1, sc_core::SC_MS);
  EXPECT_THAT(to.host.requests, testing::IsEmpty());
}

}  // namespace
}  // namespace ivshmem::test
