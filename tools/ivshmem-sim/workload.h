// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "actor.h"

namespace ivshmem::sim {

/// Programs that work together on some of the nodes.
class workload {
 public:
  workload(run_context& context, const workload_config& settings)
      : context_(context), settings_(settings) {}
  virtual ~workload() = default;
  workload(const workload&) = delete;
  workload& operator=(const workload&) = delete;

  /// Called once at the end of the simulation.
  virtual void check() {}

  const std::vector<std::unique_ptr<actor>>& actors() const noexcept { return actors_; }

 protected:
  node& node_at(std::size_t position) const { return *context_.nodes[settings_.nodes[position]]; }
  std::size_t size() const noexcept { return settings_.nodes.size(); }
  /// Starts `body` on the node; it will make `steps` steps.
  void run_on(node& where, std::uint64_t steps, std::function<void(actor&)> body);
  /// A channel with its counter `at` bytes into the region, set to 0. Stays where it is.
  channel& make_channel(node& from, node& to, std::uint64_t at);

  run_context& context_;
  const workload_config& settings_;

 private:
  std::vector<std::unique_ptr<actor>> actors_;
  std::deque<channel> channels_;
};

std::unique_ptr<workload> make_pingpong(run_context& context, const workload_config& settings);
std::unique_ptr<workload> make_stream(run_context& context, const workload_config& settings);
std::unique_ptr<workload> make_broadcast(run_context& context, const workload_config& settings);
std::unique_ptr<workload> make_ring(run_context& context, const workload_config& settings);
std::unique_ptr<workload> make_all_to_all(run_context& context, const workload_config& settings);
std::unique_ptr<workload> make_random(run_context& context, const workload_config& settings);
std::unique_ptr<workload> make_script(run_context& context, const workload_config& settings);

std::unique_ptr<workload> make_workload(run_context& context, const workload_config& settings);

}  // namespace ivshmem::sim
