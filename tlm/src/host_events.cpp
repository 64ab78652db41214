// SPDX-License-Identifier: Apache-2.0
//
// Descriptors of the host wake the simulation.
#include "ivshmem/tlm/host_events.h"

#include <algorithm>
#include <utility>

#include "ivshmem/tlm/report.h"

namespace ivshmem {

struct host_events::channel : sc_core::sc_prim_channel {
  channel() : sc_prim_channel(sc_core::sc_gen_unique_name("channel")) {}

  void wake() { async_request_update(); }  // in the watcher's thread
  void hold_simulation() { async_attach_suspending(); }
  void let_simulation_end() { async_detach_suspending(); }

  sc_core::sc_event readable;

 private:
  void update() override { readable.notify(sc_core::SC_ZERO_TIME); }
};

host_events::host_events(const sc_core::sc_module_name& name)
    : sc_module(name), channel_(std::make_unique<channel>()) {
  auto made = host_watcher::create([this] { channel_->wake(); });
  if (made) {
    watcher_.emplace(std::move(*made));
  } else {
    report_error(report_type::host, this->name(), to_string(made.error()));
  }
  SC_HAS_PROCESS(host_events);
  SC_THREAD(run);
}

host_events::~host_events() {
  if (!sources_.empty()) {
    channel_->let_simulation_end();
  }
}

result<void> host_events::watch(int descriptor, std::function<void()> handler) {
  if (!watcher_) {
    return host_error{host_errc::system_call, 0, descriptor, "host_events without a thread"};
  }
  const auto id = watcher_->watch(descriptor);
  if (!id) {
    return id.error();
  }
  if (sources_.empty()) {
    channel_->hold_simulation();
  }
  sources_.emplace(*id, std::make_shared<source>(source{descriptor, std::move(handler)}));
  return {};
}

void host_events::forget(int descriptor) {
  const auto found = std::find_if(sources_.begin(), sources_.end(), [&](const auto& one) {
    return one.second->descriptor == descriptor;
  });
  if (found != sources_.end()) {
    watcher_->forget(found->first);
    sources_.erase(found);
    if (sources_.empty()) {
      channel_->let_simulation_end();
    }
  }
}

void host_events::run() {
  for (;;) {
    ready_.clear();
    if (watcher_) {
      watcher_->take(ready_);
    }
    for (const host_watcher::watch_id id : ready_) {
      // An earlier handler may have forgotten it, and this one may forget itself.
      const auto found = sources_.find(id);
      const std::shared_ptr<source> one = found == sources_.end() ? nullptr : found->second;
      if (one != nullptr) {
        one->handler();
        watcher_->watch_again(id);
      }
    }
    if (ready_.empty()) {
      wait(channel_->readable);
    }
  }
}

}  // namespace ivshmem
