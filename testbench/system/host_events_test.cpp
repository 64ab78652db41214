// SPDX-License-Identifier: Apache-2.0
//
// What happens on descriptors of the host wakes the simulation.
#include "ivshmem/tlm/host_events.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "ivshmem/model/host_fd.h"

namespace ivshmem::test {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds a_while{100};
const sc_core::sc_time ns(1, sc_core::SC_NS);

struct HostEvents : testing::Test {
  host_events events{"events"};
  unique_fd bell = std::move(create_eventfd().value());
  std::vector<std::thread> threads;

  ~HostEvents() override {
    for (std::thread& each : threads) {
      each.join();
    }
  }
  /// Does `action` in another thread, when the simulation has fallen asleep.
  void later(std::function<void()> action) {
    threads.emplace_back([action = std::move(action)] {
      std::this_thread::sleep_for(a_while);
      action();
    });
  }
  void ring() const { EXPECT_TRUE(add_to_eventfd(bell.get())); }
  static double cpu_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& of) {
      return static_cast<double>(of.tv_sec) + static_cast<double>(of.tv_usec) * 1e-6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
  }
};

TEST_F(HostEvents, WakeASimulationThatHasNothingToDo) {
  unsigned heard = 0;
  ASSERT_TRUE(events.watch(bell.get(), [&] {
    EXPECT_EQ(take_eventfd(bell.get()), 1U);
    if (++heard == 2) {
      sc_core::sc_stop();
    } else {
      later([this] { ring(); });
    }
  }));
  later([this] { ring(); });
  const double before = cpu_seconds();
  sc_core::sc_start();
  EXPECT_EQ(heard, 2U);
  EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::SC_ZERO_TIME) << "no simulated time passes";
  EXPECT_LT(cpu_seconds() - before, std::chrono::duration<double>(a_while).count())
      << "it sleeps while it waits";
}

TEST_F(HostEvents, AreHandledInAProcessThatMayWait) {
  ASSERT_TRUE(events.watch(bell.get(), [&] {
    take_eventfd(bell.get());
    sc_core::wait(5 * ns);
    sc_core::sc_stop();
  }));
  ring();
  sc_core::sc_start();
  EXPECT_EQ(sc_core::sc_time_stamp(), 5 * ns);
}

/// A program of the simulation.
struct busy_module : sc_core::sc_module {
  const bool& until;
  SC_HAS_PROCESS(busy_module);
  busy_module(const sc_core::sc_module_name& name, const bool& ended)
      : sc_module(name), until(ended) {
    SC_THREAD(run);
  }
  void run() {
    while (!until) {
      wait(ns);
    }
    sc_core::sc_stop();
  }
};

TEST_F(HostEvents, ComeWhileTheSimulationIsBusy) {
  bool heard = false;
  ASSERT_TRUE(events.watch(bell.get(), [&] {
    take_eventfd(bell.get());
    heard = true;
  }));
  threads.emplace_back([this] { ring(); });
  const busy_module busy("busy", heard);
  sc_core::sc_start();
  EXPECT_TRUE(heard);
}

TEST_F(HostEvents, WhatIsNotReadIsSaidAgain) {
  unsigned calls = 0;
  ASSERT_TRUE(events.watch(bell.get(), [&] {
    if (++calls == 3) {
      take_eventfd(bell.get());
      sc_core::sc_stop();
    }
  }));
  ring();
  sc_core::sc_start();
  EXPECT_EQ(calls, 3U);
}

TEST_F(HostEvents, ASimulationWithoutSourcesEnds) {
  sc_core::sc_start();
  ASSERT_TRUE(events.watch(bell.get(), [&] {
    take_eventfd(bell.get());
    events.forget(bell.get());  // by itself
  }));
  ring();
  sc_core::sc_start();
  EXPECT_TRUE(events.watch(bell.get(), [] {})) << "it was forgotten";
  events.forget(bell.get());
  ring();
  sc_core::sc_start();
}

TEST_F(HostEvents, DoNotHoldUpWhatIsToHappenInSimulatedTime) {
  ASSERT_TRUE(events.watch(bell.get(), [] { ADD_FAILURE() << "nobody rang"; }));
  sc_core::sc_event due;
  due.notify(10 * ns);
  struct end_module : sc_core::sc_module {
    SC_HAS_PROCESS(end_module);
    end_module(const sc_core::sc_module_name& name, const sc_core::sc_event& when)
        : sc_module(name) {
      SC_METHOD(end);
      sensitive << when;
      dont_initialize();
    }
    void end() { sc_core::sc_stop(); }
  } end("end", due);
  sc_core::sc_start();
  EXPECT_EQ(sc_core::sc_time_stamp(), 10 * ns);
}

TEST_F(HostEvents, AHandlerMayForgetAnother) {
  const unique_fd other = std::move(create_eventfd().value());
  unsigned calls = 0;
  const auto forget_both = [&] {
    ++calls;
    events.forget(bell.get());
    events.forget(other.get());
  };
  ASSERT_TRUE(events.watch(bell.get(), forget_both));
  ASSERT_TRUE(events.watch(other.get(), forget_both));
  ring();
  EXPECT_TRUE(add_to_eventfd(other.get()));
  std::this_thread::sleep_for(a_while);  // both are reported
  sc_core::sc_start();
  EXPECT_EQ(calls, 1U);
}

TEST_F(HostEvents, WhatCannotBeWaitedForIsRefused) {
  const unique_fd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  const auto refused = events.watch(file.get(), [] {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().os_errno, EPERM);
  sc_core::sc_start();  // ends: nothing is watched
}

}  // namespace
}  // namespace ivshmem::test
