// SPDX-License-Identifier: Apache-2.0
//
// One verilated core of any width, in terms of pins.
#include "ivshmem/rtl_bridge/verilated_core.h"

#include <verilated.h>

#include <atomic>
#include <cassert>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "ivshmem/model/config_space.h"
#include "verilated_model.h"

#if VM_COVERAGE
#include <verilated_cov.h>
#endif

namespace ivshmem::rtl {

core_features features() noexcept { return {VM_TRACE != 0, VM_COVERAGE != 0}; }

verilated_core::verilated_core(const core_config& configuration) : configuration_(configuration) {
  assert(configuration.data_width == 64 || configuration.data_width == 128 ||
         configuration.data_width == 256);
  assert(configuration.vectors <= 2048);
  assert(configuration.memory_log2 >= 12 && configuration.memory_log2 <= 33);
  assert(configuration.max_payload_log2 >= 7 && configuration.max_payload_log2 <= 12);
  made_model made = make_model(configuration);
  model_ = std::move(made.model);
  plain_step_ = made.step;
  traced_step_ = made.traced_step;
  step_ = plain_step_;
  model_->context->assertOn(configuration.assertions);
  model_->set_straps(configuration);
  reset();
}

verilated_core::~verilated_core() {
  close_waveform();
  const char* folder = features().coverage ? std::getenv("IVSHMEM_RTL_COVERAGE") : nullptr;
  static std::atomic<unsigned> number{0};  // cores may end in different threads
  for (unsigned tries = 0; folder != nullptr && tries < 1'000'000; ++tries) {
    // Other processes take numbers too.
    const std::string path = std::string(folder) + "/" + std::to_string(number++) + ".dat";
    if (std::FILE* const mine = std::fopen(path.c_str(), "wx")) {
      std::fclose(mine);
      if (!write_coverage(path)) {
        std::fprintf(stderr, "IVSHMEM_RTL_COVERAGE: %s: could not be written\n", path.c_str());
      }
      return;
    }
    if (errno != EEXIST) {
      return;
    }
  }
}

void verilated_core::reset() {
  const core_inputs quiet;
  model_->set_reset(true);
  step_(*model_, quiet, out_, cycle_);
  ++cycle_;
  model_->set_reset(false);
  step_(*model_, quiet, out_, cycle_);  // brings the outputs of the first cycle out of reset
  ++cycle_;
}

bool verilated_core::open_waveform(const std::string& path, std::uint64_t period_ps) {
  close_waveform();
  model_->period_ps = period_ps;
  if (!model_->open_waveform(path)) {
    return false;
  }
  model_->dump(cycle_ * period_ps);
  step_ = traced_step_;
  return true;
}

void verilated_core::close_waveform() {
  if (step_ == traced_step_) {
    model_->close_waveform();
    step_ = plain_step_;
  }
}

bool verilated_core::write_coverage(const std::string& path) const {
#if VM_COVERAGE
  model_->context->coveragep()->write(path.c_str());
  return std::ifstream(path).good();
#else
  static_cast<void>(path);
  return false;
#endif
}

unsigned verilated_core::failed_assertions() const {
  return static_cast<unsigned>(model_->context->errorCount());
}

// ---- state

std::uint32_t verilated_core::peek_config(std::uint32_t offset) const {
  config_space_layout layout;
  layout.variant = configuration_.legacy ? device_variant::legacy : device_variant::doorbell;
  layout.msix_vectors = configuration_.vectors;
  layout.memory_bytes = std::uint64_t{1} << configuration_.memory_log2;
  layout.express = configuration_.express;
  layout.max_payload_bytes = 1U << configuration_.max_payload_log2;
  // What can be written comes from the RTL, what is fixed from the model's table.
  config_space shown(layout);
  const core_state now = model_->state();
  for (std::uint32_t at = cfg::first_scratch; at < cfg::size_bytes; at += 4) {
    shown.write(at, 4, model_->scratch(at / 4));
  }
  if (configuration_.vectors != 0) {
    shown.write(cfg::msix_control.offset, 2,
                (now.msix_enable ? cfg::msix_enable : 0U) |
                    (now.function_mask ? cfg::msix_function_mask : 0U));
  }
  if (configuration_.express) {
    shown.write(cfg::device_control.offset, 2, now.device_control);
    shown.write(cfg::link_control.offset, 2, now.link_control);
  }
  shown.write(cfg::command.offset, 2, now.command);
  shown.write(cfg::cache_line.offset, 1, now.cache_line);
  shown.write(cfg::interrupt_line.offset, 1, now.interrupt_line);
  shown.write(cfg::bar0_reg.offset, 4, static_cast<std::uint32_t>(now.bar0));
  shown.write(cfg::bar1_reg.offset, 4, static_cast<std::uint32_t>(now.bar1));
  shown.write(cfg::bar2_reg.offset, 4, static_cast<std::uint32_t>(now.bar2));
  shown.write(cfg::bar2_reg.offset + 4, 4, static_cast<std::uint32_t>(now.bar2 >> 32U));
  shown.set_interrupt_status(configuration_.intx && (now.intr_status & now.intr_mask) != 0);
  return shown.read(offset, 4);
}

std::uint32_t verilated_core::peek_register(std::uint32_t offset) const {
  switch (offset) {
    case bar0::intr_mask.offset:
      return model_->state().intr_mask;
    case bar0::intr_status.offset:
      return model_->state().intr_status;
    case bar0::iv_position.offset:
      return configuration_.iv_position;
    default:
      return 0;
  }
}

std::uint32_t verilated_core::peek_table(std::uint32_t offset) const {
  const unsigned vector = offset / bar1::entry_bytes;
  return vector < configuration_.vectors ? model_->table(vector, offset / 4 % 4) : 0;
}

std::uint32_t verilated_core::peek_pending(unsigned dword) const {
  if (32 * dword >= configuration_.vectors) {
    return 0;
  }
  return static_cast<std::uint32_t>(model_->pending(dword / 2) >> (32 * (dword % 2)));
}

}  // namespace ivshmem::rtl
