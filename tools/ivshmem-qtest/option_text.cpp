// SPDX-License-Identifier: Apache-2.0
//
// One option in QEMU's key=value notation.
#include "option_text.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>

namespace ivshmem::qtest {

namespace {

/// Cuts at single commas; a doubled one becomes a comma.
std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != ',') {
      parts.back() += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == ',') {
      parts.back() += text[++i];
    } else {
      parts.emplace_back();
    }
  }
  return parts;
}

}  // namespace

option_text::option_text(std::string text, const char* implied_key) : text_(std::move(text)) {
  if (!text_.empty() && text_.front() == '{') {
    const auto object = nlohmann::ordered_json::parse(text_, nullptr, false);
    if (object.is_discarded()) {
      throw user_error("JSON parse error");
    }
    for (const auto& [key, value] : object.items()) {
      items_.emplace_back(key, value.is_string() ? value.get<std::string>() : value.dump());
    }
    return;
  }
  const std::vector<std::string> parts = split(text_);
  for (const std::string& part : parts) {
    const std::size_t equals = part.find('=');
    if (equals != std::string::npos) {
      items_.emplace_back(part.substr(0, equals), part.substr(equals + 1));
    } else if (&part == &parts.front() && implied_key != nullptr) {
      items_.emplace_back(implied_key, part);
    } else if (!part.empty()) {
      items_.emplace_back(part, "on");
    }
  }
}

std::optional<std::string> option_text::take(const std::string& key) {
  std::optional<std::string> found;
  for (auto item = items_.begin(); item != items_.end();) {
    if (item->first == key) {
      found = item->second;
      item = items_.erase(item);
    } else {
      ++item;
    }
  }
  return found;
}

bool option_text::take_switch(const std::string& key, bool otherwise) {
  const auto value = take(key);
  return value ? parse_switch(key, *value) : otherwise;
}

std::optional<std::string> take_id(option_text& option) {
  auto id = option.take("id");
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_good = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  };
  if (id &&
      (id->empty() || !is_letter(id->front()) || !std::all_of(id->begin(), id->end(), is_good))) {
    throw user_error("Parameter 'id' expects an identifier");
  }
  return id;
}

bool parse_switch(const std::string& key, const std::string& value) {
  if (value == "on" || value == "yes" || value == "true" || value == "y") {
    return true;
  }
  if (value == "off" || value == "no" || value == "false" || value == "n") {
    return false;
  }
  throw user_error("Parameter '" + key + "' expects 'on' or 'off'");
}

std::uint64_t parse_size(const std::string& key, const std::string& value, std::uint64_t unit) {
  const std::string suffixes = "kMGT";
  char* end = nullptr;
  errno = 0;
  const bool hex = value.rfind("0x", 0) == 0;
  const unsigned long long whole = std::strtoull(value.c_str(), &end, hex ? 16 : 10);
  double number = static_cast<double>(whole);
  if (!hex && *end == '.') {
    number = std::strtod(value.c_str(), &end);
  }
  if (*end != '\0') {
    const char letter = *end == 'K' ? 'k' : *end;
    const std::size_t power = suffixes.find(
        letter == 'k' ? 'k' : static_cast<char>(std::toupper(static_cast<unsigned char>(letter))));
    unit = power == std::string::npos || end[1] != '\0' ? 0 : 1ULL << (10 * (power + 1));
  }
  const double bytes = number * static_cast<double>(unit);
  if (errno != 0 || unit == 0 || end == value.c_str() || value.front() == '-' || bytes >= 0x1p63) {
    throw user_error("Parameter '" + key + "' expects a size, such as 4096, 64k, 1M or 2G; got '" +
                     value + "'");
  }
  return number == static_cast<double>(whole) ? whole * unit : static_cast<std::uint64_t>(bytes);
}

std::optional<std::uint64_t> parse_hexadecimal(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos || std::isxdigit(static_cast<unsigned char>(text[begin])) == 0) {
    return std::nullopt;
  }
  char* end = nullptr;
  errno = 0;
  const unsigned long long number = std::strtoull(text.c_str(), &end, 16);
  return *end != '\0' || errno != 0 ? std::nullopt : std::optional<std::uint64_t>(number);
}

std::optional<std::uint64_t> parse_number(const std::string& text) {
  if (text.empty() || text.front() < '0' || text.front() > '9') {
    return std::nullopt;
  }
  char* end = nullptr;
  errno = 0;
  const unsigned long long number = std::strtoull(text.c_str(), &end, 0);
  return *end != '\0' || errno != 0 ? std::nullopt : std::optional<std::uint64_t>(number);
}

}  // namespace ivshmem::qtest
