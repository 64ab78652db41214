// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ivshmem::qtest {

/// Cuts a stream of bytes into JSON objects. What is nested too deep or too long is refused once,
/// and skipped to its end.
class object_splitter {
 public:
  static constexpr std::size_t most_nesting = 1024;        ///< [json-streamer.c:MAX_NESTING]
  static constexpr std::size_t most_bytes = 64ULL << 20U;  ///< [json-streamer.c:MAX_TOKEN_SIZE]

  void add(std::string_view bytes) { input_ += bytes; }
  void clear() { *this = {}; }
  /// The next whole object, empty while there is none. Throws user_error.
  std::string next();

 private:
  void refuse(const char* text);

  std::string input_;
  std::size_t at_ = 0;  // before it, all has been looked at
  std::size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool skipping_ = false;
};

}  // namespace ivshmem::qtest
