// SPDX-License-Identifier: Apache-2.0
//
// Makes the workload that a scenario asks for.
#include "workload.h"

#include <cstring>
#include <utility>

namespace ivshmem::sim {

void workload::run_on(node& where, std::uint64_t steps, std::function<void(actor&)> body) {
  context_.meter.expect(steps);
  actors_.push_back(std::make_unique<actor>(context_, where, settings_, std::move(body)));
}

channel& workload::make_channel(node& from, node& to, std::uint64_t at) {
  const std::uint64_t offset = settings_.offset + at;
  std::memset(context_.memory.data + offset, 0, sizeof(std::uint64_t));
  return channels_.emplace_back(from, to, settings_.vector, offset, settings_.poll);
}

std::unique_ptr<workload> make_workload(run_context& context, const workload_config& settings) {
  switch (settings.kind) {
    case workload_kind::pingpong:
      return make_pingpong(context, settings);
    case workload_kind::stream:
      return make_stream(context, settings);
    case workload_kind::broadcast:
      return make_broadcast(context, settings);
    case workload_kind::ring:
      return make_ring(context, settings);
    case workload_kind::all_to_all:
      return make_all_to_all(context, settings);
    case workload_kind::random:
      return make_random(context, settings);
    case workload_kind::script:
      return make_script(context, settings);
  }
  return nullptr;
}

}  // namespace ivshmem::sim
