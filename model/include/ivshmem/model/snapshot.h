// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "ivshmem/model/device.h"
#include "ivshmem/model/result.h"

namespace ivshmem {

/// Why a snapshot was not saved or loaded. After a failed load the device is as it was.
struct snapshot_error {
  enum class kind : std::uint8_t {
    no_device,       ///< the place is empty
    not_master,      ///< the device is a peer: the real one refuses too
    not_a_snapshot,  ///< wrong magic
    version,         ///< written by another version: `read` and `expected`
    variant,         ///< written by another device variant
    vectors,         ///< number of vectors differs
    memory_size,     ///< size of the shared memory in bytes differs
    config,          ///< read-only byte `offset` of configuration space differs
    truncated,       ///< the stream ended or failed
    page,            ///< a page number or its order is wrong
  };
  kind what;
  std::uint64_t read = 0;
  std::uint64_t expected = 0;
  std::uint32_t offset = 0;

  /// One line; the wording of the real device where it has one [behaviour 11].
  std::string text() const;
};

/// Version of the format that save() writes and load() accepts.
inline constexpr std::uint32_t snapshot_version = 1;

/// Writes what the device's migration stream holds: configuration space, IntrMask, IntrStatus,
/// MSI-X table and pending bits, and the shared memory without its zero pages. ID and peers are the
/// server's and are not in it. Format: little endian, docs/snapshot.md.
result<void, snapshot_error> save(const device& from, std::ostream& out);

/// Reads a snapshot into `into`, which keeps its ID and peers. Everything is checked before
/// anything changes; the shared memory is replaced, so all its users see the saved contents.
result<void, snapshot_error> load(device& into, std::istream& in);

}  // namespace ivshmem
