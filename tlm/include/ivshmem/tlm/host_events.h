// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <systemc>
#include <vector>

#include "ivshmem/tlm/host_watcher.h"

namespace ivshmem {

/// What happens outside the simulation, on descriptors of its process, becomes events inside.
///
/// A thread waits for the descriptors, and wakes the kernel when one is readable [SystemC
/// async_request_update]. While any is watched, a simulation that has nothing to do sleeps instead
/// of ending [async_attach_suspending], and no simulated time passes. So sc_start() returns after
/// sc_stop(); sc_start(time) returns when that time has come, but sleeps before it too while
/// nothing is scheduled.
class host_events final : public sc_core::sc_module {
 public:
  explicit host_events(const sc_core::sc_module_name& name);
  ~host_events() override;
  const char* kind() const override { return "ivshmem::host_events"; }

  /// Calls `handler` in a thread process of this module whenever `descriptor` is readable, from the
  /// next delta cycle on. It may wait(), and then the other handlers wait for it; it reads from the
  /// descriptor, or it is called again. Refused (host_errc::system_call) when the descriptor cannot
  /// be watched.
  result<void> watch(int descriptor, std::function<void()> handler);
  /// No call for `descriptor` begins from now on. To be called before it is closed.
  void forget(int descriptor);

 private:
  /// The way from the watcher's thread into the kernel.
  struct channel;
  struct source {
    int descriptor;
    std::function<void()> handler;
  };

  void run();

  std::map<host_watcher::watch_id, std::shared_ptr<source>> sources_;
  std::vector<host_watcher::watch_id> ready_;
  std::unique_ptr<channel> channel_;
  std::optional<host_watcher> watcher_;  // its thread uses the channel
};

}  // namespace ivshmem
