// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ivshmem::sim {

/// Simulated time in picoseconds, the resolution of the simulation.
using picoseconds = std::uint64_t;

inline constexpr picoseconds nanosecond = 1'000;
inline constexpr picoseconds microsecond = 1'000'000;
inline constexpr picoseconds second = 1'000'000'000'000;

/// "250 ns", "1.5 us", "2s": ps, ns, us, ms or s; nothing when it is anything else or no whole
/// number of picoseconds.
std::optional<picoseconds> parse_duration(std::string_view text);
/// "4096", "64 KiB", "1.5 MiB": B, KiB, MiB or GiB.
std::optional<std::uint64_t> parse_size(std::string_view text);
/// Decimal or 0x hexadecimal.
std::optional<std::uint64_t> parse_integer(std::string_view text);

/// In the largest unit that leaves at least one whole, at most three decimals: "1.25 us".
std::string duration_text(picoseconds time);
/// "64 MiB", "1.50 KiB", "12 B".
std::string size_text(std::uint64_t bytes);
/// "1,234,567".
std::string count_text(std::uint64_t count);

}  // namespace ivshmem::sim
