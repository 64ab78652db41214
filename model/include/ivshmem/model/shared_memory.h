// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "ivshmem/model/host_fd.h"
#include "ivshmem/model/result.h"
#include "ivshmem/model/types.h"

namespace ivshmem {

enum class memory_backing {
  anonymous,  ///< this process and its children only
  memfd,      ///< no name; handed on by descriptor; sealed so that no peer can resize it
  posix,      ///< shm_open
  file,       ///< regular file
  hugetlbfs,  ///< file in a hugetlbfs mount, or without a name a memfd of huge pages
};

enum class memory_open {
  create,          ///< fails if the name exists
  existing,        ///< fails if it does not exist
  create_or_open,  ///< an existing empty one is given the size
};

/// Which memory to make or to open.
struct shared_memory_config {
  memory_backing backing = memory_backing::memfd;
  /// posix: object name; file, hugetlbfs: path; memfd: label seen in /proc; anonymous: unused.
  std::string name;
  /// Power of two, min_memory_bytes to max_memory_bytes. 0: the size of what exists.
  std::uint64_t size_bytes = 0;
  memory_open open = memory_open::create_or_open;  ///< posix, file and hugetlbfs only
  bool remove = false;      ///< remove the name at the end, if this object created it
  bool is_private = false;  ///< file only: what is written stays in this process
};

/// BAR2's contents: a shared mapping, readable and writable, sparse (pages that nobody touched cost
/// nothing, except huge pages, which are reserved). The address does not change when the object
/// moves.
///
/// A process that may write a posix or file backing can also truncate it, and then an access beyond
/// the end raises SIGBUS here as in QEMU; a memfd is sealed against that.
class shared_memory {
 public:
  static result<shared_memory> create(const shared_memory_config& options);

  /// Maps a descriptor that a server sent, with the device's refusals and texts [behaviour 8]; in
  /// addition refuses sizes that are no power of two or above the maximum [behaviour 12].
  static result<shared_memory> adopt(unique_fd descriptor);

  shared_memory(shared_memory&& other) noexcept;
  shared_memory& operator=(shared_memory&& other) noexcept;
  ~shared_memory();

  std::uint8_t* data() const noexcept { return data_; }
  std::uint64_t size_bytes() const noexcept { return size_bytes_; }
  int descriptor() const noexcept { return descriptor_.get(); }  ///< -1 for anonymous
  /// Whether create() found it, with what was in it.
  bool existed() const noexcept { return existed_; }
  /// Leaves its name at the end, whatever was asked for.
  void keep_name() noexcept { remove_name_.clear(); }

 private:
  shared_memory() = default;
  static result<shared_memory> create_anonymous(std::uint64_t size_bytes);
  void swap(shared_memory& other) noexcept;

  std::uint8_t* data_ = nullptr;
  std::uint64_t size_bytes_ = 0;
  unique_fd descriptor_;
  std::string remove_name_;  // empty: leave it
  bool remove_posix_ = false;
  bool existed_ = false;
};

}  // namespace ivshmem
