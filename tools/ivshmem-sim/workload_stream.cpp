// SPDX-License-Identifier: Apache-2.0
//
// The workload that sends blocks through shared memory.
#include <fmt/format.h>

#include <cassert>
#include <cstring>

#include "layout.h"
#include "pattern.h"
#include "workload.h"

namespace ivshmem::sim {

namespace {

/// Pairs of nodes stream: the first fills the slots of a ring buffer, the second compares and
/// frees them; a doorbell for each block, in both directions.
class stream final : public workload {
 public:
  stream(run_context& context, const workload_config& settings)
      : workload(context, settings), blocks_(settings.bytes / settings.block_bytes) {
    for (std::size_t i = 0; i + 1 < size(); i += 2) {
      const std::uint64_t region = i / 2 * layout::stream_bytes(settings);
      node& from = node_at(i);
      node& to = node_at(i + 1);
      channel& produced = make_channel(from, to, region + layout::stream_produced);
      channel& consumed = make_channel(to, from, region + layout::stream_consumed);
      const transfer job{produced, consumed, settings.offset + region + layout::stream_slots,
                         mix(context.settings.seed + settings.line) + i};
      run_on(to, blocks_, [this, job](actor& self) { consume(self, job); });
      run_on(from, blocks_, [this, job](actor& self) { produce(self, job); });
    }
  }

 private:
  struct transfer {
    channel& produced;
    channel& consumed;
    std::uint64_t slots;  ///< offset of the first
    std::uint64_t seed;
  };

  std::uint64_t slot_of(const transfer& job, std::uint64_t block) const {
    return job.slots + block % settings_.slots * settings_.block_bytes;
  }

  void produce(actor& self, const transfer& job) const {
    assert(settings_.slots != 0);  // the reader of the scenario sees to it
    std::vector<std::uint8_t> data(settings_.block_bytes);
    for (std::uint64_t block = 0; block < blocks_; ++block) {
      if (block >= settings_.slots) {
        self.await(job.consumed, block - settings_.slots + 1);
      }
      make_pattern(job.seed, block * data.size() / 8, data.data(), data.size());
      self.where().write_memory(slot_of(job, block), data.data(), data.size());
      self.post(job.produced, block + 1);
      self.spend(settings_.gap);
      self.step();
    }
    self.await(job.consumed, blocks_);
  }

  void consume(actor& self, const transfer& job) const {
    std::vector<std::uint8_t> data(settings_.block_bytes);
    std::vector<std::uint8_t> expected(settings_.block_bytes);
    for (std::uint64_t block = 0; block < blocks_; ++block) {
      self.await(job.produced, block + 1);
      self.where().read_memory(slot_of(job, block), data.data(), data.size());
      make_pattern(job.seed, block * data.size() / 8, expected.data(), expected.size());
      compare(self, job, block, data, expected);
      self.post(job.consumed, block + 1);
      self.spend(settings_.gap);
      self.step();
    }
  }

  void compare(actor& self, const transfer& job, std::uint64_t block,
               const std::vector<std::uint8_t>& data,
               const std::vector<std::uint8_t>& expected) const {
    access_counters& counters = self.where().counters();
    if (std::memcmp(data.data(), expected.data(), data.size()) == 0) {
      counters.verified_bytes += data.size();
      return;
    }
    std::size_t first = data.size();
    for (std::size_t i = data.size(); i-- > 0;) {
      if (data[i] != expected[i]) {
        first = i;
        ++counters.wrong_bytes;
      } else {
        ++counters.verified_bytes;
      }
    }
    self.fail_program(
        fmt::format("wrong data in block {} from {}, shared memory offset {:#x}: expected "
                    "{:#04x}, seen {:#04x}",
                    block, job.produced.from().settings().name, slot_of(job, block) + first,
                    expected[first], data[first]));
  }

  const std::uint64_t blocks_;
};

}  // namespace

std::unique_ptr<workload> make_stream(run_context& context, const workload_config& settings) {
  return std::make_unique<stream>(context, settings);
}

}  // namespace ivshmem::sim
