// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ivshmem/model/parameter.h"
#include "ivshmem/model/properties.h"
#include "ivshmem/model/types.h"

namespace ivshmem {

/// A set of variants, a bit for each.
enum class variant_set : std::uint8_t {
  every = 0b111,
  with_peers = 0b110,
  legacy_only = 0b100,
};

constexpr bool holds(variant_set set, device_variant variant) noexcept {
  return (static_cast<unsigned>(set) >> static_cast<unsigned>(variant) & 1U) != 0;
}

/// One property of the device.
///
/// The default is that of device_properties. Checks and their texts, scenario files, the options of
/// ivshmem-qtest, the parameters of CCI and docs/properties.md are made from these rows.
struct property_row : parameter {
  variant_set variants;  ///< those in which it means something
  bool of_qemu;          ///< QEMU's device has it under this name
  std::uint64_t (*get)(const device_properties&) noexcept;
  void (*set)(device_properties&, std::uint64_t) noexcept;

  using parameter::value_text;
  std::string value_text(const device_properties& of) const { return value_text(get(of)); }
};

/// The rows, in the order of device_properties' values: a default may depend on what is before it.
enum class property : std::uint8_t {
  variant,
  msi,
  vectors,
  ioeventfd,
  master,
  irq_path,
  qemu,
  express,
  hot_plugged,
};
extern const std::array<property_row, 9> property_table;

inline const property_row& row_of(property of) noexcept {
  return property_table[static_cast<std::size_t>(of)];
}

/// The row of this name, or nullptr.
const property_row* find_property(std::string_view name) noexcept;

/// The value of a property that nobody gave; `given` has those before it in the table, and else the
/// defaults. It is the one in `given`, but off for the ioeventfd of a device with INTx, which
/// cannot have it.
std::uint64_t default_value(const property_row& row, const device_properties& given) noexcept;

}  // namespace ivshmem
