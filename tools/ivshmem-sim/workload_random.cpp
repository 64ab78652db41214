// SPDX-License-Identifier: Apache-2.0
//
// The workload that does anything at random and expects the exact result.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "interrupt_model.h"
#include "ivshmem/model/regmap.h"
#include "layout.h"
#include "pattern.h"
#include "workload.h"

namespace ivshmem::sim {

namespace {

constexpr unsigned doorbell_vectors = 256;  // what the doorbell decodes without ioeventfd
constexpr auto nobody = static_cast<peer_id>(max_peer_id);
constexpr std::uint64_t max_access_bytes = 64;

/// Seeded accesses of every kind on every node, each with its exact expectation.
class random_mix final : public workload {
 public:
  random_mix(run_context& context, const workload_config& settings)
      : workload(context, settings), is_exact_(!context.is_timed()), step_(settings.gap) {
    // Accesses happen at multiples of step_, so that no doorbell arrives at the time of one.
    while (context.settings.fabric_latency % step_ == 0) {
      ++step_;
    }
    std::memset(context.memory.data + settings.offset, 0, settings.region_bytes);
    for (std::size_t i = 0; i < size(); ++i) {
      players_.push_back(
          {&node_at(i), {node_at(i).settings().properties, context.settings.fabric_latency}, i});
      players_.back().seen.resize(players_.back().model.vectors());
      players_.back().shadow.resize(layout::window_bytes);
    }
    for (player& p : players_) {
      run_on(*p.where, settings.count, [this, &p](actor& self) { play(self, p); });
    }
  }

  void check() override {
    for (player& p : players_) {
      p.model.advance(now());
      for (unsigned v = 0; v < p.model.vectors() && is_exact_; ++v) {
        compare(p, fmt::format("vector {}: interrupts", v), p.model.interrupts(v), p.seen[v]);
      }
      const device_place* hardware = p.where->hardware();
      for (std::size_t c = 0; hardware != nullptr && c < drop_cause_count; ++c) {
        const auto cause = static_cast<drop_cause>(c);
        if (!is_exact_ && !is_sender_cause(c)) {
          continue;
        }
        compare(p, fmt::format("doorbells dropped, {}", to_string(cause)),
                p.drops[c] + p.model.drops(cause), hardware->statistics().drops[c]);
      }
    }
  }

 private:
  struct player {
    node* where;
    interrupt_model model;
    std::size_t position;
    std::vector<std::uint64_t> seen{};                    // interrupts, by vector
    std::vector<std::uint8_t> shadow{};                   // of its window in shared memory
    std::array<std::uint64_t, drop_cause_count> drops{};  // of its own doorbells
    std::uint32_t intr_mask = 0;
  };

  void play(actor& self, player& p) {
    random_numbers numbers(mix(context_.settings.seed + settings_.line) + (p.position << 32U));
    p.where->on_interrupt([this, &self, &p](unsigned vector) { arrived(self, p, vector); });
    for (std::uint64_t i = 0; i < settings_.count; ++i) {
      self.spend(step_ * (1 + numbers.below(8)));
      operation(self, p, numbers);
      self.step();
    }
  }

  void arrived(actor& self, player& p, unsigned vector) {
    p.model.advance(now());
    ++p.seen[vector];
    if (!is_exact_) {
      return;
    }
    if (p.seen[vector] > p.model.interrupts(vector) || p.model.latest(vector) != now()) {
      self.fail(fmt::format("vector {}: interrupt {}, expected {}, the latest at {}", vector,
                            p.seen[vector], p.model.interrupts(vector),
                            duration_text(p.model.latest(vector))));
    }
  }

  void operation(actor& self, player& p, random_numbers& numbers) {
    const std::uint64_t dice = numbers.below(100);
    const bool msix = p.where->settings().properties.has_msix();
    if (dice < 35) {
      ring(p, numbers);
    } else if (dice < 60 && msix) {
      interrupt_control(self, p, numbers);
    } else if (dice < 70) {
      registers(self, p, numbers);
    } else {
      shared(self, p, numbers);
    }
  }

  void ring(player& p, random_numbers& numbers) {
    player& to = players_[numbers.below(players_.size())];
    auto vector = static_cast<unsigned>(numbers.below(doorbell_vectors));
    const device_properties& own = p.where->settings().properties;
    const device_properties& other = to.where->settings().properties;
    const auto drop = [&](drop_cause cause) { ++p.drops[static_cast<std::size_t>(cause)]; };
    if (!own.has_peers()) {
      drop(drop_cause::no_interrupts);
    } else if (!other.has_peers() || numbers.below(16) == 0) {
      drop(drop_cause::no_such_peer);
      p.where->ring(nobody, vector);
      return;
    } else {
      const unsigned usable = std::min(own.vectors, other.vectors);
      if (vector >= usable && numbers.below(16) != 0) {
        vector %= usable;
      }
      if (vector >= usable) {
        drop(drop_cause::no_such_vector);
      } else {
        to.model.ring(vector, now());
      }
    }
    p.where->ring(to.where->peer(), vector);
  }

  void interrupt_control(actor& self, player& p, random_numbers& numbers) {
    const auto vector = static_cast<unsigned>(numbers.below(p.model.vectors()));
    const std::uint64_t dice = numbers.below(25);
    if (dice < 13) {
      const bool masked = !p.model.masked(vector);
      p.model.set_masked(vector, masked, now());
      p.where->set_masked(vector, masked);
    } else if (dice < 17) {
      const bool enabled = numbers.below(4) != 0;
      const bool function_masked = numbers.below(4) == 0;
      p.model.set_msix(enabled, function_masked, now());
      p.where->set_msix(enabled, function_masked);
    } else if (dice < 19) {
      const bool on = numbers.below(4) != 0;
      p.model.set_bus_master(on, now());
      p.where->set_bus_master(on);
    } else if (dice < 22) {
      const std::uint32_t expected = p.model.read_pending(vector / 32, now());
      const std::uint64_t offset = bar1::pba_offset(p.model.vectors()) + vector / 32 * 4;
      const std::uint64_t seen = p.where->read(1, offset, 4);
      expect(self, "pending bits", is_exact_ ? seen : expected, expected);
    } else {
      const std::uint64_t entry = std::uint64_t{vector} * bar1::entry_bytes;
      expect(self, "message data", p.where->read(1, entry + bar1::entry_data, 4), vector);
      expect(self, "vector control", p.where->read(1, entry + bar1::entry_control, 4),
             p.model.masked(vector) ? bar1::control_masked : 0);
    }
  }

  void registers(actor& self, player& p, random_numbers& numbers) {
    node& where = *p.where;
    const bool has_intx = where.settings().properties.has_intx();
    const auto value = static_cast<std::uint32_t>(numbers.next());
    const std::uint64_t dice = numbers.below(3);
    if (dice == 0 || has_intx) {
      expect(self, "IVPosition", where.read(0, bar0::iv_position.offset, 4), to_int(where.peer()));
    } else if (dice == 1) {
      expect(self, "IntrMask", where.read(0, bar0::intr_mask.offset, 4), p.intr_mask);
      p.intr_mask = value;
      where.write(0, bar0::intr_mask.offset, value, 4);
    } else {
      where.write(0, bar0::intr_status.offset, value, 4);
      expect(self, "IntrStatus", where.read(0, bar0::intr_status.offset, 4), value);
      expect(self, "IntrStatus after a read", where.read(0, bar0::intr_status.offset, 4), 0);
    }
  }

  void shared(actor& self, player& p, random_numbers& numbers) {
    std::array<std::uint8_t, max_access_bytes> data{};
    const std::uint64_t bytes = 1 + numbers.below(max_access_bytes);
    const std::uint64_t at = numbers.below(layout::window_bytes - bytes + 1);
    if (numbers.below(2) == 0) {
      for (std::uint64_t i = 0; i < bytes; ++i) {
        data[i] = static_cast<std::uint8_t>(numbers.next());
      }
      std::memcpy(p.shadow.data() + at, data.data(), bytes);
      p.where->write_memory(window_of(p) + at, data.data(), bytes);
      return;
    }
    const std::uint64_t other = numbers.below(players_.size());
    const player& owner = is_exact_ ? players_[other] : p;
    p.where->read_memory(window_of(owner) + at, data.data(), bytes);
    access_counters& counters = p.where->counters();
    for (std::uint64_t i = 0; i < bytes; ++i) {
      const bool right = data[i] == owner.shadow[at + i];
      ++(right ? counters.verified_bytes : counters.wrong_bytes);
      if (!right) {
        expect(self, fmt::format("shared memory at {:#x}", window_of(owner) + at + i).c_str(),
               data[i], owner.shadow[at + i]);
      }
    }
  }

  std::uint64_t window_of(const player& p) const {
    return settings_.offset + p.position * layout::window_bytes;
  }

  static void expect(actor& self, const char* what, std::uint64_t seen, std::uint64_t expected) {
    if (seen != expected) {
      self.fail(fmt::format("{}: expected {:#x}, seen {:#x}", what, expected, seen));
    }
  }

  void compare(const player& p, const std::string& what, std::uint64_t expected,
               std::uint64_t seen) const {
    if (seen != expected) {
      context_.log.fail(fmt::format("node {}, random: {}: expected {}, seen {}",
                                    p.where->settings().name, what, expected, seen));
    }
  }

  /// Without time on the bus, what happens when is known. With it, doorbells and writes of others
  /// are under way for a while: then values that other nodes change are not compared, and that each
  /// doorbell ends once is the ledger's to check.
  const bool is_exact_;
  picoseconds step_;
  std::vector<player> players_;
};

}  // namespace

std::unique_ptr<workload> make_random(run_context& context, const workload_config& settings) {
  return std::make_unique<random_mix>(context, settings);
}

}  // namespace ivshmem::sim
