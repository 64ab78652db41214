// SPDX-License-Identifier: Apache-2.0
//
// Shared memory: opening, checking, sealing and mapping it.
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "ivshmem/model/shared_memory.h"

namespace ivshmem {
namespace {

constexpr mode_t new_file_mode = 0600;

constexpr bool is_power_of_two(std::uint64_t value) { return (value & (value - 1)) == 0; }

std::string quoted(const std::string& name) { return name.empty() ? "" : "'" + name + "'"; }

host_error size_error(host_errc code, std::uint64_t size_bytes, std::string subject,
                      int os_errno = 0) {
  return {code, os_errno, static_cast<std::int64_t>(size_bytes), std::move(subject)};
}

host_error system_error(const char* call, const std::string& name) {
  const int os_errno = errno;
  return {host_errc::system_call, os_errno, 0, std::string(call) + " " + quoted(name)};
}

result<void> check_size(std::uint64_t size_bytes, const std::string& subject) {
  if (size_bytes < min_memory_bytes || size_bytes > max_memory_bytes) {
    return size_error(host_errc::memory_range, size_bytes, subject);
  }
  if (!is_power_of_two(size_bytes)) {
    return size_error(host_errc::memory_power_of_two, size_bytes, subject);
  }
  return {};
}

result<std::uint64_t> size_of(int descriptor, const std::string& name) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) {
    return system_error("stat", name);
  }
  return static_cast<std::uint64_t>(status.st_size);
}

struct opened {
  unique_fd descriptor;
  bool created = false;
};

int open_named(const shared_memory_config& options, int flags) {
  if (options.backing == memory_backing::posix) {
    return ::shm_open(options.name.c_str(), flags, new_file_mode);
  }
  return ::open(options.name.c_str(), flags, new_file_mode);
}

// Creating first and opening second says without a race who created the name.
result<opened> open_named(const shared_memory_config& options) {
  const int flags = O_RDWR | O_CLOEXEC;
  if (options.open != memory_open::existing) {
    unique_fd descriptor{open_named(options, flags | O_CREAT | O_EXCL)};
    if (descriptor) {
      return opened{std::move(descriptor), true};
    }
    if (errno != EEXIST || options.open == memory_open::create) {
      return system_error("create memory", options.name);
    }
  }
  unique_fd descriptor{open_named(options, flags)};
  if (!descriptor) {
    return system_error("open memory", options.name);
  }
  return opened{std::move(descriptor), false};
}

result<opened> open_memfd(const shared_memory_config& options) {
  unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  if (options.backing == memory_backing::hugetlbfs) {
    flags |= MFD_HUGETLB;
  }
  const std::string label = options.name.empty() ? "ivshmem" : options.name;
  unique_fd descriptor{::memfd_create(label.c_str(), flags)};
  if (!descriptor) {
    return system_error("memfd_create", label);
  }
  return opened{std::move(descriptor), true};
}

bool is_memfd(const shared_memory_config& options) {
  return options.backing == memory_backing::memfd ||
         (options.backing == memory_backing::hugetlbfs && options.name.empty());
}

result<void> check_name(const shared_memory_config& options) {
  if (is_memfd(options)) {
    return {};
  }
  const bool posix = options.backing == memory_backing::posix;
  if (options.name.empty() || (posix && options.name.find('/', 1) != std::string::npos)) {
    return host_error{host_errc::memory_name, 0, 0, options.name};
  }
  return {};
}

// Gives a new (or empty) object its size and returns the size it has then.
result<std::uint64_t> settle_size(const shared_memory_config& options, const opened& object) {
  const auto found = size_of(object.descriptor.get(), options.name);
  if (!found) {
    return found.error();
  }
  const bool fill = object.created || (*found == 0 && options.open == memory_open::create_or_open);
  const std::uint64_t wanted = options.size_bytes != 0 || fill ? options.size_bytes : *found;
  if (auto good = check_size(wanted, quoted(options.name)); !good) {
    return good.error();
  }
  if (!fill && *found != wanted) {
    return size_error(
        host_errc::memory_size_mismatch, *found,
        "memory " + quoted(options.name) + " (asked for: " + std::to_string(wanted) + ")");
  }
  if (fill && ::ftruncate(object.descriptor.get(), static_cast<off_t>(wanted)) != 0) {
    return errno == EINVAL && options.backing == memory_backing::hugetlbfs
               ? size_error(host_errc::memory_huge_page_multiple, wanted, quoted(options.name))
               : system_error("set size of memory", options.name);
  }
  return wanted;
}

result<void> check_hugetlbfs(int descriptor, const std::string& name) {
  struct statfs file_system {};
  if (::fstatfs(descriptor, &file_system) != 0) {
    return system_error("statfs", name);
  }
  if (file_system.f_type != HUGETLBFS_MAGIC) {
    return host_error{host_errc::memory_not_hugetlbfs, 0, 0, quoted(name)};
  }
  return {};
}

result<void> seal(int descriptor, const std::string& name) {
  // F_SEAL_SEAL: nor may a peer forbid writing to those who come later.
  if (::fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    return system_error("seal memory", name);
  }
  return {};
}

result<std::uint8_t*> map(int descriptor, std::uint64_t size_bytes, int flags) {
  void* address = ::mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, flags, descriptor, 0);
  if (address == MAP_FAILED) {
    return size_error(host_errc::memory_map, size_bytes, {}, errno);
  }
  return static_cast<std::uint8_t*>(address);
}

}  // namespace

result<shared_memory> shared_memory::create(const shared_memory_config& options) {
  if (options.backing == memory_backing::anonymous) {
    return create_anonymous(options.size_bytes);
  }
  // Before anything is made, so that a wrong size or name leaves nothing behind.
  if (options.size_bytes != 0) {
    if (auto good = check_size(options.size_bytes, quoted(options.name)); !good) {
      return good.error();
    }
  }
  if (auto good = check_name(options); !good) {
    return good.error();
  }
  auto object = is_memfd(options) ? open_memfd(options) : open_named(options);
  if (!object) {
    return object.error();
  }

  shared_memory memory;
  if (object->created && !is_memfd(options)) {
    memory.remove_name_ = options.name;  // whatever is asked for, until nothing can fail any more
    memory.remove_posix_ = options.backing == memory_backing::posix;
  }
  const int descriptor = object->descriptor.get();
  const bool huge = options.backing == memory_backing::hugetlbfs;
  if (huge) {
    if (auto good = check_hugetlbfs(descriptor, options.name); !good) {
      return good.error();
    }
  }
  const auto size_bytes = settle_size(options, *object);
  if (!size_bytes) {
    return size_bytes.error();
  }
  if (is_memfd(options)) {
    if (auto good = seal(descriptor, options.name); !good) {
      return good.error();
    }
  }
  const bool is_private = options.backing == memory_backing::file && options.is_private;
  const auto data = map(descriptor, *size_bytes, is_private ? MAP_PRIVATE : MAP_SHARED);
  if (!data) {
    return huge && data.error().os_errno == ENOMEM
               ? size_error(host_errc::memory_no_huge_pages, *size_bytes, {}, ENOMEM)
               : data.error();
  }
  memory.data_ = *data;
  memory.size_bytes_ = *size_bytes;
  memory.descriptor_ = std::move(object->descriptor);
  memory.existed_ = !object->created;
  if (!options.remove) {
    memory.remove_name_.clear();
  }
  return memory;
}

result<shared_memory> shared_memory::create_anonymous(std::uint64_t size_bytes) {
  if (auto good = check_size(size_bytes, "'anonymous'"); !good) {
    return good.error();
  }
  const auto data = map(-1, size_bytes, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE);
  if (!data) {
    return data.error();
  }
  shared_memory memory;
  memory.data_ = *data;
  memory.size_bytes_ = size_bytes;
  return memory;
}

result<shared_memory> shared_memory::adopt(unique_fd descriptor) {
  const auto found = size_of(descriptor.get(), "server's memory");
  if (!found) {
    return host_error{host_errc::server_memory_message, found.error().os_errno, 0, {}};
  }
  const std::uint64_t size_bytes = *found;
  if (size_bytes == 0) {
    return size_error(host_errc::memory_empty, size_bytes, {});
  }
  if (size_bytes % min_memory_bytes != 0) {
    return size_error(host_errc::memory_page_multiple, size_bytes, {});
  }
  // The device maps first: a read-only descriptor is refused as such whatever its size.
  const auto data = map(descriptor.get(), size_bytes, MAP_SHARED);
  if (!data) {
    return data.error();
  }
  shared_memory memory;
  memory.data_ = *data;
  memory.size_bytes_ = size_bytes;
  memory.descriptor_ = std::move(descriptor);
  if (auto good = check_size(size_bytes, "server's memory"); !good) {
    return good.error();
  }
  return memory;
}

shared_memory::shared_memory(shared_memory&& other) noexcept { swap(other); }

shared_memory& shared_memory::operator=(shared_memory&& other) noexcept {
  shared_memory taken{std::move(other)};
  swap(taken);
  return *this;
}

shared_memory::~shared_memory() {
  if (data_ != nullptr) {
    ::munmap(data_, size_bytes_);
  }
  if (!remove_name_.empty()) {
    remove_posix_ ? ::shm_unlink(remove_name_.c_str()) : ::unlink(remove_name_.c_str());
  }
}

void shared_memory::swap(shared_memory& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_bytes_, other.size_bytes_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(remove_name_, other.remove_name_);
  std::swap(remove_posix_, other.remove_posix_);
  std::swap(existed_, other.existed_);
}

}  // namespace ivshmem
