// SPDX-License-Identifier: Apache-2.0
//
// What a parameter takes, in words.
#include "ivshmem/model/parameter.h"

#include <algorithm>
#include <vector>

namespace ivshmem {

namespace {

constexpr std::array<std::string_view, 2> flag_names{"off", "on"};

bool is_power_of_two(std::uint64_t value) noexcept {
  return value != 0 && (value & (value - 1)) == 0;
}

std::string joined(const std::vector<std::string>& names, std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += i == 0 ? "" : i + 1 == names.size() ? last : ", ";
    text += names[i];
  }
  return text;
}

/// The values of a parameter that has few.
std::vector<std::string> values_of(const parameter& of) {
  std::vector<std::string> values;
  switch (of.kind) {
    case parameter_kind::flag:
      values.assign(flag_names.begin(), flag_names.end());
      break;
    case parameter_kind::power_of_two:
      for (std::uint64_t value = of.least; value <= of.most; value *= 2) {
        values.push_back(std::to_string(value));
      }
      break;
    case parameter_kind::choice:
      values.assign(of.choices.begin(), of.choices.end());
      break;
    case parameter_kind::number:
    case parameter_kind::duration:
      break;
  }
  return values;
}

/// `4 ns`, in the longest unit of which it is a whole number.
std::string duration_text(std::uint64_t femtoseconds) {
  constexpr std::array<std::string_view, 6> units{"fs", "ps", "ns", "us", "ms", "s"};
  if (femtoseconds == 0) {
    return "0";
  }
  std::size_t unit = 0;
  while (femtoseconds % 1000 == 0 && unit + 1 < units.size()) {
    femtoseconds /= 1000;
    ++unit;
  }
  return std::to_string(femtoseconds) + " " + std::string(units[unit]);
}

}  // namespace

bool parameter::is_allowed(std::uint64_t value) const noexcept {
  return value >= least && value <= most &&
         (kind != parameter_kind::power_of_two || is_power_of_two(value));
}

std::string parameter::value_text(std::uint64_t value) const {
  if (kind == parameter_kind::duration) {
    return duration_text(value);
  }
  if (kind == parameter_kind::flag && is_allowed(value)) {
    return std::string(flag_names[value]);
  }
  return kind == parameter_kind::choice && is_allowed(value) ? std::string(choices[value])
                                                             : std::to_string(value);
}

bool parameter::is_open() const noexcept {
  return kind == parameter_kind::duration || most == no_limit;
}

std::string parameter::allowed() const {
  if (const std::vector<std::string> values = values_of(*this); !values.empty()) {
    return joined(values, ", ");
  }
  if (kind == parameter_kind::duration && least == 1) {
    return "above 0";
  }
  return value_text(least) + (is_open() ? " or more" : " to " + value_text(most));
}

std::string parameter::rule() const {
  const std::vector<std::string> values = values_of(*this);
  const std::string must = std::string(refusal) + "must be ";
  if (values.empty()) {
    return must + (is_open() ? "" : "from ") + allowed();
  }
  return must + joined(values, " or ");
}

std::optional<std::uint64_t> parameter::choice(std::string_view value) const noexcept {
  const auto* const found = std::find(choices.begin(), choices.end(), value);
  if (found == choices.end()) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(found - choices.begin());
}

}  // namespace ivshmem
