// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ivshmem {

/// What values a parameter has.
enum class parameter_kind : std::uint8_t {
  flag,          ///< 0 or 1
  number,        ///< from `least` to `most`
  power_of_two,  ///< one from `least` to `most`, which are powers of two
  choice,        ///< the index of one of `choices`
  duration,      ///< femtoseconds, from `least` on
};

/// `most` of a number that has no limit of its own: what its member of 32 bits holds.
inline constexpr std::uint64_t no_limit = 0xffff'ffff;

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

/// What a parameter takes, and the texts that say so. A value is a number whatever its kind: see
/// parameter_kind. Tables of them: property_table, and rows_of() for the parts of a platform.
struct parameter {
  std::string_view name;
  parameter_kind kind;
  std::uint64_t least;            ///< inclusive
  std::uint64_t most;             ///< inclusive
  name_list choices;              ///< of the kind `choice`
  std::string_view text;          ///< what it decides, one line
  std::string_view refusal = {};  ///< words of QEMU before what must be

  bool is_allowed(std::uint64_t value) const noexcept;
  /// Whether it has no upper limit of its own.
  bool is_open() const noexcept;
  /// `on`, `16`, `4 ns` or `doorbell`; the number of a choice that does not exist.
  std::string value_text(std::uint64_t value) const;
  /// What it takes: `on, off`, `1 to 2048`, `1 or more`, `8, 16, 32` or `plain, doorbell, legacy`.
  std::string allowed() const;
  /// `must be from 1 to 2048`, after the words of `refusal`.
  std::string rule() const;
  /// The value that a name means, of the kind `choice`.
  std::optional<std::uint64_t> choice(std::string_view value) const noexcept;
};

}  // namespace ivshmem
