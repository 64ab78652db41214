// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <systemc>
#include <utility>
#include <vector>

#include "channel.h"
#include "node.h"
#include "progress.h"
#include "run_log.h"

namespace ivshmem::sim {

/// What workloads run with.
struct run_context {
  const scenario& settings;
  std::vector<std::unique_ptr<node>>& nodes;
  turn_order& turns;
  memory_view memory;
  run_log& log;
  progress& meter;
  sc_core::sc_event started;  ///< every node is set up

  bool is_timed() const noexcept { return settings.platform.view != device_view::functional; }
  /// Whether programs look at a counter only when it is told to be there: a look may fall on the
  /// clock cycle of the write otherwise. Where faults lose doorbells, not all that is there is
  /// told.
  bool needs_telling() const noexcept { return turns.is_kept() && settings.faults.empty(); }
};

/// A program that runs on one node: a thread of the simulation.
class actor {
 public:
  /// `body` runs once every node is set up and `start` has passed.
  actor(run_context& context, node& where, const workload_config& workload,
        std::function<void(actor&)> body);
  actor(const actor&) = delete;
  actor& operator=(const actor&) = delete;

  node& where() const noexcept { return where_; }
  bool finished() const noexcept { return finished_; }
  picoseconds finished_at() const noexcept { return finished_at_; }
  /// "node a, ping-pong: waits for ...", what a thread that never ended was doing.
  std::string stuck_text() const;

  // From inside the body
  void spend(picoseconds time) const;
  /// Waits until `line` has counted more than `seen` interrupts.
  void await(interrupt_line& line, std::uint64_t seen);
  /// The same, at most `limit`; returns whether there was one.
  bool await(interrupt_line& line, std::uint64_t seen, picoseconds limit);
  /// Sets the counter of `out` and rings.
  void post(channel& out, std::uint64_t value) const;
  /// Waits until the counter of `in` has reached `value`; returns what it is.
  std::uint64_t await(channel& in, std::uint64_t value);
  /// What stuck_text() shall say while the body waits for something of its own.
  void note(std::string text) { note_ = std::move(text); }
  /// Reports a failure of this node, with the time.
  void fail(const std::string& text) const { context_.log.fail(failure_text(text)); }
  /// The same, of something that an injected fault may bring about.
  void fail_program(const std::string& text) const {
    context_.log.fail_program(failure_text(text));
  }
  void step() const;

 private:
  void run();
  std::string failure_text(const std::string& text) const;
  bool may_look(channel& in, std::uint64_t value) const;

  run_context& context_;
  node& where_;
  const workload_config& workload_;
  std::function<void(actor&)> body_;
  sc_core::sc_event wake_;
  bool finished_ = false;
  picoseconds finished_at_ = 0;
  std::string note_;
  const channel* awaited_ = nullptr;  // while waiting for it
  std::uint64_t expected_ = 0;
  std::uint64_t seen_ = 0;
};

}  // namespace ivshmem::sim
