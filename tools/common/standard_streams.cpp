// SPDX-License-Identifier: Apache-2.0
//
// Standard output and error, also closed, full or without a reader.
#include "standard_streams.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <system_error>

#include "printable.h"

namespace ivshmem::tool {

namespace {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): of the one standard output
int first_error = 0;

}  // namespace

void hold_standard_streams() noexcept {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) < 0) {
      // The lowest free number is `descriptor`. Write-only for input and read-only for output, so
      // that using it is an error, as it is with a closed one.
      const int flags = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY;
      static_cast<void>(open("/dev/null", flags));
    }
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void print_error(std::string_view text) {
  const std::string line = printable(text) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void print(std::string_view text) {
  while (!text.empty() && first_error == 0) {
    const ssize_t done = write(STDOUT_FILENO, text.data(), text.size());
    if (done >= 0) {
      text.remove_prefix(static_cast<std::size_t>(done));
    } else if (errno != EINTR) {
      first_error = errno;
    }
  }
}

int flush_standard_output(std::string_view program, int code) {
  errno = 0;
  std::cout.flush();
  const bool flushed = std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout.good();
  const int reason = first_error != 0 ? first_error : errno;
  if (flushed && first_error == 0) {
    return code;
  }
  print_error(fmt::format("{}: standard output could not be written{}", program,
                          reason == 0 ? "" : ": " + std::generic_category().message(reason)));
  return code == 0 ? 1 : code;
}

}  // namespace ivshmem::tool
