// SPDX-License-Identifier: Apache-2.0
//
// Where a run writes to: files that appear when they are whole, and everything else in place.
#include "output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

#include "interruption.h"

namespace ivshmem::sim {

namespace {

constexpr mode_t new_file_mode = 0666;  // less what umask takes
constexpr unsigned most_links = 40;     // as the kernel follows

/// Names of temporary files, for the signal handler: fixed places that are never moved. Written
/// name first, and emptied by their first byte.
constexpr std::size_t most_outputs = 8;
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
std::array<std::array<char, PATH_MAX>, most_outputs> unfinished{};

void remember(const std::string& name) {
  for (auto& place : unfinished) {
    if (place[0] == '\0' && name.size() < place.size()) {
      std::memcpy(place.data() + 1, name.data() + 1, name.size());
      place[0] = name[0];
      return;
    }
  }
}

void forget(const std::string& name) {
  for (auto& place : unfinished) {
    if (name == place.data()) {
      place[0] = '\0';
    }
  }
}

std::string reason_text(int number) { return std::generic_category().message(number); }

file_identity identity_of(const struct stat& status) {
  constexpr unsigned memory_major = 1;  // [Linux admin-guide/devices]
  constexpr unsigned null_minor = 3;
  file_identity found;
  found.device = status.st_dev;
  found.number = status.st_ino;
  found.is_known = true;
  found.is_bin = S_ISCHR(status.st_mode) && status.st_rdev == makedev(memory_major, null_minor);
  return found;
}

/// `name` with symbolic links of its last part followed, also to a file that does not exist.
std::string follow(const std::string& name) {
  std::filesystem::path path = name;
  std::error_code error;
  for (unsigned i = 0; i < most_links && std::filesystem::is_symlink(path, error); ++i) {
    const std::filesystem::path to = std::filesystem::read_symlink(path, error);
    path = path.parent_path() / to;
  }
  return path.string();
}

}  // namespace

bool file_identity::same_as(const file_identity& other) const noexcept {
  return is_known && other.is_known && !(is_bin && other.is_bin) && device == other.device &&
         number == other.number && new_name == other.new_name;
}

file_identity identify(const std::string& name) {
  struct stat status {};
  if (::stat(name.c_str(), &status) == 0) {
    return identity_of(status);
  }
  const std::filesystem::path path = follow(name);
  const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
  if (::stat(folder.c_str(), &status) != 0) {
    return {};
  }
  file_identity found = identity_of(status);
  found.new_name = path.filename().string();
  return found;
}

file_identity identify(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 ? identity_of(status) : file_identity{};
}

output_file::buffer::buffer() { setp(data_.data(), data_.data() + data_.size()); }

std::streambuf::int_type output_file::buffer::overflow(int_type next) {
  if (sync() != 0) {
    return traits_type::eof();
  }
  if (!traits_type::eq_int_type(next, traits_type::eof())) {
    *pptr() = traits_type::to_char_type(next);
    pbump(1);
  }
  return traits_type::not_eof(next);
}

int output_file::buffer::sync() {
  const char* from = pbase();
  while (from != pptr() && error == 0) {
    const ssize_t done = ::write(descriptor.get(), from, static_cast<std::size_t>(pptr() - from));
    if (done >= 0) {
      from += done;
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  setp(data_.data(), data_.data() + data_.size());
  return error == 0 ? 0 : -1;
}

output_file::output_file(std::string name) : name_(std::move(name)) { open(); }

void output_file::open() {
  target_ = follow(name_);
  struct stat status {};
  const bool exists = ::stat(name_.c_str(), &status) == 0;
  if (!exists && errno != ENOENT) {
    refusal_ = reason_text(errno);
    return;
  }
  if (exists && S_ISDIR(status.st_mode)) {
    refusal_ = reason_text(EISDIR);
    return;
  }
  is_regular_ = !exists || S_ISREG(status.st_mode);
  if (exists && take_standard_stream()) {
    return;
  }
  const bool is_own = exists && is_regular_ && status.st_nlink == 1 &&
                      status.st_uid == ::geteuid() && ::access(name_.c_str(), W_OK) == 0;
  if (!exists || is_own) {
    if (open_beside(exists ? &status : nullptr)) {
      return;
    }
    if (!exists) {
      refusal_ = reason_text(errno);
      return;
    }
  }
  const bool is_pipe = exists && S_ISFIFO(status.st_mode);
  const int flags = O_WRONLY | O_CLOEXEC | O_NOCTTY | (is_pipe ? O_NONBLOCK : 0);
  buffer_.descriptor.reset(::open(name_.c_str(), flags));
  // Not a wait in open(): a signal that comes just before it would not end that.
  while (is_pipe && !buffer_.descriptor && errno == ENXIO) {
    end_if_interrupted();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    buffer_.descriptor.reset(::open(name_.c_str(), flags));
  }
  if (!buffer_.descriptor) {
    refusal_ = reason_text(errno);
  } else if (is_pipe) {
    ::fcntl(buffer_.descriptor.get(), F_SETFL, O_WRONLY);
  }
}

bool output_file::take_standard_stream() {
  const file_identity wanted = identify(name_);
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    if (!wanted.is_bin && wanted.same_as(identify(stream)) &&
        (::fcntl(stream, F_GETFL) & O_ACCMODE) != O_RDONLY) {
      buffer_.descriptor.reset(::fcntl(stream, F_DUPFD_CLOEXEC, 3));
      is_standard_output_ = stream == STDOUT_FILENO;
      is_shared_ = true;
      return static_cast<bool>(buffer_.descriptor);
    }
  }
  return false;
}

bool output_file::open_beside(const struct ::stat* old) {
  const std::filesystem::path target = target_;
  if (target.filename().empty() || target.filename().string().size() > NAME_MAX) {
    errno = target.filename().empty() ? EISDIR : ENAMETOOLONG;
    return false;
  }
  // Not made of the target's name, which may be as long as a name can be.
  const std::filesystem::path folder = target.parent_path();
  for (unsigned i = 0; i < 1000; ++i) {
    const std::string beside =
        (folder / fmt::format(".ivshmem-sim.{}.{}.part", ::getpid(), i)).string();
    buffer_.descriptor.reset(
        ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, new_file_mode));
    if (buffer_.descriptor) {
      temporary_ = beside;
      remember(beside);
      const int made = buffer_.descriptor.get();
      if (old != nullptr && (::fchown(made, static_cast<uid_t>(-1), old->st_gid) != 0 ||
                             ::fchmod(made, old->st_mode & 07777U) != 0)) {
        discard();
        return false;
      }
      return true;
    }
    if (errno != EEXIST) {
      break;
    }
  }
  return false;
}

void output_file::begin() {
  if (temporary_.empty() && is_regular_ && !is_shared_ &&
      ::ftruncate(buffer_.descriptor.get(), 0) != 0) {
    buffer_.error = errno;
    stream_.setstate(std::ios::badbit);
  }
}

std::string output_file::keep() {
  stream_.flush();
  int error = buffer_.error;
  if (::close(buffer_.descriptor.release()) != 0 && error == 0) {
    error = errno;  // where a network file system tells of a full disk
  }
  if (!temporary_.empty()) {
    if (error == 0 && std::rename(temporary_.c_str(), target_.c_str()) != 0) {
      error = errno;
    }
    if (error == 0) {
      forget(temporary_);
      temporary_.clear();
    }
    discard();
  }
  return error == 0 ? "" : reason_text(error);
}

void output_file::discard() {
  if (!temporary_.empty()) {
    ::unlink(temporary_.c_str());
    forget(temporary_);
    temporary_.clear();
  }
}

output_file::~output_file() { discard(); }

void remove_unfinished_outputs() noexcept {
  for (const auto& place : unfinished) {
    if (place[0] != '\0') {
      ::unlink(place.data());
    }
  }
}

}  // namespace ivshmem::sim
