// SPDX-License-Identifier: Apache-2.0
//
// The same scenario gives the same events at the same times, in every run and every build.
#include <gmock/gmock.h>

#include <cstdlib>
#include <deque>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "modes.h"
#include "platform.h"

namespace ivshmem::test {
namespace {

/// The events of one platform, as lines `<time_ps> <channel> <key>=<hex>...`, times from begin().
class event_log {
 public:
  explicit event_log(platform& bus) : bus_(bus) {}
  event_log(const event_log&) = delete;
  event_log& operator=(const event_log&) = delete;

  void begin() {
    start_ = sc_core::sc_time_stamp();
    for (std::size_t i = 0; i < bus_.leaves.size(); ++i) {
      watchers_.emplace_back();
      watchers_.back().log = this;
      watchers_.back().channel = "device_" + std::to_string(i);
    }
    for (std::size_t i = 0; i < bus_.leaves.size(); ++i) {
      bus_.leaves[i].device->observe(&watchers_[i]);
      watch(*bus_.leaves[i].checker, "link_" + std::to_string(i));
    }
    watch(*bus_.root_checkers[0], "root_link");
    bus_.on_message = [this](const platform::message& one) {
      line(one.at, "memory") << " address=" << platform::msi_base + one.offset
                             << " data=" << one.data;
    };
  }
  std::string text() const { return text_.str(); }

 private:
  struct watcher final : endpoint_observer {
    event_log* log = nullptr;
    std::string channel;
    void on_access(unsigned bar, bool write, std::uint64_t offset, std::size_t bytes) override {
      log->line(sc_core::sc_time_stamp(), channel + (write ? ".write" : ".read"))
          << " bar=" << bar << " offset=" << offset << " bytes=" << bytes;
    }
    void on_doorbell(peer_id peer, vector_index vector, const sc_core::sc_time& delay) override {
      log->line(sc_core::sc_time_stamp() + delay, channel + ".doorbell")
          << " peer=" << to_int(peer) << " vector=" << to_int(vector);
    }
    void on_notify(vector_index vector) override {
      log->line(sc_core::sc_time_stamp(), channel + ".notify") << " vector=" << to_int(vector);
    }
    void on_pending(unsigned count, const sc_core::sc_time& delay) override {
      log->line(sc_core::sc_time_stamp() + delay, channel + ".pending") << " count=" << count;
    }
  };

  std::ostream& line(const sc_core::sc_time& at, const std::string& channel) {
    text_ << std::dec << (text_.tellp() == 0 ? "" : "\n") << (at - start_).value() << ' ' << channel
          << std::hex;
    return text_;
  }
  void watch(contract_checker& checker, const std::string& channel) {
    checker.on_packet = [this, channel](const pcie::payload& trans, bool down, bool completion,
                                        const sc_core::sc_time& at) {
      const pcie::tlp& header = pcie::tlp_of(trans);
      line(at, channel + (down ? ".down" : ".up"))
          << " completion=" << completion << " type=" << static_cast<unsigned>(header.type)
          << " address=" << trans.get_address() << " bytes=" << trans.get_data_length()
          << " tag=" << unsigned{header.tag} << " requester=" << to_int(header.requester);
      if (completion) {
        text_ << " status=" << static_cast<unsigned>(header.status)
              << " completer=" << to_int(header.completer);
      }
    };
  }

  platform& bus_;
  sc_core::sc_time start_;
  std::deque<watcher> watchers_;
  std::ostringstream text_;
};

platform_config small(timing_mode mode) {
  platform_config config;
  config.mode = mode;
  config.slots = {{{{}, {{{}, {}}}}}};
  config.link.generation = 2;
  config.link.lanes = 1;
  config.link.credits = {2, 16, 2};
  config.vectors = 2;
  return config;
}

/// Two threads that contend: data and doorbells to each other, reads, one masked vector, one error.
std::string play(platform& bus) {
  const sc_core::sc_time unit(1, sc_core::SC_MS);
  for (unsigned i = 0; i < 3; ++i) {
    bus.program(i, 0, platform::msi_base + std::uint64_t{16} * i, 0x40 + i);
  }
  bus.program(0, 1, bus.leaves[2].bar[2] + 0x100, 0x5555'aaaa);
  bus.mask(1, 0, true);
  sc_core::wait(unit - sc_core::sc_time_stamp() % unit);
  event_log log(bus);
  log.begin();
  const auto produce = [&] {
    for (unsigned i = 0; i < 2; ++i) {
      std::vector<unsigned char> data(300, static_cast<unsigned char>(i));
      sc_core::sc_time delay;
      bus.access(tlm::TLM_WRITE_COMMAND, bus.leaves[1].bar[2] + 0x80, data.data(), 300, delay);
      sc_core::wait(delay);
      bus.ring(1, i, 0);
      bus.ring(1, 0, 1);
    }
  };
  const auto consume = [&] {
    for (unsigned i = 0; i < 3; ++i) {
      bus.read(bus.leaves[i].bar[0] + bar0::iv_position.offset);
      bus.read(bus.leaves[i].bar[2] + 0x7e, 8);
    }
    bus.read(bus.leaves[2].bar[2] + bus.config.shared_bytes);
    bus.mask(1, 0, false);
  };
  platform::all({produce, consume});
  sc_core::wait(10, sc_core::SC_US);
  for (const platform::leaf& leaf : bus.leaves) {
    leaf.device->observe(nullptr);
    leaf.checker->on_packet = nullptr;
  }
  bus.root_checkers[0]->on_packet = nullptr;
  bus.on_message = nullptr;
  return log.text();
}

struct Determinism : ModeTest {};

TEST_P(Determinism, TheSameScenarioTwiceGivesTheSameEvents) {
  platform first(small(GetParam()), "first");
  platform second(small(GetParam()), "second");
  first.run([&] {
    second.boot();
    const std::string once = play(first);
    const std::string twice = play(second);
    second.check();
    EXPECT_GT(std::count(once.begin(), once.end(), '\n'), 20);
    EXPECT_EQ(once, twice);
  });
}

TEST_P(Determinism, TheEventsAreThoseOfTheGoldenTrace) {
  platform bus(small(GetParam()));
  std::string events;
  bus.run([&] { events = play(bus) + "\n"; });
  const std::string path = std::string(IVSHMEM_TRACES) + "/bus_" + mode_name(GetParam()) + ".trace";
  if (std::getenv("IVSHMEM_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << events;
  }
  std::ifstream file(path);
  ASSERT_TRUE(file) << "IVSHMEM_UPDATE_GOLDEN=1 writes " << path;
  const std::string golden{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(events, golden) << "when that is what you want, IVSHMEM_UPDATE_GOLDEN=1 writes it anew";
}

INSTANTIATE_MODES(Determinism);

}  // namespace
}  // namespace ivshmem::test
