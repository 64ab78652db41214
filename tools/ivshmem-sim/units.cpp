// SPDX-License-Identifier: Apache-2.0
//
// Times and sizes with their units, as text.
#include "units.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace ivshmem::sim {

namespace {

struct unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array<unit, 5> time_units{
    {{"s", second}, {"ms", 1'000'000'000}, {"us", microsecond}, {"ns", nanosecond}, {"ps", 1}}};
constexpr std::array<unit, 4> size_units{
    {{"GiB", 1ULL << 30U}, {"MiB", 1ULL << 20U}, {"KiB", 1ULL << 10U}, {"B", 1}}};

/// Takes leading digits off `text`.
std::optional<std::uint64_t> take_digits(std::string_view& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data()) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::optional<std::uint64_t> add(std::uint64_t a, std::uint64_t b) {
  return a > std::numeric_limits<std::uint64_t>::max() - b ? std::nullopt : std::optional{a + b};
}

std::optional<std::uint64_t> multiply(std::uint64_t a, std::uint64_t b) {
  return b != 0 && a > std::numeric_limits<std::uint64_t>::max() / b ? std::nullopt
                                                                     : std::optional{a * b};
}

template <std::size_t N>
std::optional<std::uint64_t> parse(std::string_view text, const std::array<unit, N>& units,
                                   std::optional<std::uint64_t> without_unit) {
  const auto whole = take_digits(text);
  if (!whole) {
    return std::nullopt;
  }
  std::uint64_t part = 0;
  std::uint64_t part_scale = 1;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    const std::size_t before = text.size();
    const auto digits = take_digits(text);
    if (!digits || before - text.size() > 12) {
      return std::nullopt;
    }
    part = *digits;
    for (std::size_t i = text.size(); i < before; ++i) {
      part_scale *= 10;
    }
  }
  while (!text.empty() && text.front() == ' ') {
    text.remove_prefix(1);
  }
  std::optional<std::uint64_t> factor;
  if (text.empty()) {
    factor = without_unit;
  }
  for (const unit& known : units) {
    if (text == known.name) {
      factor = known.factor;
    }
  }
  if (!factor) {
    return std::nullopt;
  }
  const auto wholes = multiply(*whole, *factor);
  const auto parts = multiply(part, *factor);
  if (!wholes || !parts || *parts % part_scale != 0) {
    return std::nullopt;
  }
  return add(*wholes, *parts / part_scale);
}

template <std::size_t N>
std::string in_units(std::uint64_t value, const std::array<unit, N>& units) {
  for (const unit& known : units) {
    if (value >= known.factor) {
      std::string number =
          fmt::format("{:.3f}", static_cast<double>(value) / static_cast<double>(known.factor));
      number.erase(number.find_last_not_of('0') + 1);
      if (number.back() == '.') {
        number.pop_back();
      }
      return number + " " + std::string(known.name);
    }
  }
  return "0 " + std::string(units.back().name);
}

}  // namespace

std::optional<picoseconds> parse_duration(std::string_view text) {
  return parse(text, time_units, std::nullopt);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse(text, size_units, 1);
}

std::optional<std::uint64_t> parse_integer(std::string_view text) {
  int base = 10;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    text.remove_prefix(2);
    base = 16;
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc{} && !text.empty() && end == text.data() + text.size()
             ? std::optional{value}
             : std::nullopt;
}

std::string duration_text(picoseconds time) { return in_units(time, time_units); }

std::string size_text(std::uint64_t bytes) { return in_units(bytes, size_units); }

std::string count_text(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3; at -= 3) {
    text.insert(at - 3, ",");
  }
  return text;
}

}  // namespace ivshmem::sim
