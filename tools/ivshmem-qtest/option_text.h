// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace ivshmem::qtest {

/// A mistake of whoever starts or controls the program, in one line. `error_class` is QMP's.
class user_error : public std::runtime_error {
 public:
  explicit user_error(const std::string& text, const char* qmp_class = "GenericError")
      : std::runtime_error(text), error_class(qmp_class) {}
  const char* error_class;
};

/// QEMU's option text `value,key=value,...`: a comma in a value is doubled, a first item without
/// `=` is the value of an implied key, any other one is a switch that is on. A text that starts
/// with a brace is a JSON object.
class option_text {
 public:
  option_text() = default;
  option_text(std::string text, const char* implied_key);
  explicit option_text(std::vector<std::pair<std::string, std::string>> items)
      : items_(std::move(items)) {}

  /// As it was written, for error lines.
  const std::string& text() const noexcept { return text_; }
  const std::vector<std::pair<std::string, std::string>>& items() const noexcept { return items_; }

  /// The last value of `key`, which is taken out.
  std::optional<std::string> take(const std::string& key);
  /// The same, on or off.
  bool take_switch(const std::string& key, bool otherwise);

 private:
  std::string text_;
  std::vector<std::pair<std::string, std::string>> items_;
};

/// Takes the `id` out. Throws user_error unless it is letters, digits, `-`, `.` and `_` after a
/// letter [id.c:id_wellformed].
std::optional<std::string> take_id(option_text& option);
/// `on`, `off` and the other spellings that QEMU takes.
bool parse_switch(const std::string& key, const std::string& value);
/// A size in bytes with an optional suffix k, M, G or T; `unit` applies without one.
std::uint64_t parse_size(const std::string& key, const std::string& value, std::uint64_t unit = 1);
/// A whole text as a hexadecimal number, with or without 0x, as sscanf's %x takes it but without a
/// sign.
std::optional<std::uint64_t> parse_hexadecimal(const std::string& text);
/// A whole text as an unsigned number, decimal, 0x or 0.
std::optional<std::uint64_t> parse_number(const std::string& text);

}  // namespace ivshmem::qtest
