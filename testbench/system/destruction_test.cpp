// SPDX-License-Identifier: Apache-2.0
//
// The parts of a platform are destroyed in any order.
#include <gtest/gtest.h>

#include <memory>
#include <sstream>

#include "ivshmem/tlm/flat_device.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "ivshmem/tlm/vcd_trace.h"
#include "node.h"

namespace ivshmem::test {
namespace {

struct Destruction : testing::Test {
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(min_memory_bytes);
  std::unique_ptr<in_process_fabric> fabric =
      std::make_unique<in_process_fabric>("fabric", memory_view{shared.data(), shared.size()});
};

TEST_F(Destruction, OfAFabricBeforeItsDevices) {
  const auto first = std::make_unique<endpoint>("first", doorbell_of(1), fabric->join(1));
  const auto second = std::make_unique<endpoint>("second", doorbell_of(1), fabric->join(1));
  const auto flat = std::make_unique<flat_device>("flat", fabric->join(1));
  fabric.reset();
  EXPECT_FALSE(first->is_empty()) << "the device is there, and alone";
  first->eject();
}

TEST_F(Destruction, OfADeviceBeforeItsFabricTellsThePeers) {
  endpoint first("first", doorbell_of(1), fabric->join(1));
  auto second = std::make_unique<endpoint>("second", doorbell_of(1), fabric->join(1));
  EXPECT_EQ(first.peers().vectors(peer_id{1}), 1U);
  second.reset();
  EXPECT_EQ(first.peers().vectors(peer_id{1}), 0U);
}

TEST_F(Destruction, OfATraceBeforeItsEndpoint) {
  std::ostringstream text;
  auto trace = std::make_unique<vcd_trace>(text);
  endpoint watched("watched", doorbell_of(1), fabric->join(1));
  watched.observe(&trace->add_node("watched"));
  trace.reset();
  watched.reset();  // would be told to the observer
}

TEST_F(Destruction, OfAnEndpointBeforeItsTrace) {
  std::ostringstream text;
  vcd_trace trace(text);
  auto watched = std::make_unique<endpoint>("watched", doorbell_of(1), fabric->join(1));
  watched->observe(&trace.add_node("watched"));
  watched.reset();
}

TEST_F(Destruction, OfAnObserverThatGaveWayToAnother) {
  struct silent : endpoint_observer {};
  auto early = std::make_unique<silent>();
  silent late;
  endpoint watched("watched", doorbell_of(1), fabric->join(1));
  watched.observe(early.get());
  watched.observe(&late);
  early.reset();
  watched.reset();
}

}  // namespace
}  // namespace ivshmem::test
