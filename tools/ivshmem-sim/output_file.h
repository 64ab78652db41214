// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <array>
#include <ostream>
#include <streambuf>
#include <string>

#include "ivshmem/model/host_fd.h"

namespace ivshmem::sim {

/// Which file a name stands for, so that two names of one file are noticed. A file that does not
/// exist yet is its name in its folder.
struct file_identity {
  dev_t device = 0;
  ino_t number = 0;
  std::string new_name;
  bool is_known = false;  ///< false: there is no such file and no such folder
  bool is_bin = false;    ///< /dev/null, which many may share
  bool same_as(const file_identity& other) const noexcept;
};
file_identity identify(const std::string& name);
file_identity identify(int descriptor);

/// One output of a run.
///
/// A new file, and a plain file of this user with one name, appears under its name only when it is
/// complete: it is written beside it, with the old one's permissions, and renamed; what was not
/// kept is removed. Everything else is written in place and stays what it is: devices, pipes, files
/// with several names, files of others, files in a folder that takes no new ones. A symbolic link
/// means the file that it leads to. The file behind standard output or standard error, under
/// whatever name, is written through that descriptor.
class output_file {
 public:
  /// Opens; what is there stays as it is until begin(). See refusal(). May wait for a pipe's
  /// reader.
  explicit output_file(std::string name);
  ~output_file();
  output_file(const output_file&) = delete;
  output_file& operator=(const output_file&) = delete;

  /// Why it cannot be written, or "".
  const std::string& refusal() const noexcept { return refusal_; }
  const std::string& name() const noexcept { return name_; }
  /// A regular file, or a new one.
  bool is_regular() const noexcept { return is_regular_; }
  bool is_standard_output() const noexcept { return is_standard_output_; }

  /// Empties what is written in place.
  void begin();
  std::ostream& stream() noexcept { return stream_; }
  /// Ends the file and gives it its name. Returns why that failed, or "". Once.
  std::string keep();

 private:
  /// Writes to the descriptor; the first error stays.
  class buffer final : public std::streambuf {
   public:
    buffer();
    unique_fd descriptor;
    int error = 0;

   private:
    int_type overflow(int_type next) override;
    int sync() override;
    std::array<char, 1U << 16U> data_;
  };

  void open();
  bool take_standard_stream();
  bool open_beside(const struct ::stat* old);
  void discard();

  std::string name_;
  std::string target_;     // where symbolic links lead to
  std::string temporary_;  // empty: written in place
  std::string refusal_;
  bool is_regular_ = true;
  bool is_standard_output_ = false;
  bool is_shared_ = false;  // a standard stream: others write to it too
  buffer buffer_;
  std::ostream stream_{&buffer_};
};

/// Removes the temporary files of all outputs. Safe in a signal handler.
void remove_unfinished_outputs() noexcept;

}  // namespace ivshmem::sim
