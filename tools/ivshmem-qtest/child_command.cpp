// SPDX-License-Identifier: Apache-2.0
//
// Runs a shell command and talks to it.
#include "child_command.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "host_wait.h"
#include "ivshmem/model/host_poll_set.h"
#include "option_text.h"

namespace ivshmem::qtest {

namespace {

/// The command has the signals of a program that a shell starts, not those of this one.
int spawn(pid_t* child, const std::string& command, int given, int as) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&files, given, as);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigaddset(&signals, SIGPIPE);
  sigaddset(&signals, SIGXFSZ);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::array<std::string, 3> words{"sh", "-c", command};
  std::array<char*, 4> arguments{words[0].data(), words[1].data(), words[2].data(), nullptr};
  const int error = posix_spawn(child, "/bin/sh", &files, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return error;
}

}  // namespace

child_command::child_command(const std::string& command, direction way) {
  std::array<int, 2> ends{};
  int error = ::pipe2(ends.data(), O_CLOEXEC) == 0 ? 0 : errno;
  if (error == 0) {
    const bool writes = way == direction::to_command;
    pipe_.reset(ends[writes ? 1 : 0]);
    const unique_fd theirs(ends[writes ? 0 : 1]);
    set_non_blocking(pipe_.get());
    error = spawn(&child_, command, theirs.get(), writes ? STDIN_FILENO : STDOUT_FILENO);
  }
  if (error != 0) {
    throw user_error("cannot run '" + command + "': " + std::generic_category().message(error));
  }
}

child_command::~child_command() {
  if (child_ > 0) {
    ::kill(child_, SIGTERM);
    ::waitpid(child_, nullptr, WNOHANG);
  }
}

bool child_command::write(std::string_view data) {
  while (!data.empty()) {
    const ssize_t done = ::write(pipe_.get(), data.data(), data.size());
    if (done > 0) {
      data.remove_prefix(static_cast<std::size_t>(done));
    } else if (errno == EAGAIN) {
      wait_for(pipe_.get(), POLLOUT);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

std::string child_command::read() {
  std::string text;
  std::array<char, 65536> block{};
  for (;;) {
    const ssize_t got = ::read(pipe_.get(), block.data(), block.size());
    if (got > 0) {
      text.append(block.data(), static_cast<std::size_t>(got));
    } else if (got < 0 && errno == EAGAIN) {
      wait_for(pipe_.get(), POLLIN);
    } else if (got == 0 || errno != EINTR) {
      return text;
    }
  }
}

bool child_command::finish() {
  pipe_.reset();
  const unique_fd ending(static_cast<int>(::syscall(SYS_pidfd_open, child_, 0)));
  if (ending) {
    wait_for(ending.get(), POLLIN);
  }
  int status = 0;
  while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
  }
  child_ = -1;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace ivshmem::qtest
