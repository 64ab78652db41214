// SPDX-License-Identifier: Apache-2.0
//
// Workloads that pass tokens: pingpong, broadcast, ring, all_to_all.
#include <fmt/format.h>

#include "layout.h"
#include "workload.h"

namespace ivshmem::sim {

namespace {

bool is_right(const actor& self, const char* what, std::uint64_t seen, std::uint64_t expected) {
  if (seen != expected) {
    self.fail_program(fmt::format("{}: expected {}, seen {}", what, expected, seen));
  }
  return seen == expected;
}

/// Pairs of nodes play: the first serves, the second answers, `count` rounds.
class pingpong final : public workload {
 public:
  pingpong(run_context& context, const workload_config& settings) : workload(context, settings) {
    for (std::size_t i = 0; i + 1 < size(); i += 2) {
      node& a = node_at(i);
      node& b = node_at(i + 1);
      channel& there = make_channel(a, b, i * layout::line_bytes);
      channel& back = make_channel(b, a, (i + 1) * layout::line_bytes);
      run_on(a, settings.count, [this, &there, &back](actor& self) { serve(self, there, back); });
      run_on(b, settings.count, [this, &there, &back](actor& self) { answer(self, there, back); });
    }
  }

 private:
  void serve(actor& self, channel& there, channel& back) const {
    for (std::uint64_t round = 1; round <= settings_.count; ++round) {
      self.post(there, round);
      if (!is_right(self, "round", self.await(back, round), round)) {
        return;
      }
      self.spend(settings_.gap);
      self.step();
    }
  }

  void answer(actor& self, channel& there, channel& back) const {
    for (std::uint64_t round = 1; round <= settings_.count; ++round) {
      if (!is_right(self, "round", self.await(there, round), round)) {
        return;
      }
      self.spend(settings_.gap);
      self.post(back, round);
      self.step();
    }
  }
};

/// The first node rings all others, each answers, `count` rounds.
class broadcast final : public workload {
 public:
  broadcast(run_context& context, const workload_config& settings) : workload(context, settings) {
    for (std::size_t i = 1; i < size(); ++i) {
      // All receivers read the one counter that the root writes.
      out_.push_back(&make_channel(node_at(0), node_at(i), 0));
      back_.push_back(&make_channel(node_at(i), node_at(0), i * layout::line_bytes));
      run_on(node_at(i), settings.count, [this, i](actor& self) { receive(self, i - 1); });
    }
    run_on(node_at(0), settings.count, [this](actor& self) { send(self); });
  }

 private:
  void send(actor& self) const {
    for (std::uint64_t round = 1; round <= settings_.count; ++round) {
      for (channel* out : out_) {
        self.post(*out, round);
      }
      for (channel* back : back_) {
        self.await(*back, round);
      }
      self.spend(settings_.gap);
      self.step();
    }
  }

  void receive(actor& self, std::size_t which) const {
    for (std::uint64_t round = 1; round <= settings_.count; ++round) {
      if (!is_right(self, "round", self.await(*out_[which], round), round)) {
        return;
      }
      self.post(*back_[which], round);
      self.step();
    }
  }

  std::vector<channel*> out_;
  std::vector<channel*> back_;
};

/// A token goes round all nodes, `count` laps.
class ring final : public workload {
 public:
  ring(run_context& context, const workload_config& settings) : workload(context, settings) {
    for (std::size_t i = 0; i < size(); ++i) {
      channels_.push_back(
          &make_channel(node_at(i), node_at((i + 1) % size()), i * layout::line_bytes));
    }
    for (std::size_t i = 0; i < size(); ++i) {
      run_on(node_at(i), settings.count, [this, i](actor& self) { pass_on(self, i); });
    }
  }

 private:
  void pass_on(actor& self, std::size_t position) const {
    channel& in = *channels_[(position + size() - 1) % size()];
    channel& out = *channels_[position];
    for (std::uint64_t lap = 1; lap <= settings_.count; ++lap) {
      if (position == 0) {
        self.post(out, lap);
      }
      if (!is_right(self, "lap", self.await(in, lap), lap)) {
        return;
      }
      self.spend(settings_.gap);
      if (position != 0) {
        self.post(out, lap);
      }
      self.step();
    }
  }

  std::vector<channel*> channels_;
};

/// Every node rings every other one, `count` rounds; who arrives is the ledger's to check.
class all_to_all final : public workload {
 public:
  all_to_all(run_context& context, const workload_config& settings) : workload(context, settings) {
    for (std::size_t i = 0; i < size(); ++i) {
      run_on(node_at(i), settings.count * (size() - 1), [this, i](actor& self) {
        for (std::uint64_t round = 0; round < settings_.count; ++round) {
          // In step k everybody rings the k-th neighbour, so each is rung by one at a time.
          for (std::size_t k = 1; k < size(); ++k) {
            self.where().ring(node_at((i + k) % size()).peer(), settings_.vector);
            self.spend(settings_.gap);
            self.step();
          }
        }
      });
    }
  }
};

}  // namespace

std::unique_ptr<workload> make_pingpong(run_context& context, const workload_config& settings) {
  return std::make_unique<pingpong>(context, settings);
}

std::unique_ptr<workload> make_broadcast(run_context& context, const workload_config& settings) {
  return std::make_unique<broadcast>(context, settings);
}

std::unique_ptr<workload> make_ring(run_context& context, const workload_config& settings) {
  return std::make_unique<ring>(context, settings);
}

std::unique_ptr<workload> make_all_to_all(run_context& context, const workload_config& settings) {
  return std::make_unique<all_to_all>(context, settings);
}

}  // namespace ivshmem::sim
