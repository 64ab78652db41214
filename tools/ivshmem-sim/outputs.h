// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ivshmem/model/shared_memory.h"
#include "ivshmem/tlm/vcd_trace.h"
#include "output_file.h"
#include "scenario.h"

namespace ivshmem::sim {

/// A mistake in an option: one line.
class output_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The files that a run writes: trace, its view, statistics.
class run_outputs {
 public:
  /// Opens what has a name. Throws output_error.
  run_outputs(const std::string& trace, const std::string& stats);

  /// Refuses outputs that are one file with each other, or with something that the run reads.
  /// Throws output_error.
  void check(const scenario& in, const shared_memory& memory) const;
  /// Empties what is written in place.
  void begin();
  /// nullptr without.
  vcd_trace* trace() noexcept { return trace_.get(); }
  /// Whether an output goes to standard output, which then has nothing else.
  bool takes_standard_output() const noexcept;
  /// Gives everything its name. Returns a line for each output that could not be written.
  std::vector<std::string> keep(const std::string& statistics);
  /// "x.vcd, x.gtkw, s.json", what was kept.
  const std::string& kept() const noexcept { return kept_; }

 private:
  struct output {
    std::string option;
    std::unique_ptr<output_file> file;
  };

  output_file* add(const char* option, const std::string& name, const std::string& given);
  void refuse_if_same(const output& one, const file_identity& other, const std::string& what) const;

  std::vector<output> all_;
  output_file* dump_ = nullptr;
  output_file* view_ = nullptr;
  output_file* stats_ = nullptr;
  std::unique_ptr<vcd_trace> trace_;
  std::string kept_;
};

}  // namespace ivshmem::sim
