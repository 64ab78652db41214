// SPDX-License-Identifier: Apache-2.0
//
// Size: one scoreboard: what the threads do stands beside what is expected of it.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <deque>
#include <random>
#include <vector>

#include "platform.h"

namespace ivshmem::test {

inline constexpr unsigned threads = 4;
inline constexpr unsigned most_leaves = 12;
inline constexpr unsigned vectors = 4;
inline constexpr unsigned peer_to_peer =
    3;  // this vector writes into another device's shared memory
inline constexpr unsigned operations = 150;            // of each thread
inline constexpr std::uint64_t mailboxes = 0x1000;     // offset in the shared memory
inline constexpr std::uint64_t partitions = 0x1'0000;  // of thread and device
inline constexpr std::uint64_t partition_bytes = 0x2000;

using random = std::mt19937;

inline unsigned pick(random& dice, unsigned first, unsigned last) {
  return std::uniform_int_distribution<unsigned>(first, last)(dice);
}

/// The scoreboard of one run; each device's observer reports to it.
struct traffic {
  struct bell {
    unsigned peer;
    unsigned vector;
    std::uint32_t sequence;
  };
  struct watcher final : endpoint_observer {
    traffic* owner = nullptr;
    unsigned self = 0;
    std::deque<bell> expected;  // doorbells on their way to this device
    void on_doorbell(peer_id peer, vector_index vector, const sc_core::sc_time&) override {
      owner->rang(*this, to_int(peer), to_int(vector));
    }
  };

  platform& bus;
  random dice;
  unsigned count = static_cast<unsigned>(bus.leaves.size());
  std::vector<watcher> watchers = std::vector<watcher>(count);
  std::vector<std::vector<std::uint8_t>> shadow = std::vector<std::vector<std::uint8_t>>(
      threads * most_leaves, std::vector<std::uint8_t>(partition_bytes));
  std::array<std::uint32_t, most_leaves> intr_mask{};
  std::array<std::uint64_t, most_leaves> bells{};                         // doorbell writes issued
  std::array<std::uint32_t, most_leaves * most_leaves * vectors> sent{};  // last sequence number
  std::array<std::uint32_t, most_leaves * most_leaves * vectors> rung{};
  std::array<std::uint64_t, most_leaves> handled{};  // messages in the interrupt handler

  static unsigned slot(unsigned from, unsigned to, unsigned vector) {
    return (from * most_leaves + to) * vectors + vector;
  }
  std::uint32_t in_memory(std::uint64_t offset) const {
    std::uint32_t value = 0;
    std::memcpy(&value, &bus.shared[offset], sizeof value);
    return value;
  }
  std::uint64_t mailbox(unsigned leaf) const { return mailboxes + 4 * std::uint64_t{leaf}; }

  void set_up() {
    for (unsigned i = 0; i < count; ++i) {
      watchers[i].owner = this;
      watchers[i].self = i;
      bus.leaves[i].device->observe(&watchers[i]);
      for (unsigned v = 0; v < vectors; ++v) {
        const bool peer = v == peer_to_peer;
        const std::uint64_t address =
            peer ? bus.leaves[(i + 1) % count].bar[2] + mailbox(i) : platform::msi_base;
        bus.program(i, v, address, (i << 8U) | v);
      }
    }
    bus.on_message = [this](const platform::message& one) { handle(one.data); };
  }

  void rang(watcher& at, unsigned peer, unsigned vector) {
    ASSERT_FALSE(at.expected.empty()) << "a doorbell that nobody rang";
    const bell next = at.expected.front();
    at.expected.pop_front();
    EXPECT_EQ(next.peer, peer);
    EXPECT_EQ(next.vector, vector);
    const unsigned index = slot(at.self, peer, vector);
    EXPECT_EQ(in_memory(4 * std::uint64_t{index}), next.sequence)
        << "the doorbell overtook the data written before it, or was overtaken";
    rung[index] = next.sequence;
  }

  void handle(std::uint32_t data) {
    const unsigned self = data >> 8U;
    ++handled[self];
    for (unsigned from = 0; from < count; ++from) {
      const unsigned index = slot(from, self, data & 0xffU);
      EXPECT_GE(in_memory(4 * std::uint64_t{index}), rung[index])
          << "the interrupt handler does not see what was written before the doorbell";
    }
  }

  void ring(random& own, unsigned from, sc_core::sc_time& delay) {
    const unsigned peer = pick(own, 0, count);  // count: nobody
    const unsigned vector = pick(own, 0, vectors);
    std::uint32_t value = peer << 16U | vector;
    ++bells[from];
    if (peer < count && vector < vectors) {
      const unsigned index = slot(from, peer, vector);
      std::uint32_t sequence = ++sent[index];
      bus.access(tlm::TLM_WRITE_COMMAND, bus.leaves[from].bar[2] + 4 * std::uint64_t{index},
                 &sequence, 4, delay);
      watchers[from].expected.push_back({peer, vector, sequence});
    }
    bus.access(tlm::TLM_WRITE_COMMAND, bus.leaves[from].bar[0] + bar0::doorbell.offset, &value, 4,
               delay);
  }

  void shared_memory(random& own, unsigned thread, unsigned leaf, sc_core::sc_time& delay) {
    const unsigned bytes = pick(own, 0, 3) == 0 ? pick(own, 1, 1500) : pick(own, 1, 16);
    const unsigned at = pick(own, 0, static_cast<unsigned>(partition_bytes) - bytes);
    const unsigned index = thread * most_leaves + leaf;
    const std::uint64_t address =
        bus.leaves[leaf].bar[2] + partitions + index * partition_bytes + at;
    std::vector<std::uint8_t> data(bytes);
    if (pick(own, 0, 1) == 0) {
      for (std::uint8_t& byte : data) {
        byte = static_cast<std::uint8_t>(own());
      }
      std::memcpy(&shadow[index][at], data.data(), bytes);
      bus.access(tlm::TLM_WRITE_COMMAND, address, data.data(), bytes, delay);
    } else {
      bus.access(tlm::TLM_READ_COMMAND, address, data.data(), bytes, delay);
      EXPECT_EQ(std::memcmp(&shadow[index][at], data.data(), bytes), 0)
          << bytes << " bytes at " << at << " are not what was written last";
    }
  }

  void registers(random& own, unsigned leaf, bool owned, sc_core::sc_time& delay) {
    const platform::leaf& at = bus.leaves[leaf];
    std::uint32_t value = 0;
    switch (pick(own, 0, owned ? 4 : 1)) {
      case 0:
        bus.access(tlm::TLM_READ_COMMAND, bus.ecam(at.id, 0), &value, 4, delay);
        EXPECT_EQ(value, cfg::vendor_id.reset | cfg::device_id.reset << 16U);
        return;
      case 1:
        bus.access(tlm::TLM_READ_COMMAND, at.bar[0] + bar0::iv_position.offset, &value, 4, delay);
        EXPECT_EQ(value, leaf);
        return;
      case 2:
        intr_mask[leaf] = value = static_cast<std::uint32_t>(own());
        bus.access(tlm::TLM_WRITE_COMMAND, at.bar[0] + bar0::intr_mask.offset, &value, 4, delay);
        return;
      case 3:
        bus.access(tlm::TLM_READ_COMMAND, at.bar[0] + bar0::intr_mask.offset, &value, 4, delay);
        EXPECT_EQ(value, intr_mask[leaf]);
        return;
      default:
        value = pick(own, 0, 1);
        bus.access(tlm::TLM_WRITE_COMMAND, at.bar[1] + bar1::entry_bytes * 2 + bar1::entry_control,
                   &value, 4, delay);
        return;
    }
  }

  void run(unsigned thread, unsigned seed) {
    random own(seed);
    tlm_utils::tlm_quantumkeeper keeper;
    keeper.reset();
    for (unsigned i = 0; i < operations; ++i) {
      const unsigned leaf = pick(own, 0, count - 1);
      const bool owned = leaf % threads == thread;
      sc_core::sc_time delay = keeper.get_local_time();
      const unsigned what = pick(own, 0, 9);
      if (what < 4 && owned) {
        ring(own, leaf, delay);
      } else if (what < 7) {
        shared_memory(own, thread, leaf, delay);
      } else {
        registers(own, leaf, owned, delay);
      }
      keeper.set(delay + sc_core::sc_time(pick(own, 0, 40), sc_core::SC_NS));
      if (bus.config.mode != timing_mode::tlm_lt || keeper.need_sync()) {
        keeper.sync();
      }
    }
    keeper.sync();
  }

  void check_accounts() const {
    const fabric_statistics& fabric = bus.fabric.statistics();
    std::uint64_t all_rung = 0;
    std::uint64_t all_notified = 0;
    for (unsigned i = 0; i < count; ++i) {
      const device_statistics& one = bus.leaves[i].device->inserted()->statistics();
      std::uint64_t drops = 0;
      for (const std::uint64_t cause : one.drops) {
        drops += cause;
      }
      EXPECT_TRUE(watchers[i].expected.empty()) << "doorbells that never arrived at " << i;
      EXPECT_EQ(one.doorbells, bells[i]);
      EXPECT_EQ(one.doorbells, one.rung + drops);
      EXPECT_EQ(one.notifications, one.messages + one.merged);
      EXPECT_LE(handled[i], one.messages);
      all_rung += one.rung;
      all_notified += one.notifications;
      const bool by_peer = in_memory(mailbox(i)) != 0;
      EXPECT_EQ(handled[i] < one.messages, by_peer) << "messages are lost, or appeared";
    }
    EXPECT_EQ(fabric.rung, all_rung);
    EXPECT_EQ(fabric.rung, fabric.delivered + fabric.merged + fabric.lost);
    EXPECT_EQ(fabric.delivered, all_notified);
    EXPECT_EQ(fabric.lost, 0U);
    EXPECT_EQ(bus.root.statistics().unclaimed, 0U);
    EXPECT_EQ(bus.root.statistics().dma_failed, 0U);
    EXPECT_EQ(bus.root.statistics().completion_timeouts, 0U);
  }
};

}  // namespace ivshmem::test
