// SPDX-License-Identifier: Apache-2.0
//
// A device in a simulation and a peer in another thread, at a real server.
#include "ivshmem/tlm/server_fabric.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "node.h"
#include "server_peer.h"
#include "told.h"

namespace ivshmem::test {
namespace {

using std::chrono::milliseconds;

/// A server and a device that is its client.
struct DeviceAtServer : testing::Test {
  std::filesystem::path folder = [] {
    std::string name = std::filesystem::temp_directory_path() / "server_fabric_XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    return name;
  }();
  std::string path = folder / "socket";
  std::optional<server_thread> server{std::in_place, path};
  std::optional<server_fabric> fabric;
  std::optional<endpoint> dut;
  std::thread other;

  DeviceAtServer() {
    auto session = await_server(path, patience);
    EXPECT_TRUE(session) << to_string(session.error());
    fabric.emplace("fabric", std::move(*session));
    dut.emplace("dut", doorbell_of(vectors), fabric->seat());
  }
  ~DeviceAtServer() override {
    if (other.joinable()) {
      other.join();
    }
    std::filesystem::remove_all(folder);
  }
};

/// The same with a processor before the device.
struct ServerFabric : DeviceAtServer {
  bench platform;
  node cpu{platform, 0};

  ServerFabric() { platform.root.downstream(0).bind(dut->pcie); }
  void start() const {
    cpu.start();
    for (unsigned v = 0; v < vectors; ++v) {
      cpu.program(v, bench::msi_base, 0x70 + v);
    }
    cpu.msix();
  }
};

TEST_F(ServerFabric, CarriesDoorbellsBothWaysWhileTheSimulationSleeps) {
  sc_core::sc_event interrupted;
  platform.on_interrupt = [&](std::uint32_t) { interrupted.notify(sc_core::SC_ZERO_TIME); };
  std::uint64_t rung = 0;
  other = std::thread([&] {
    peer neighbour(path);
    rung = neighbour.wait_for_ring(0);
    neighbour.ring(peer_id{0}, 1);
    neighbour.wait_for_ring(1);  // or it would leave before the device has heard
  });
  platform.run([&] {
    start();
    fabric->wait_for(vectors, 1);
    EXPECT_EQ(fabric->peers(), 1U);
    cpu.ring(1, 0);
    while (platform.interrupts.empty()) {
      sc_core::wait(interrupted);
    }
    EXPECT_EQ(platform.interrupts.front().data, 0x71U);
    cpu.ring(1, 1);
  });
  other.join();
  EXPECT_EQ(rung, 1U);
  EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::SC_ZERO_TIME);
}

TEST_F(ServerFabric, AMessageMayWaitOnItsWay) {
  struct slow_target : sc_core::sc_module {
    tlm_utils::simple_target_socket<slow_target, 64> bus{"bus"};
    sc_core::sc_event written;
    unsigned writes = 0;
    explicit slow_target(const sc_core::sc_module_name& name) : sc_module(name) {
      bus.register_b_transport(this, &slow_target::b_transport);
    }
    void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& /*delay*/) {
      wait(20, sc_core::SC_NS);
      trans.set_response_status(tlm::TLM_OK_RESPONSE);
      ++writes;
      written.notify(sc_core::SC_ZERO_TIME);
    }
  } slow{"slow"};
  constexpr std::uint64_t slow_base = 0x8000'0000;
  platform.memory_bus.map({slow_base, 0x1000}, slow.bus);
  other = std::thread([this] {
    peer neighbour(path);
    neighbour.wait_for_ring(0);  // the device is set up
    neighbour.ring(peer_id{0}, 0);
    neighbour.wait_for_ring(1);
  });
  platform.run([&] {
    start();
    cpu.program(0, slow_base, 1);
    fabric->wait_for(vectors, 1);
    cpu.ring(1, 0);
    while (slow.writes == 0) {
      sc_core::wait(slow.written);
    }
    EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::sc_time(20, sc_core::SC_NS));
    cpu.ring(1, 1);
  });
}

TEST_F(DeviceAtServer, TheSimulationEndsWhenTheDeviceHasLeft) {
  bool ended = false;
  sc_core::sc_spawn([&] {
    fabric->wait_for(vectors, 0);
    dut->eject();
    ended = true;
  });
  sc_core::sc_start();  // and not for ever
  EXPECT_TRUE(ended);
}

TEST_F(ServerFabric, TheEndOfTheServerEndsAWaitForPeers) {
  other = std::thread([this] {
    std::this_thread::sleep_for(milliseconds(50));
    server->end();
  });
  platform.run([&] {
    fabric->wait_for(vectors, 3);
    EXPECT_TRUE(fabric->server_gone());
  });
}

TEST_F(DeviceAtServer, ATextOfTheRealDeviceIsAWarningOfTheModule) {
  sc_core::sc_report_handler::set_actions(report_type::host, sc_core::SC_THROW);
  dut->eject();
  fabric.reset();
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
  const unique_fd theirs(ends[0]);
  const auto memory =
      shared_memory::create({memory_backing::memfd, "server_fabric_test", min_memory_bytes});
  for (const std::int64_t number : {0, 0}) {
    ASSERT_TRUE(send_server_message(theirs.get(), number, -1));
  }
  ASSERT_TRUE(
      send_server_message(theirs.get(), server_message::shared_memory, memory->descriptor()));
  auto session = handshake(server_client(unique_fd(ends[1])), patience);
  ASSERT_TRUE(session) << to_string(session.error());
  fabric.emplace("wrong", std::move(*session));
  ASSERT_TRUE(dut->insert(doorbell_of(vectors), fabric->seat()));
  ASSERT_TRUE(send_server_message(theirs.get(), 70'000, -1));
  EXPECT_EQ(told([] { sc_core::sc_start(); }), "server sent invalid message 70000");
}

TEST(AwaitServer, WaitsForAServerThatIsNotThereYet) {
  std::string name = std::filesystem::temp_directory_path() / "await_server_XXXXXX";
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  const std::string path = name + "/socket";
  const auto none = await_server(path, milliseconds(20));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().os_errno, ENOENT);
  std::optional<server_thread> late;
  std::thread starter([&] {
    std::this_thread::sleep_for(milliseconds(50));
    late.emplace(path);
  });
  const auto found = await_server(path, patience);
  starter.join();
  EXPECT_TRUE(found) << to_string(found.error());
  late.reset();
  std::filesystem::remove_all(name);
}

}  // namespace
}  // namespace ivshmem::test
