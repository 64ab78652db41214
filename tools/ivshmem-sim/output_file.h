// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <string>

namespace ivshmem::sim {

/// A file that appears under its name only when it is complete: written beside it, then renamed.
/// What was not kept is removed.
class output_file {
 public:
  /// Check stream() afterwards.
  explicit output_file(std::string name);
  ~output_file();
  output_file(const output_file&) = delete;
  output_file& operator=(const output_file&) = delete;

  std::ofstream& stream() noexcept { return out_; }
  const std::string& name() const noexcept { return name_; }
  /// Ends the file and gives it its name. Returns whether everything was written.
  bool keep();

 private:
  std::string name_;
  std::string temporary_;
  std::ofstream out_;
};

}  // namespace ivshmem::sim
