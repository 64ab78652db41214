// SPDX-License-Identifier: Apache-2.0
//
// A core with a transactor at every port: queues in, events out.
#include "ivshmem/rtl_bridge/core_driver.h"

#include <algorithm>

#include "ivshmem/model/timing.h"

namespace ivshmem::rtl {

namespace {

axi_memory_config memory_timing(const core_driver_config& configuration) {
  return {configuration.core.beat_bytes(), configuration.memory_latency_cycles,
          configuration.memory_write_latency_cycles};
}

core_config with_assertions(bool checked, core_config core) {
  core.assertions = checked;
  return core;
}

}  // namespace

core_driver::core_driver(const core_driver_config& configuration, axi_memory& memory)
    : configuration_(configuration),
      core_(with_assertions(configuration.checked, configuration.core)),
      source_(configuration.core.beat_dwords()),
      memory_(memory_timing(configuration), memory) {
  while (core_.out().busy) {
    core_.clock();
  }
  core_.set_cycle(0);
  if (configuration.checked) {
    axi_checker_ = std::make_unique<axi_checker>(configuration.core.beat_bytes(), log_);
    const tlp_checker::limits limits{1U << configuration.core.max_payload_log2,
                                     timing::register_piece_bytes, true};
    tlp_checker_ = std::make_unique<tlp_checker>(configuration.core.beat_dwords(), limits, log_);
  }
}

void core_driver::notify(std::uint16_t vector, std::uint64_t not_before) {
  notifications_.push({vector, not_before});
}

void core_driver::function_reset(std::uint64_t not_before) {
  reset_due_ = std::min(reset_due_, not_before);
}

bool core_driver::idle() const noexcept {
  const core_outputs& out = core_.out();
  return !out.busy && !out.event.valid && !out.request_done && !out.completion.valid &&
         !out.message.valid && !out.doorbell.valid && !out.unsupported && !out.malformed &&
         !out.poisoned && !out.memory_error && memory_.idle() && due() > core_.cycle();
}

std::uint64_t core_driver::due() const noexcept {
  const std::uint64_t notified = notifications_.empty() ? never : notifications_.front().not_before;
  return std::min({source_.due(), notified, reset_due_});
}

void core_driver::look_anew() {
  looked_ = true;
  const core_outputs& out = core_.out();
  core_inputs& in = core_.in;
  seen_ = {};
  in.completion_ready = ready(stall_port::tx_cpl);
  in.message_ready = ready(stall_port::tx_msg);
  in.doorbell_ready = ready(stall_port::doorbell);
  if (out.completion.valid && in.completion_ready && completions_.take(out.completion)) {
    seen_.completion = &completions_.tlp();
  }
  if (out.message.valid && in.message_ready && messages_.take(out.message)) {
    seen_.message = &messages_.tlp();
  }
  if (out.doorbell.valid && in.doorbell_ready) {
    seen_.doorbell = out.doorbell;
  }
  seen_.event = out.event;
  seen_.request_done = out.request_done;
  seen_.unsupported = out.unsupported;
  seen_.malformed = out.malformed;
  seen_.poisoned = out.poisoned;
  seen_.memory_error = out.memory_error;
}

void core_driver::finish() {
  if (!looked_) {
    look_anew();
  }
  looked_ = false;
  const core_outputs& out = core_.out();
  core_inputs& in = core_.in;
  const std::uint64_t now = core_.cycle();
  const bool may_offer =
      configuration_.gaps == nullptr || configuration_.gaps->ready(stall_port::tx_cpl, now);
  source_.step(now, may_offer, out.request_ready, in.request);
  in.notify = !notifications_.empty() && notifications_.front().not_before <= now;
  if (in.notify) {
    in.notify_vector = notifications_.front().vector;
    if (out.notify_ready) {
      notifications_.pop();
    }
  }
  in.function_reset = reset_due_ <= now;
  if (in.function_reset && out.function_reset_ready) {
    reset_due_ = never;
  }
  memory_.step(now,
               {ready(stall_port::aw), ready(stall_port::w), ready(stall_port::ar),
                ready(stall_port::r), true},
               out, in);
  if (tlp_checker_ != nullptr) {
    check_cycle();
  }
  core_.clock();
}

void core_driver::check_cycle() {
  const core_outputs& out = core_.out();
  const core_inputs& in = core_.in;
  const std::uint64_t now = core_.cycle();
  if (is_active(out.aw.valid || out.w.valid || out.ar.valid || in.r.valid || in.b_valid,
                memory_valid_)) {
    axi_checker_->step(now, out, in);
  }
  if (is_active(in.request.valid, request_valid_)) {
    tlp_checker_->request_beat(now, in.request, out.request_ready);
  }
  if (is_active(out.completion.valid, completion_valid_)) {
    tlp_checker_->completion_beat(now, out.completion, in.completion_ready);
  }
  if (is_active(out.message.valid, message_valid_)) {
    tlp_checker_->message_beat(now, out.message, in.message_ready);
  }
}

void core_driver::check_end() {
  if (tlp_checker_ != nullptr) {
    axi_checker_->end(core_.cycle());
    tlp_checker_->end(core_.cycle());
  }
  if (const unsigned failed = core_.failed_assertions(); failed != 0) {
    log_.add(core_.cycle(), "core", std::to_string(failed) + " assertions of the RTL failed");
  }
}

}  // namespace ivshmem::rtl
