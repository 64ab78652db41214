// SPDX-License-Identifier: Apache-2.0
//
// A thread that waits for descriptors.
#include "ivshmem/tlm/host_watcher.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "ivshmem/model/host_fd.h"

namespace ivshmem::test {
namespace {

struct HostWatcher : testing::Test {
  /// What was taken, after the watcher has said that there is something.
  std::vector<host_watcher::watch_id> next() {
    {
      std::unique_lock<std::mutex> hold(mutex);
      woken.wait(hold, [this] { return wakes != seen; });
      seen = wakes;
    }
    std::vector<host_watcher::watch_id> ready;
    watcher.take(ready);
    return ready;
  }
  unsigned wake_count() {
    const std::lock_guard<std::mutex> hold(mutex);
    return wakes;
  }
  static unique_fd bell() { return std::move(create_eventfd().value()); }

  std::mutex mutex;
  std::condition_variable woken;
  unsigned wakes = 0;
  unsigned seen = 0;
  host_watcher watcher = std::move(host_watcher::create([this] {
                                     const std::lock_guard<std::mutex> hold(mutex);
                                     ++wakes;
                                     woken.notify_one();
                                   }).value());
};

using ids = std::vector<host_watcher::watch_id>;

TEST_F(HostWatcher, SaysOnceThatADescriptorIsReadable) {
  const unique_fd one = bell();
  const unique_fd other = bell();
  const auto first = watcher.watch(one.get());
  const auto second = watcher.watch(other.get());
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(add_to_eventfd(one.get()));
  EXPECT_EQ(next(), ids{*first});
  ASSERT_TRUE(add_to_eventfd(one.get()));  // still to be read
  ASSERT_TRUE(add_to_eventfd(other.get()));
  EXPECT_EQ(next(), ids{*second}) << "what nobody has read is not said again";
  watcher.watch_again(*first);
  EXPECT_EQ(next(), ids{*first}) << "it was readable all the time";
}

TEST_F(HostWatcher, SaysNothingOfWhatIsForgotten) {
  const unique_fd one = bell();
  const unique_fd other = bell();
  const auto first = watcher.watch(one.get());
  ASSERT_TRUE(first);
  ASSERT_TRUE(add_to_eventfd(one.get()));
  {
    std::unique_lock<std::mutex> hold(mutex);
    woken.wait(hold, [this] { return wakes == 1; });
    seen = 1;
  }
  watcher.forget(*first);
  watcher.watch_again(*first);  // harmless
  ids ready;
  watcher.take(ready);
  EXPECT_EQ(ready, ids{});
  const auto second = watcher.watch(other.get());
  const auto again = watcher.watch(one.get());
  ASSERT_TRUE(second && again);
  EXPECT_NE(*again, *first) << "a new name for the same descriptor";
  EXPECT_EQ(next(), ids{*again});
}

TEST_F(HostWatcher, ANeighbourThatGoesIsReadable) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const unique_fd ours(ends[0]);
  unique_fd theirs(ends[1]);
  const auto watched = watcher.watch(ours.get());
  ASSERT_TRUE(watched);
  theirs.reset();
  EXPECT_EQ(next(), ids{*watched});
  EXPECT_EQ(wake_count(), 1U) << "and only once";
}

TEST_F(HostWatcher, RefusesWhatHasNoReadiness) {
  const unique_fd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  const auto refused = watcher.watch(file.get());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, host_errc::system_call);
  EXPECT_EQ(refused.error().os_errno, EPERM);
  const unique_fd one = bell();
  ASSERT_TRUE(watcher.watch(one.get()));
  EXPECT_FALSE(watcher.watch(one.get())) << "a second time";
}

/// Rings of other threads, and descriptors that come and go meanwhile: none is missed.
TEST_F(HostWatcher, LosesNothingWhileOthersRing) {
  constexpr unsigned ringers = 3;
  constexpr std::uint64_t rings = 2000;
  std::array<unique_fd, ringers> bells;
  std::array<host_watcher::watch_id, ringers> names{};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < ringers; ++i) {
    bells[i] = bell();
    names[i] = *watcher.watch(bells[i].get());
    threads.emplace_back([descriptor = bells[i].get()] {
      for (std::uint64_t n = 0; n < rings; ++n) {
        static_cast<void>(add_to_eventfd(descriptor));
      }
    });
  }
  std::uint64_t heard = 0;
  unsigned turn = 0;
  while (heard < ringers * rings) {
    for (const host_watcher::watch_id one : next()) {
      for (unsigned i = 0; i < ringers; ++i) {
        if (one == names[i]) {
          heard += take_eventfd(bells[i].get());
          if (++turn % 7 == 0) {
            watcher.forget(one);
            names[i] = *watcher.watch(bells[i].get());
          } else {
            watcher.watch_again(one);
          }
        }
      }
    }
  }
  for (std::thread& each : threads) {
    each.join();
  }
  EXPECT_EQ(heard, ringers * rings);
}

TEST(HostWatcherEnd, IsNotHeldUpByWhatIsReadable) {
  const unique_fd one = std::move(create_eventfd().value());
  std::atomic<unsigned> wakes{0};
  {
    auto watcher = host_watcher::create([&wakes] { ++wakes; });
    ASSERT_TRUE(watcher && watcher->watch(one.get()));
    ASSERT_TRUE(add_to_eventfd(one.get()));
  }
  EXPECT_LE(wakes, 1U);
}

}  // namespace
}  // namespace ivshmem::test
