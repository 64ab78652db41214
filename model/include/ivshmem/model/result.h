// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "ivshmem/model/qemu_version.h"

namespace ivshmem {

/// What went wrong on the host's side: one enumerator per kind of mistake, never a guest's.
/// The comment says what `host_error::value` holds where it is used.
enum class host_errc {
  system_call,  ///< `subject` names the call and its object, `os_errno` the reason

  socket_path_length,  ///< length in bytes
  socket_path_taken,   ///< the path exists and is no socket
  socket_in_use,       ///< another server answers there

  server_closed,            ///< end of stream; bytes of the unfinished message, 0..7
  server_silent,            ///< the time-out in milliseconds
  server_version,           ///< the version received
  server_version_message,   ///< the version came with a descriptor
  server_id_message,        ///< the number received
  server_message,           ///< the number received
  server_memory_message,    ///< the shared memory came without a usable descriptor
  server_own_peer,          ///< own ID announced as gone; the ID
  server_own_vector_early,  ///< own vector before the shared memory; the ID
  server_descriptor_lost,   ///< this process may not open more descriptors

  memory_empty,               ///< 0
  memory_page_multiple,       ///< size in bytes
  memory_huge_page_multiple,  ///< size in bytes
  memory_range,               ///< size in bytes
  memory_power_of_two,        ///< size in bytes
  memory_size_mismatch,       ///< size in bytes of what exists; `subject` holds the size asked for
  memory_name,                ///< `subject` is the name
  memory_map,                 ///< size in bytes
  memory_no_huge_pages,       ///< size in bytes
  memory_not_hugetlbfs,       ///< `subject` is the path
  memory_in_use,              ///< another server has it
  memory_not_shareable,       ///< anonymous memory cannot be handed to another process

  driver_device,  ///< index asked for; `subject` says which there are
  driver_room,    ///< `subject` is what enumeration said
  driver_vector,  ///< vector asked for; `subject` says which there are

  vectors_range,  ///< vectors asked for
  clients_range,  ///< clients asked for
  queue_range,    ///< messages asked for
};

/// A typed error: what, where, with which value.
struct host_error {
  host_errc code;
  int os_errno = 0;        ///< 0 when the operating system has no part in it
  std::int64_t value = 0;  ///< see host_errc
  std::string subject;     ///< path or property, empty when the text needs none
};

/// One line without a line end: what, where, the value and what it must be. For a server's mistake
/// the text is the device's own [behaviour 8, 13].
std::string to_string(const host_error& error, qemu_version qemu = qemu_version::v7_2);

/// What became of a call: its value, or the error that says why there is none. True means success,
/// here and everywhere. Asking for the one that is not there is a programming error.
///
/// A function that can be refused returns this and nothing else (a mere bool where there is no more
/// to say), so a caller that ignores the outcome is warned by the compiler.
template <class T, class E = host_error>
class [[nodiscard]] result {
  static_assert(!std::is_same_v<T, E>, "value and error must be told apart by their types");

 public:
  result(T value) : state_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  result(E error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const noexcept { return std::holds_alternative<T>(state_); }
  explicit operator bool() const noexcept { return ok(); }

  T& value() & noexcept { return *checked_value(); }
  const T& value() const& noexcept {
    assert(ok());
    return *std::get_if<T>(&state_);
  }
  T&& value() && noexcept { return std::move(*checked_value()); }

  T& operator*() & noexcept { return value(); }
  const T& operator*() const& noexcept { return value(); }
  T&& operator*() && noexcept { return std::move(*this).value(); }
  T* operator->() noexcept { return checked_value(); }
  const T* operator->() const noexcept { return &value(); }

  const E& error() const noexcept {
    assert(!ok());
    return *std::get_if<E>(&state_);
  }

 private:
  T* checked_value() noexcept {
    assert(ok());
    return std::get_if<T>(&state_);
  }

  std::variant<T, E> state_;
};

/// Success without a value, which a default-constructed one is, or an error.
template <class E>
class [[nodiscard]] result<void, E> {
 public:
  result() = default;
  result(E error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const noexcept { return !error_.has_value(); }
  explicit operator bool() const noexcept { return ok(); }

  const E& error() const noexcept {
    assert(!ok());
    return *error_;
  }

 private:
  std::optional<E> error_;
};

}  // namespace ivshmem
