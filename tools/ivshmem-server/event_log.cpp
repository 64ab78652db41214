// SPDX-License-Identifier: Apache-2.0
//
// A log that nobody's reading speed can hold up.
#include "event_log.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "printable.h"

namespace ivshmem::tool {

namespace {

constexpr std::size_t most_waiting = 1U << 20U;
// A pipe or terminal that is ready takes so much without waiting [pipe(7)].
constexpr std::size_t most_at_once = _POSIX_PIPE_BUF;

bool is_ready(int descriptor) {
  pollfd entry{descriptor, POLLOUT, 0};
  return ::poll(&entry, 1, 0) == 1;
}

}  // namespace

void event_log::add(std::string_view line) {
  if (descriptor_ < 0) {
    return;
  }
  if (waiting_.size() > most_waiting) {
    ++left_out_;
    return;
  }
  if (left_out_ != 0) {
    waiting_ += fmt::format("{} lines are left out, nobody read them\n", left_out_);
    left_out_ = 0;
  }
  waiting_ += printable(line) + "\n";
  write();
}

void event_log::write() {
  while (!waiting_.empty() && descriptor_ >= 0 && is_ready(descriptor_)) {
    const ssize_t done =
        ::write(descriptor_, waiting_.data(), std::min(waiting_.size(), most_at_once));
    if (done >= 0) {
      waiting_.erase(0, static_cast<std::size_t>(done));
    } else if (errno == EAGAIN) {
      return;
    } else if (errno != EINTR) {
      descriptor_ = -1;
      waiting_.clear();
    }
  }
}

}  // namespace ivshmem::tool
