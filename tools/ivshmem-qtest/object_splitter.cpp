// SPDX-License-Identifier: Apache-2.0
//
// Where a JSON object of a stream ends.
#include "object_splitter.h"

#include <utility>

#include "option_text.h"

namespace ivshmem::qtest {

std::string object_splitter::next() {
  while (at_ < input_.size()) {
    const char c = input_[at_++];
    if (in_string_) {
      in_string_ = escaped_ || c != '"';
      escaped_ = !escaped_ && c == '\\';
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      if (++depth_ > most_nesting && !skipping_) {
        refuse("JSON nesting depth limit exceeded");
      }
    } else if ((c == '}' || c == ']') && depth_ != 0 && --depth_ == 0) {
      std::string object = input_.substr(0, at_);
      input_.erase(0, std::exchange(at_, 0));
      if (!std::exchange(skipping_, false)) {
        return object;
      }
    }
    if (at_ > most_bytes && !skipping_) {
      refuse("JSON token size limit exceeded");
    }
  }
  const bool is_blank =
      depth_ == 0 && !in_string_ && input_.find_first_not_of(" \t\r\n") == std::string::npos;
  if (skipping_ || is_blank) {
    input_.clear();
    at_ = 0;
  }
  return "";
}

void object_splitter::refuse(const char* text) {
  skipping_ = depth_ != 0;
  input_.erase(0, std::exchange(at_, 0));
  throw user_error(text);
}

}  // namespace ivshmem::qtest
