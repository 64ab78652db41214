// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>

namespace ivshmem::lockstep {

// What a request is, each as a coordinate of the cross.

enum class kind : std::uint8_t {
  memory_read,
  memory_write,
  poisoned_write,
  malformed,  ///< beyond 4 KiB, too long, or no TLP of any kind
  config_read,
  config_write,
  refused,  ///< type 1, I/O, locked, atomic, another function
  message,
};
inline constexpr std::size_t kinds = 8;

enum class place : std::uint8_t { bar0, bar1, bar2, crossing, nowhere };
inline constexpr std::size_t places = 5;

enum class size_class : std::uint8_t { nothing, part, dword, to_128, to_1024, to_4096 };
inline constexpr std::size_t size_classes = 6;

enum class alignment : std::uint8_t { dwords, bytes, holes };
inline constexpr std::size_t alignments = 3;

enum class stall_state : std::uint8_t { none, light, heavy };
inline constexpr std::size_t stall_states = 3;

enum class mask_state : std::uint8_t { off, masked, open };
inline constexpr std::size_t mask_states = 3;

struct coordinates {
  kind what{};
  place where{};
  size_class size{};
  alignment aligned{};
  stall_state stalls{};
  mask_state mask{};
};

/// Functional coverage: the cross product of the coordinates, without what cannot be.
class function_coverage {
 public:
  void hit(const coordinates& at) noexcept { ++bins_[index(at)]; }
  void add(const function_coverage& other) noexcept;
  /// Reads or writes all counts as text; false when `from` is not of this cross.
  bool load(std::istream& from);
  void save(std::ostream& to) const;

  std::size_t possible() const noexcept;
  std::size_t covered() const noexcept;
  double percent() const noexcept;
  /// A row for each kind and place: bins hit of those possible, requests.
  std::string table() const;
  /// Bins that were not hit, a line each.
  std::string missing() const;

 private:
  static constexpr std::size_t total =
      kinds * places * size_classes * alignments * stall_states * mask_states;

  static std::size_t index(const coordinates& at) noexcept;
  static coordinates at(std::size_t index) noexcept;
  static bool can_be(const coordinates& at) noexcept;

  std::array<std::uint64_t, total> bins_{};
};

}  // namespace ivshmem::lockstep
