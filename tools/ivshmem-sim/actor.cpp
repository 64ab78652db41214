// SPDX-License-Identifier: Apache-2.0
//
// What the programs of a workload have in common.
#include "actor.h"

#include <fmt/format.h>

#include <utility>

#include "interruption.h"

namespace ivshmem::sim {

namespace {

// A simulated program calls a dozen functions deep; AddressSanitizer's frames are larger.
#if defined(__SANITIZE_ADDRESS__)
constexpr int stack_bytes = 512 * 1024;
#else
constexpr int stack_bytes = 64 * 1024;
#endif

constexpr unsigned most_retries = 3;  // of reads that nobody answered

sc_core::sc_time time_of(picoseconds time) { return sc_core::sc_time::from_value(time); }

}  // namespace

actor::actor(run_context& context, node& where, const workload_config& workload,
             std::function<void(actor&)> body)
    : context_(context), where_(where), workload_(workload), body_(std::move(body)) {
  sc_core::sc_spawn_options options;
  options.set_stack_size(stack_bytes);
  where.add_program(
      sc_core::sc_spawn([this] { run(); }, sc_core::sc_gen_unique_name("actor"), &options));
}

void actor::run() {
  sc_core::wait(context_.started);
  spend(workload_.start);
  body_(*this);
  finished_ = true;
  finished_at_ = now();
}

std::string actor::stuck_text() const {
  if (awaited_ == nullptr) {
    return fmt::format("node {}, {}: not finished{}{}", where_.settings().name, workload_.name(),
                       note_.empty() ? "" : ": ", note_);
  }
  return fmt::format("node {} vector {}, {}: waits for {}: expected {}, seen {}",
                     where_.settings().name, awaited_->vector(), workload_.name(),
                     awaited_->from().settings().name, expected_, seen_);
}

void actor::step() const {
  stop_if_interrupted();
  context_.meter.step();
}

void actor::spend(picoseconds time) const {
  stop_if_interrupted();
  if (time != 0) {
    sc_core::wait(time_of(time));
  }
}

void actor::await(interrupt_line& line, std::uint64_t seen) {
  line.waiter = &wake_;
  while (line.count == seen) {
    sc_core::wait(wake_);
  }
}

bool actor::await(interrupt_line& line, std::uint64_t seen, picoseconds limit) {
  line.waiter = &wake_;
  const picoseconds end = context_.turns.read_turn(now() + limit);
  while (line.count == seen && now() < end) {
    sc_core::wait(time_of(end) - sc_core::sc_time_stamp(), wake_);
  }
  return line.count != seen;
}

void actor::post(channel& out, std::uint64_t value) const {
  if (context_.needs_telling()) {
    out.write(value);
  }
  where_.store64(out.offset(), value);
  if (out.rings()) {
    where_.ring(out.to().peer(), out.vector());
  } else if (context_.needs_telling()) {
    where_.load64(out.offset());  // answered once the write is in the memory
    context_.turns.take(true);
    out.tell(now());
  }
}

/// Whether the counter of `in` can be looked at, and is then certain to have reached `value`.
bool actor::may_look(channel& in, std::uint64_t value) const {
  if (!context_.needs_telling()) {
    return true;
  }
  context_.turns.take(false);
  return in.told_before(now()) >= value;
}

std::uint64_t actor::await(channel& in, std::uint64_t value) {
  awaited_ = &in;
  expected_ = value;
  for (unsigned unanswered = 0;;) {
    const bool rings = in.rings();
    const std::uint64_t seen = rings ? where_.line(in.vector()).count : 0;
    const bool may_be_there = may_look(in, value);
    if (may_be_there || !rings) {
      seen_ = where_.load64(in.offset());
      const bool answered = seen_ != ~std::uint64_t{0};
      if (seen_ >= value && answered && may_be_there) {
        awaited_ = nullptr;
        return seen_;
      }
      if (!answered && unanswered++ < most_retries) {
        continue;
      }
    }
    if (rings) {
      interrupt_line& line = where_.line(in.vector());
      line.waiter = &wake_;
      if (line.count == seen) {
        sc_core::wait(wake_);  // for an interrupt, or for a fault that may have cost one
      }
    } else {
      spend(in.poll());
    }
  }
}

std::string actor::failure_text(const std::string& text) const {
  return fmt::format("node {} at {}, {}: {}", where_.settings().name, duration_text(now()),
                     workload_.name(), text);
}

}  // namespace ivshmem::sim
