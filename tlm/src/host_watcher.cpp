// SPDX-License-Identifier: Apache-2.0
//
// A thread that waits for descriptors.
#include "ivshmem/tlm/host_watcher.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "ivshmem/model/host_wait_set.h"

namespace ivshmem {

class host_watcher::impl {
 public:
  impl(wait_set set, std::function<void()> wake)
      : set_(std::move(set)), wake_(std::move(wake)), thread_([this] { run(); }) {}
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;
  ~impl() {
    set_.stop();
    thread_.join();
  }

  result<watch_id> watch(int descriptor) {
    const std::lock_guard<std::mutex> hold(mutex_);
    const watch_id id = ++last_;
    if (const auto added = set_.add(descriptor, id); !added) {
      return added.error();
    }
    watched_.emplace(id, descriptor);
    return id;
  }

  void watch_again(watch_id which) {
    const std::lock_guard<std::mutex> hold(mutex_);
    if (const auto found = watched_.find(which); found != watched_.end()) {
      set_.again(found->second, which);
    }
  }

  void forget(watch_id which) {
    const std::lock_guard<std::mutex> hold(mutex_);
    if (const auto found = watched_.find(which); found != watched_.end()) {
      set_.remove(found->second);
      watched_.erase(found);
      ready_.erase(std::remove(ready_.begin(), ready_.end(), which), ready_.end());
    }
  }

  void take(std::vector<watch_id>& ready) {
    const std::lock_guard<std::mutex> hold(mutex_);
    ready.insert(ready.end(), ready_.begin(), ready_.end());
    ready_.clear();
  }

 private:
  /// Notes what is readable; whether there was anything that is not forgotten meanwhile.
  bool note(const std::vector<watch_id>& readable) {
    const std::lock_guard<std::mutex> hold(mutex_);
    const std::size_t before = ready_.size();
    std::copy_if(readable.begin(), readable.end(), std::back_inserter(ready_),
                 [this](watch_id id) { return watched_.count(id) != 0; });
    return ready_.size() != before;
  }

  void run() {
    std::vector<watch_id> readable;
    while (set_.wait(readable)) {
      if (note(readable)) {
        wake_();
      }
      readable.clear();
    }
  }

  wait_set set_;
  std::function<void()> wake_;
  std::mutex mutex_;  // of all below, and of what becomes of a descriptor in the set
  std::map<watch_id, int> watched_;
  std::vector<watch_id> ready_;
  watch_id last_ = 0;
  std::thread thread_;  // last: it uses all the others
};

result<host_watcher> host_watcher::create(std::function<void()> wake) {
  auto set = wait_set::create();
  if (!set) {
    return set.error();
  }
  return host_watcher(std::make_unique<impl>(std::move(*set), std::move(wake)));
}

host_watcher::host_watcher(std::unique_ptr<impl> state) noexcept : impl_(std::move(state)) {}
host_watcher::host_watcher(host_watcher&&) noexcept = default;
host_watcher& host_watcher::operator=(host_watcher&&) noexcept = default;
host_watcher::~host_watcher() = default;

result<host_watcher::watch_id> host_watcher::watch(int descriptor) {
  return impl_->watch(descriptor);
}
void host_watcher::watch_again(watch_id which) { impl_->watch_again(which); }
void host_watcher::forget(watch_id which) { impl_->forget(which); }
void host_watcher::take(std::vector<watch_id>& ready) { impl_->take(ready); }

}  // namespace ivshmem
