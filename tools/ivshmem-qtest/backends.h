// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "host_channel.h"
#include "ivshmem/model/result.h"
#include "ivshmem/model/shared_memory.h"
#include "option_text.h"

namespace ivshmem::qtest {

/// -chardev: what a device or monitor talks to.
struct chardev {
  std::string id;
  std::optional<host_channel> channel;  ///< a socket, unless it has been handed on
  bool is_server = false;               ///< listening: no ivshmem server can be behind it
  bool is_null = false;
  bool in_use = false;
};

/// -object memory-backend-*: what is behind BAR2.
struct memory_object {
  memory_object() = default;
  memory_object(memory_object&&) = default;
  memory_object& operator=(memory_object&&) = delete;
  ~memory_object();

  std::string id;
  std::string kind;  ///< QOM type
  std::uint64_t bytes = 0;
  std::optional<result<shared_memory>> memory;  ///< none of an object that is no memory
  bool in_use = false;
  bool discard = false;  ///< the contents go with the object

  bool is_memory() const { return kind != "iothread"; }
};

/// Everything that devices refer to by name. All functions throw user_error with QEMU's wording.
class backends {
 public:
  void add_chardev(option_text option);
  void add_object(option_text option);
  void remove_chardev(const std::string& id);
  void remove_object(const std::string& id);

  /// nullptr: no such name. Pointers stay valid until the thing is removed.
  chardev* find_chardev(const std::string& id);
  memory_object* find_object(const std::string& id);

 private:
  std::map<std::string, chardev> chardevs_;
  std::map<std::string, memory_object> objects_;
};

}  // namespace ivshmem::qtest
