// SPDX-License-Identifier: Apache-2.0
//
// The files that a run writes, each of them another one.
#include "outputs.h"

#include <fmt/format.h>

#include <filesystem>

namespace ivshmem::sim {

namespace {

constexpr std::size_t viewed_nodes = 8;  // more make a view that nobody can read

std::string view_name(const std::string& trace) {
  return std::filesystem::path(trace).replace_extension(".gtkw").string();
}

}  // namespace

run_outputs::run_outputs(const std::string& trace, const std::string& stats) {
  if (!trace.empty()) {
    dump_ = add("--trace", trace, trace);
    if (dump_->is_regular() && !dump_->is_standard_output()) {
      view_ = add("--trace", view_name(trace), trace);
    }
    trace_ = std::make_unique<vcd_trace>(dump_->stream());
  }
  if (!stats.empty()) {
    stats_ = add("--stats", stats, stats);
  }
}

output_file* run_outputs::add(const char* option, const std::string& name,
                              const std::string& given) {
  const std::string text =
      fmt::format("{} = {}{}", option, given, name == given ? "" : fmt::format(", view {}", name));
  all_.push_back({text, std::make_unique<output_file>(name)});
  output_file* added = all_.back().file.get();
  if (!added->refusal().empty()) {
    throw output_error(
        fmt::format("{}: must be a file that can be written: {}", text, added->refusal()));
  }
  for (std::size_t i = 0; i + 1 < all_.size(); ++i) {
    refuse_if_same(all_.back(), identify(all_[i].file->name()), "the file of " + all_[i].option);
  }
  return added;
}

void run_outputs::refuse_if_same(const output& one, const file_identity& other,
                                 const std::string& what) const {
  if (identify(one.file->name()).same_as(other)) {
    throw output_error(fmt::format("{}: is {}: must be a file of its own", one.option, what));
  }
}

void run_outputs::check(const scenario& in, const shared_memory& memory) const {
  for (const output& one : all_) {
    refuse_if_same(one, identify(in.file), "the scenario");
    for (const workload_config& each : in.workloads) {
      if (each.kind == workload_kind::script) {
        refuse_if_same(one, identify(each.program.file), "the script " + each.program.file);
      }
    }
    if (memory.descriptor() >= 0) {
      refuse_if_same(one, identify(memory.descriptor()), "the shared memory " + in.memory.name);
    }
  }
}

void run_outputs::begin() {
  for (const output& one : all_) {
    one.file->begin();
  }
}

bool run_outputs::takes_standard_output() const noexcept {
  for (const output& one : all_) {
    if (one.file->is_standard_output()) {
      return true;
    }
  }
  return false;
}

std::vector<std::string> run_outputs::keep(const std::string& statistics) {
  if (view_ != nullptr) {
    const std::string name = std::filesystem::path(dump_->name()).filename().string();
    trace_->write_view(view_->stream(), name, viewed_nodes);
  }
  if (stats_ != nullptr) {
    stats_->stream() << statistics;
  }
  std::vector<std::string> failures;
  for (const output& one : all_) {
    const std::string reason = one.file->keep();
    if (!reason.empty()) {
      failures.push_back(fmt::format("{}: could not be written: {}", one.option, reason));
    } else {
      kept_ += (kept_.empty() ? "" : ", ") + one.file->name();
    }
  }
  return failures;
}

}  // namespace ivshmem::sim
