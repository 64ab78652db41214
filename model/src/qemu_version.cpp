// SPDX-License-Identifier: Apache-2.0
//
// Which row of the table a version or a name means.
#include "ivshmem/model/qemu_version.h"

namespace ivshmem {

qemu_version followed_version(unsigned major, unsigned minor) noexcept {
  std::size_t found = 0;
  for (std::size_t i = 0; i < qemu_behaviours.size(); ++i) {
    const qemu_behaviour& row = qemu_behaviours[i];
    if (row.major < major || (row.major == major && row.minor <= minor)) {
      found = i;
    }
  }
  return static_cast<qemu_version>(found);
}

std::optional<qemu_version> parse_qemu_version(std::string_view name) noexcept {
  for (std::size_t i = 0; i < qemu_behaviours.size(); ++i) {
    if (qemu_behaviours[i].name == name) {
      return static_cast<qemu_version>(i);
    }
  }
  return std::nullopt;
}

}  // namespace ivshmem
