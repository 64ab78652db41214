// SPDX-License-Identifier: Apache-2.0
//
// Reads the values of one table, and refuses wrong ones.
#include "table_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "scenario.h"

namespace ivshmem::sim {

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replace});
    }
  }
  return row[b.size()];
}

/// Whether `word` is `known` with a slip of the keyboard.
bool is_like(std::string_view word, std::string_view known) {
  return edit_distance(word, known) <= 1 + word.size() / 4;
}

std::string value_text(const toml::node& node) {
  if (const auto* text = node.as_string()) {
    return fmt::format("\"{}\"", text->get());
  }
  if (const auto* number = node.as_integer()) {
    return std::to_string(number->get());
  }
  if (const auto* number = node.as_floating_point()) {
    return fmt::format("{}", number->get());
  }
  if (const auto* flag = node.as_boolean()) {
    return flag->get() ? "true" : "false";
  }
  return node.is_array() ? "[...]" : node.is_table() ? "{...}" : "(date or time)";
}

std::string quoted(const std::vector<std::string_view>& names) {
  return fmt::format("\"{}\"", fmt::join(names, "\", \""));
}

}  // namespace

std::string suggestion(std::string_view word, const std::vector<std::string_view>& known) {
  const auto nearest =
      std::min_element(known.begin(), known.end(), [&](std::string_view a, std::string_view b) {
        return edit_distance(word, a) < edit_distance(word, b);
      });
  if (nearest != known.end() && is_like(word, *nearest)) {
    return fmt::format("; did you mean \"{}\"?", *nearest);
  }
  constexpr std::size_t most = 16;  // of hundreds of nodes the first few are enough
  const std::vector<std::string_view> some(
      known.begin(), known.begin() + static_cast<std::ptrdiff_t>(std::min(most, known.size())));
  return "; must be one of " + quoted(some) + (known.size() > most ? ", ..." : "");
}

unsigned table_reader::line(std::string_view key) const {
  const toml::node* node = table_.get(key);
  return node == nullptr ? line() : line_of(*node);
}

const toml::node* table_reader::get(std::string_view key) {
  known_.insert(key);
  return table_.get(key);
}

void table_reader::refuse(std::string_view key, const std::string& reason) const {
  const toml::node* node = table_.get(key);
  for (const auto& [other, value] : table_) {
    if (node == nullptr && known_.count(other.str()) == 0 && is_like(other.str(), key)) {
      refuse_unknown(other, {key});
    }
  }
  const std::string value = node == nullptr ? fmt::format("{}: {} is missing", where_, key)
                                            : fmt::format("{} = {}", key, value_text(*node));
  throw scenario_error(file_, line(key), value + ": " + reason);
}

std::uint64_t table_reader::integer(std::string_view key, std::uint64_t fallback, std::uint64_t min,
                                    std::uint64_t max) {
  const toml::node* node = get(key);
  if (node == nullptr) {
    return fallback;
  }
  const auto value = node->value_exact<std::int64_t>();
  if (!value || *value < 0 || static_cast<std::uint64_t>(*value) < min ||
      static_cast<std::uint64_t>(*value) > max) {
    refuse(key, fmt::format("must be an integer from {} to {}", min, max));
  }
  return static_cast<std::uint64_t>(*value);
}

bool table_reader::flag(std::string_view key, bool fallback) {
  const toml::node* node = get(key);
  if (node == nullptr) {
    return fallback;
  }
  const auto text = node->value_exact<std::string>();
  if (text == "on" || text == "off") {
    return *text == "on";
  }
  const auto value = node->value_exact<bool>();
  if (!value) {
    refuse(key, "must be true, false, \"on\" or \"off\"");
  }
  return *value;
}

std::string table_reader::text(std::string_view key, const std::string& fallback) {
  const toml::node* node = get(key);
  if (node == nullptr) {
    return fallback;
  }
  auto value = node->value_exact<std::string>();
  if (!value || value->empty()) {
    refuse(key, "must be a string of at least one character");
  }
  return *value;
}

picoseconds table_reader::duration(std::string_view key, picoseconds fallback, picoseconds min,
                                   picoseconds max) {
  const toml::node* node = get(key);
  if (node == nullptr) {
    return fallback;
  }
  const auto text = node->value_exact<std::string>();
  const auto value = text ? parse_duration(*text) : std::nullopt;
  if (!value || *value < min || *value > max) {
    refuse(key, fmt::format("must be a time such as \"1.5 us\" (ps, ns, us, ms, s), {} to {}",
                            duration_text(min), duration_text(max)));
  }
  return *value;
}

std::uint64_t table_reader::size(std::string_view key, std::uint64_t fallback, std::uint64_t min,
                                 std::uint64_t max) {
  const toml::node* node = get(key);
  if (node == nullptr) {
    return fallback;
  }
  std::optional<std::uint64_t> value;
  if (const auto text = node->value_exact<std::string>()) {
    value = parse_size(*text);
  } else if (const auto number = node->value_exact<std::int64_t>(); number && *number >= 0) {
    value = static_cast<std::uint64_t>(*number);
  }
  if (!value || *value < min || *value > max) {
    refuse(key, fmt::format("must be a size such as \"64 KiB\" (B, KiB, MiB, GiB), {} to {}",
                            size_text(min), size_text(max)));
  }
  return *value;
}

std::size_t table_reader::choice(std::string_view key, std::size_t fallback,
                                 const std::vector<std::string_view>& names) {
  const toml::node* node = get(key);
  if (node == nullptr) {
    return fallback;
  }
  const auto text = node->value_exact<std::string>();
  const auto found = std::find(names.begin(), names.end(), text ? *text : "");
  if (found == names.end()) {
    refuse(key, "must be one of " + quoted(names));
  }
  return static_cast<std::size_t>(found - names.begin());
}

std::uint64_t table_reader::parameter(std::string_view key, const ivshmem::parameter& row,
                                      std::uint64_t fallback) {
  switch (row.kind) {
    case parameter_kind::flag:
      return flag(key, fallback != 0) ? 1 : 0;
    case parameter_kind::choice:
      return choice(key, fallback, {row.choices.begin(), row.choices.end()});
    case parameter_kind::number:
    case parameter_kind::power_of_two:
    case parameter_kind::duration:
      break;
  }
  const std::uint64_t value = integer(key, fallback, row.least, row.most);
  if (!row.is_allowed(value)) {
    refuse(key, row.rule());
  }
  return value;
}

std::vector<std::string> table_reader::texts(std::string_view key) {
  const toml::node* node = get(key);
  std::vector<std::string> values;
  if (node == nullptr) {
    return values;
  }
  const toml::array* array = node->as_array();
  if (array == nullptr || array->empty() || !array->is_homogeneous<std::string>()) {
    refuse(key, "must be a list of strings such as [\"a\", \"b\"], at least one");
  }
  for (const toml::node& entry : *array) {
    values.push_back(**entry.as_string());
  }
  return values;
}

std::vector<std::vector<std::string>> table_reader::text_lists(std::string_view key) {
  const toml::node* node = get(key);
  std::vector<std::vector<std::string>> lists;
  const auto check = [&](bool right) {
    if (!right) {
      refuse(key, "must be a list of lists of strings such as [[\"a\", \"b\"], [\"c\"]]");
    }
  };
  if (node == nullptr) {
    return lists;
  }
  check(node->is_array() && !node->as_array()->empty());
  for (const toml::node& list : *node->as_array()) {
    const toml::array* array = list.as_array();
    check(array != nullptr && !array->empty() && array->is_homogeneous<std::string>());
    lists.emplace_back();
    for (const toml::node& entry : *array) {
      lists.back().push_back(**entry.as_string());
    }
  }
  return lists;
}

const toml::table* table_reader::table(std::string_view key) {
  const toml::node* node = get(key);
  if (node != nullptr && !node->is_table()) {
    refuse(key, fmt::format("must be a table [{}]", key));
  }
  return node == nullptr ? nullptr : node->as_table();
}

std::vector<const toml::table*> table_reader::tables(std::string_view key) {
  std::vector<const toml::table*> found;
  const toml::node* node = get(key);
  if (node == nullptr) {
    return found;
  }
  const toml::array* array = node->as_array();
  if (array == nullptr || array->empty() || !array->is_array_of_tables()) {
    refuse(key, fmt::format("must be tables [[{}]]", key));
  }
  for (const toml::node& entry : *array) {
    found.push_back(entry.as_table());
  }
  return found;
}

void table_reader::done() const {
  const toml::key* unknown = nullptr;  // the first one in the file
  for (const auto& [key, value] : table_) {
    if (known_.count(key.str()) == 0 &&
        (unknown == nullptr || key.source().begin.line < unknown->source().begin.line)) {
      unknown = &key;
    }
  }
  if (unknown != nullptr) {
    refuse_unknown(*unknown, {known_.begin(), known_.end()});
  }
}

void table_reader::refuse_unknown(const toml::key& key,
                                  const std::vector<std::string_view>& known) const {
  throw scenario_error(
      file_, key.source().begin.line,
      fmt::format("{}: unknown key in {}{}", key.str(), where_, suggestion(key.str(), known)));
}

}  // namespace ivshmem::sim
