// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <toml++/toml.h>

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ivshmem/model/parameter.h"
#include "units.h"

namespace ivshmem::sim {

/// `; did you mean "x"?` for the word of `known` that is nearest to `word`, or `; must be one of
/// ...`.
std::string suggestion(std::string_view word, const std::vector<std::string_view>& known);

/// Reads the values of one table; every refusal throws a scenario_error
/// `FILE:LINE: key = value: must be ...`.
class table_reader {
 public:
  /// `where` names the table in texts, such as "[[node]]". File and table outlive the reader.
  table_reader(const std::string& file, const toml::table& table, std::string where)
      : file_(file), table_(table), where_(std::move(where)) {}

  bool has(std::string_view key) const { return table_.contains(key); }
  unsigned line() const { return line_of(table_); }
  unsigned line(std::string_view key) const;

  std::uint64_t integer(std::string_view key, std::uint64_t fallback, std::uint64_t min,
                        std::uint64_t max);
  bool flag(std::string_view key, bool fallback);
  std::string text(std::string_view key, const std::string& fallback);
  picoseconds duration(std::string_view key, picoseconds fallback, picoseconds min,
                       picoseconds max);
  std::uint64_t size(std::string_view key, std::uint64_t fallback, std::uint64_t min,
                     std::uint64_t max);
  /// Index of the value in `names`.
  template <std::size_t N>
  std::size_t choice(std::string_view key, std::size_t fallback,
                     const std::array<std::string_view, N>& names) {
    return choice(key, fallback, {names.begin(), names.end()});
  }
  std::size_t choice(std::string_view key, std::size_t fallback,
                     const std::vector<std::string_view>& names);
  /// The value of `key` as `row` takes it, which is not a duration.
  std::uint64_t parameter(std::string_view key, const ivshmem::parameter& row,
                          std::uint64_t fallback);
  /// An array of texts, empty when the key is missing.
  std::vector<std::string> texts(std::string_view key);
  /// An array of such arrays, empty when the key is missing.
  std::vector<std::vector<std::string>> text_lists(std::string_view key);
  /// The table or array of tables under `key`; nullptr when it is missing.
  const toml::table* table(std::string_view key);
  std::vector<const toml::table*> tables(std::string_view key);

  /// Refuses keys that nobody asked for.
  void done() const;
  /// Refuses the value of `key`; `reason` is the text after `key = value: `.
  [[noreturn]] void refuse(std::string_view key, const std::string& reason) const;

 private:
  static unsigned line_of(const toml::node& node) { return node.source().begin.line; }
  const toml::node* get(std::string_view key);
  [[noreturn]] void refuse_unknown(const toml::key& key,
                                   const std::vector<std::string_view>& known) const;

  const std::string& file_;
  const toml::table& table_;
  std::string where_;
  std::set<std::string_view> known_;
};

}  // namespace ivshmem::sim
