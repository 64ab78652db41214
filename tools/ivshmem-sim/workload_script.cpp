// SPDX-License-Identifier: Apache-2.0
//
// The workload whose programs are written in the scenario.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pattern.h"
#include "workload.h"

namespace ivshmem::sim {

namespace {

constexpr std::array<const char*, 4> space_names{"bar0", "bar1", "bar2", "config"};
constexpr std::uint64_t chunk_bytes = 4096;

/// Runs the steps of one node. The first step that fails ends it.
class script_runner {
 public:
  script_runner(run_context& context, const script& program, const script_part& part, actor& self)
      : context_(context), program_(program), part_(part), self_(self), where_(self.where()) {}

  void run() {
    for (at_ = 0; at_ < part_.steps.size() && !failed_; ++at_) {
      execute(part_.steps[at_]);
      self_.step();
    }
  }

 private:
  void fail(const script_step& step, const std::string& text) {
    failed_ = true;
    self_.fail(fmt::format("{}:{}: {}", program_.file, step.line, text));
  }

  void execute(const script_step& step) {
    const auto vector = static_cast<unsigned>(step.value);
    const auto bytes = static_cast<unsigned>(step.bytes);
    switch (step.action) {
      case script_action::write:
        where_.write(step.space, step.offset, step.value, bytes);
        break;
      case script_action::read:
        where_.read(step.space, step.offset, bytes);
        break;
      case script_action::expect:
        expect(step, where_.read(step.space, step.offset, bytes));
        break;
      case script_action::fill:
      case script_action::verify:
        pattern(step);
        break;
      case script_action::ring:
        where_.ring(context_.nodes[step.node]->peer(), vector);
        break;
      case script_action::wait_irq:
        wait_irq(step, vector);
        break;
      case script_action::expect_irqs:
        if (where_.line(vector).count != step.bytes) {
          fail(step, fmt::format("interrupts of vector {}: expected {}, seen {}", vector,
                                 step.bytes, where_.line(vector).count));
        }
        break;
      case script_action::delay:
        self_.spend(step.time);
        break;
      case script_action::mask:
      case script_action::unmask:
        where_.set_masked(vector, step.action == script_action::mask);
        break;
      case script_action::msix:
        where_.set_msix(step.value != 0, false);
        break;
      case script_action::bus_master:
        where_.set_bus_master(step.value != 0);
        break;
      case script_action::reset:
        where_.reset_device();
        break;
      case script_action::init:
        bring_up(step);
        break;
      case script_action::leave:
        where_.take_out();
        break;
      case script_action::join:
        where_.put_in();
        break;
      case script_action::repeat:
        left_.push_back(step.bytes);
        break;
      case script_action::end:
        if (--left_.back() != 0) {
          at_ = step.jump;
        } else {
          left_.pop_back();
        }
        break;
    }
  }

  void bring_up(const script_step& step) {
    if (const auto done = where_.bring_up(); !done) {
      fail(step, "init: " + done.error());
    }
  }

  void expect(const script_step& step, std::uint64_t seen) {
    access_counters& counters = where_.counters();
    const bool right = (seen & step.mask) == (step.value & step.mask);
    (right ? counters.verified_bytes : counters.wrong_bytes) += step.bytes;
    if (!right) {
      fail(step, fmt::format("{}+{:#x}: expected {:#x}, seen {:#x}{}", space_names[step.space],
                             step.offset, step.value, seen,
                             ~step.mask == 0 ? "" : fmt::format(", mask {:#x}", step.mask)));
    }
  }

  /// Fills or compares a range of shared memory.
  void pattern(const script_step& step) {
    std::array<std::uint8_t, chunk_bytes> expected{};
    std::array<std::uint8_t, chunk_bytes> seen{};
    for (std::uint64_t done = 0; done < step.bytes && !failed_; done += chunk_bytes) {
      const std::uint64_t bytes = std::min(chunk_bytes, step.bytes - done);
      make_pattern(step.value, done / 8, expected.data(), bytes);
      if (step.action == script_action::fill) {
        where_.write_memory(step.offset + done, expected.data(), bytes);
        continue;
      }
      where_.read_memory(step.offset + done, seen.data(), bytes);
      compare(step, done, bytes, expected.data(), seen.data());
    }
  }

  void compare(const script_step& step, std::uint64_t done, std::uint64_t bytes,
               const std::uint8_t* expected, const std::uint8_t* seen) {
    const auto first =
        static_cast<std::uint64_t>(std::mismatch(seen, seen + bytes, expected).first - seen);
    where_.counters().verified_bytes += first;
    if (first != bytes) {
      where_.counters().wrong_bytes += bytes - first;
      fail(step, fmt::format("verify: shared memory at {:#x}: expected {:#04x}, seen {:#04x}",
                             step.offset + done + first, expected[first], seen[first]));
    }
  }

  void wait_irq(const script_step& step, unsigned vector) {
    interrupt_line& line = where_.line(vector);
    std::uint64_t& taken = taken_of(vector);
    if (step.time == 0) {
      self_.note(fmt::format("{}:{}: waits for interrupt {} of vector {}", program_.file, step.line,
                             taken + 1, vector));
      self_.await(line, taken);
      self_.note({});
    } else if (!self_.await(line, taken, step.time)) {
      fail(step, fmt::format("wait-irq {}: expected interrupt {} within {}, seen {}", vector,
                             taken + 1, duration_text(step.time), line.count));
    }
    ++taken;
  }

  /// Interrupts that wait-irq has used up.
  std::uint64_t& taken_of(unsigned vector) {
    if (taken_.size() <= vector) {
      taken_.resize(vector + 1U);
    }
    return taken_[where_.settings().properties.has_intx() ? 0 : vector];
  }

  run_context& context_;
  const script& program_;
  const script_part& part_;
  actor& self_;
  node& where_;
  std::size_t at_ = 0;
  bool failed_ = false;
  std::vector<std::uint64_t> left_;  // of the open repeats
  std::vector<std::uint64_t> taken_;
};

class script_workload final : public workload {
 public:
  script_workload(run_context& context, const workload_config& settings)
      : workload(context, settings) {
    for (const script_part& part : settings.program.parts) {
      run_on(*context.nodes[part.node], part.steps.size(), [this, &part](actor& self) {
        script_runner(context_, settings_.program, part, self).run();
      });
    }
  }
};

}  // namespace

std::unique_ptr<workload> make_script(run_context& context, const workload_config& settings) {
  return std::make_unique<script_workload>(context, settings);
}

}  // namespace ivshmem::sim
