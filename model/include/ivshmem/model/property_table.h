// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ivshmem/model/properties.h"
#include "ivshmem/model/result.h"
#include "ivshmem/model/types.h"

namespace ivshmem {

/// What values a property has.
enum class property_kind : std::uint8_t {
  flag,    ///< 0 or 1
  number,  ///< from `least` to `most`
  choice,  ///< the index of one of `choices`
};

/// Names in the order of their enumerators.
class name_list {
 public:
  constexpr name_list() noexcept = default;
  template <std::size_t N>
  constexpr explicit name_list(const std::array<std::string_view, N>& names) noexcept
      : first_(names.data()), size_(N) {}

  constexpr const std::string_view* begin() const noexcept { return first_; }
  constexpr const std::string_view* end() const noexcept { return first_ + size_; }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr std::string_view operator[](std::size_t i) const noexcept { return first_[i]; }

 private:
  const std::string_view* first_ = nullptr;
  std::size_t size_ = 0;
};

/// A set of variants, a bit for each.
enum class variant_set : std::uint8_t {
  every = 0b111,
  with_peers = 0b110,
  legacy_only = 0b100,
};

constexpr bool holds(variant_set set, device_variant variant) noexcept {
  return (static_cast<unsigned>(set) >> static_cast<unsigned>(variant) & 1U) != 0;
}

/// One property of the device. A value is a number whatever its kind: see property_kind.
///
/// The default is that of device_properties. Checks and their texts, scenario files, the options of
/// ivshmem-qtest, the parameters of CCI and docs/properties.md are made from these rows.
struct property_row {
  std::string_view name;
  property_kind kind;
  variant_set variants;  ///< those in which it means something
  bool of_qemu;          ///< QEMU's device has it under this name
  std::uint64_t least;   ///< of the kind `number`, inclusive
  std::uint64_t most;    ///< of the kind `number`, inclusive
  name_list choices;     ///< of the kind `choice`
  std::uint64_t (*get)(const device_properties&) noexcept;
  void (*set)(device_properties&, std::uint64_t) noexcept;
  std::string_view refusal;  ///< words of QEMU before what must be; may be empty
  std::string_view text;     ///< what it decides, one line

  bool is_allowed(std::uint64_t value) const noexcept;
  /// `on`, `16` or `doorbell`; the number of a choice that does not exist.
  std::string value_text(std::uint64_t value) const;
  std::string value_text(const device_properties& of) const { return value_text(get(of)); }
  /// What it takes: `on, off`, `1 to 2048` or `plain, doorbell, legacy`.
  std::string allowed() const;
  /// `must be from 1 to 2048`, after the words of `refusal`.
  std::string rule() const;
  /// The value that a name means, of the kind `choice`.
  std::optional<std::uint64_t> choice(std::string_view value) const noexcept;
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
