// SPDX-License-Identifier: Apache-2.0
//
// The texts of host errors.
#include "ivshmem/model/result.h"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "ivshmem/model/types.h"

namespace ivshmem {
namespace {

constexpr std::int64_t page_bytes = min_memory_bytes;

std::string reason(int os_errno) { return std::generic_category().message(os_errno); }

std::string hex(std::int64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

std::string memory_range_text() {
  return "a power of two from " + std::to_string(min_memory_bytes) + " to " +
         std::to_string(max_memory_bytes);
}

std::string socket_text(const host_error& error) {
  const std::string path = "socket path '" + error.subject + "'";
  switch (error.code) {
    case host_errc::socket_path_length:
      return path + " is " + std::to_string(error.value) + " bytes long: must be from 1 to 107";
    case host_errc::socket_path_taken:
      return path + " exists and is not a socket: must be an unused path or a dead server's socket";
    default:
      return path + ": another server answers there: each server needs its own path";
  }
}

// The device's own texts where it has one [behaviour 8].
std::string server_text(const host_error& error, qemu_version qemu) {
  const std::string value = std::to_string(error.value);
  switch (error.code) {
    case host_errc::server_closed:
      return "server closed the connection, " + value + " bytes into a message";
    case host_errc::server_silent:
      return "server did not finish the handshake within " + value + " ms";
    case host_errc::server_version:
      return "server sent version " + value + ", expecting 0";
    case host_errc::server_version_message:
      return "server sent invalid version message";
    case host_errc::server_id_message:
      return "server sent invalid ID message";
    case host_errc::server_message:
      return "server sent invalid message " + value;
    case host_errc::server_memory_message:
      if (const auto own = behaviour_of(qemu).missing_descriptor;
          error.os_errno == EBADF && !own.empty()) {
        return std::string(own);
      }
      return "can't determine size of shared memory sent by server: " + reason(error.os_errno);
    case host_errc::server_own_peer:
      return "invalid peer " + value;
    case host_errc::server_own_vector_early:
      return "server sent an eventfd for the device's own ID " + value +
             " before the shared memory";
    default:
      return "server sent a descriptor that this process cannot open: " + reason(error.os_errno) +
             "; raise the limit of open files";
  }
}

std::string page_multiple_text(const host_error& error, qemu_version qemu) {
  const std::string size = "backing store size " + hex(error.value);
  const std::string pages = hex((error.value + page_bytes - 1) / page_bytes * page_bytes);
  return behaviour_of(qemu).calls_memory_too_small
             ? "ivshmem.bar2 " + size + " is too small for 'size' option " + pages +
                   " plus 'offset' option 0x0"
             : size + " does not match 'size' option " + pages;
}

std::string memory_text(const host_error& error, qemu_version qemu) {
  const std::string where = error.subject.empty() ? "" : " of " + error.subject;
  const std::string size = "memory size " + std::to_string(error.value) + where;
  switch (error.code) {
    case host_errc::memory_empty:
      return "memory size 0x0 must be equal to or larger than page size " + hex(page_bytes);
    case host_errc::memory_page_multiple:
      return page_multiple_text(error, qemu);
    case host_errc::memory_range:
    case host_errc::memory_power_of_two:
      return size + ": must be " + memory_range_text();
    case host_errc::memory_huge_page_multiple:
      return size + " is not a multiple of the huge page size";
    case host_errc::memory_size_mismatch:
      return error.subject + " has " + std::to_string(error.value) +
             " bytes: must be the size asked for, or ask for size 0";
    case host_errc::memory_name:
      return "memory name '" + error.subject +
             "' cannot be used: must be a non-empty name, for shm one without '/' inside";
    case host_errc::memory_no_huge_pages:
      return size + ": not enough free huge pages: " + reason(error.os_errno) +
             "; reserve some in /proc/sys/vm/nr_hugepages";
    case host_errc::memory_not_hugetlbfs:
      return error.subject + " is not in a hugetlbfs mount";
    case host_errc::memory_in_use:
      return "memory '" + error.subject +
             "': another server hands it out: each server needs its own";
    case host_errc::memory_not_shareable:
      return "memory backing 'anonymous' cannot be handed to clients: must be memfd, posix, file "
             "or hugetlbfs";
    default:
      return "unable to map backing store for guest RAM: " + reason(error.os_errno);
  }
}

std::string driver_text(const host_error& error) {
  switch (error.code) {
    case host_errc::driver_device:
      return "ivshmem device " + std::to_string(error.value) +
             " is not on the bus: " + error.subject;
    case host_errc::driver_vector:
      return "vector " + std::to_string(error.value) +
             " is not in the MSI-X table: " + error.subject;
    default:
      return error.subject;
  }
}

}  // namespace

std::string to_string(const host_error& error, qemu_version qemu) {
  switch (error.code) {
    case host_errc::system_call:
      return error.subject + ": " + reason(error.os_errno);
    case host_errc::socket_path_length:
    case host_errc::socket_path_taken:
    case host_errc::socket_in_use:
      return socket_text(error);
    case host_errc::server_closed:
    case host_errc::server_silent:
    case host_errc::server_version:
    case host_errc::server_version_message:
    case host_errc::server_id_message:
    case host_errc::server_message:
    case host_errc::server_memory_message:
    case host_errc::server_own_peer:
    case host_errc::server_own_vector_early:
    case host_errc::server_descriptor_lost:
      return server_text(error, qemu);
    case host_errc::memory_empty:
    case host_errc::memory_page_multiple:
    case host_errc::memory_huge_page_multiple:
    case host_errc::memory_range:
    case host_errc::memory_power_of_two:
    case host_errc::memory_size_mismatch:
    case host_errc::memory_name:
    case host_errc::memory_map:
    case host_errc::memory_no_huge_pages:
    case host_errc::memory_not_hugetlbfs:
    case host_errc::memory_in_use:
    case host_errc::memory_not_shareable:
      return memory_text(error, qemu);
    case host_errc::driver_device:
    case host_errc::driver_room:
    case host_errc::driver_vector:
      return driver_text(error);
    case host_errc::vectors_range:
      return "vectors = " + std::to_string(error.value) + ": must be from 0 to " +
             std::to_string(max_vectors);
    case host_errc::clients_range:
      return "clients = " + std::to_string(error.value) + ": must be from 1 to " +
             std::to_string(max_peer_id + 1);
    case host_errc::queue_range:
      return "queue_messages = " + std::to_string(error.value) + ": must be 3 + vectors or more";
  }
  return "unknown error";
}

}  // namespace ivshmem
