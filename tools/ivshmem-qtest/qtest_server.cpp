// SPDX-License-Identifier: Apache-2.0
//
// QEMU's qtest protocol.
#include "qtest_server.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "base64.h"

namespace ivshmem::qtest {

namespace {

constexpr std::uint64_t most_block_bytes = 1ULL << 30U;

std::optional<std::uint64_t> number(std::string_view word) {
  const std::string text(word);
  char* end = nullptr;
  const unsigned long long value = std::strtoull(text.c_str(), &end, 0);
  return text.empty() || *end != '\0' ? std::nullopt : std::optional<std::uint64_t>(value);
}

/// The size that the last letter of a command stands for, or 0.
unsigned letter_bytes(char letter) {
  switch (letter) {
    case 'b':
      return 1;
    case 'w':
      return 2;
    case 'l':
      return 4;
    case 'q':
      return 8;
    default:
      return 0;
  }
}

std::string ok_number(const char* format, std::uint64_t value) {
  char text[32];
  std::snprintf(text, sizeof text, format, static_cast<unsigned long long>(value));
  return text;
}

/// A character that is no digit counts as f.
unsigned hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return static_cast<unsigned>(c - '0');
  }
  const int letter = std::tolower(static_cast<unsigned char>(c)) - 'a';
  return letter >= 0 && letter < 6 ? static_cast<unsigned>(letter) + 10 : 15;
}

/// `0x...` as bytes; what is missing is zero.
std::vector<std::uint8_t> from_hex(std::string_view text, std::uint64_t bytes) {
  std::vector<std::uint8_t> data(bytes);
  text.remove_prefix(std::min<std::size_t>(2, text.size()));
  for (std::size_t i = 0; i < bytes && 2 * i + 1 < text.size(); ++i) {
    data[i] =
        static_cast<std::uint8_t>((hex_digit(text[2 * i]) << 4U) | hex_digit(text[2 * i + 1]));
  }
  return data;
}

std::string to_hex(const std::vector<std::uint8_t>& data) {
  constexpr const char* digits = "0123456789abcdef";
  std::string text = "0x";
  for (const std::uint8_t byte : data) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

}  // namespace

std::string qtest_server::receive(std::string_view data) {
  std::string answers;
  unfinished_ += data;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = unfinished_.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    const std::string_view line(&unfinished_[begin], end - begin);
    words parts;
    for (std::size_t at = 0; at < line.size();) {
      const std::size_t space = std::min(line.find(' ', at), line.size());
      if (space != at) {
        parts.push_back(line.substr(at, space - at));
      }
      at = space + 1;
    }
    answers += command(parts) + '\n';
  }
  unfinished_.erase(0, begin);
  return answers;
}

std::string qtest_server::command(const words& line) {
  std::string answer;
  if (line.empty()) {
    return "FAIL Unknown command ''";
  }
  if (port_access(line, answer) || word_access(line, answer) || block_access(line, answer) ||
      other(line, answer)) {
    return answer;
  }
  return "FAIL Unknown command '" + std::string(line[0]) + "'";
}

bool qtest_server::port_access(const words& line, std::string& answer) {
  const std::string_view name = line[0];
  const bool write = name.size() == 4 && name.substr(0, 3) == "out";
  const bool read = name.size() == 3 && name.substr(0, 2) == "in";
  const unsigned bytes = letter_bytes(name.back());
  if ((!write && !read) || bytes == 0 || bytes == 8) {
    return false;
  }
  const auto port = line.size() > 1 ? number(line[1]) : std::nullopt;
  const auto value = write && line.size() > 2 ? number(line[2]) : std::nullopt;
  if (!port || (write && !value)) {
    answer = "FAIL Missing or malformed argument";
  } else if (write) {
    host_.write_io(static_cast<std::uint16_t>(*port), bytes, static_cast<std::uint32_t>(*value));
    answer = "OK";
  } else {
    answer = ok_number("OK 0x%04llx", host_.read_io(static_cast<std::uint16_t>(*port), bytes));
  }
  return true;
}

bool qtest_server::word_access(const words& line, std::string& answer) {
  const std::string_view name = line[0];
  const bool write = name.size() == 6 && name.substr(0, 5) == "write";
  const bool read = name.size() == 5 && name.substr(0, 4) == "read";
  const unsigned bytes = letter_bytes(name.back());
  if ((!write && !read) || bytes == 0) {
    return false;
  }
  const auto address = line.size() > 1 ? number(line[1]) : std::nullopt;
  const auto given = write && line.size() > 2 ? number(line[2]) : std::nullopt;
  std::uint8_t data[8] = {};
  if (!address || (write && !given)) {
    answer = "FAIL Missing or malformed argument";
  } else if (write) {
    std::memcpy(data, &*given, sizeof data);
    host_.write(*address, data, bytes);
    answer = "OK";
  } else {
    std::uint64_t value = 0;
    host_.read(*address, data, bytes);
    std::memcpy(&value, data, bytes);
    answer = ok_number("OK 0x%016llx", value);
  }
  return true;
}

bool qtest_server::block_access(const words& line, std::string& answer) {
  const std::string_view name = line[0];
  const bool read = name == "read" || name == "b64read";
  const bool write = name == "write" || name == "b64write" || name == "memset";
  if (!read && !write) {
    return false;
  }
  const auto address = line.size() > 1 ? number(line[1]) : std::nullopt;
  const auto bytes = line.size() > 2 ? number(line[2]) : std::nullopt;
  if (!address || !bytes || *bytes > most_block_bytes || (write && line.size() < 4)) {
    answer = "FAIL Missing or malformed argument";
    return true;
  }
  if (*bytes == 0) {
    answer = read ? "FAIL A read of 0 bytes" : "OK";  // QEMU ends at such a read
    return true;
  }
  std::vector<std::uint8_t> data(*bytes);
  if (read) {
    host_.read(*address, data.data(), data.size());
    answer = "OK " + (name == "read" ? to_hex(data) : to_base64(data));
    return true;
  }
  if (name == "memset") {
    const auto pattern = number(line[3]);
    std::memset(data.data(), static_cast<int>(pattern.value_or(0) & 0xffU), data.size());
  } else {
    data = name == "write" ? from_hex(line[3], *bytes) : from_base64(line[3], *bytes);
  }
  host_.write(*address, data.data(), data.size());
  answer = "OK";
  return true;
}

bool qtest_server::other(const words& line, std::string& answer) {
  const std::string_view name = line[0];
  const auto argument = line.size() > 1 ? number(line[1]) : std::nullopt;
  if (name == "endianness") {
    answer = "OK little";
  } else if (name == "clock_step" || name == "clock_set") {
    // There is nothing here that a clock of the machine would drive.
    // It never goes back; a sum that is too large wraps, as in QEMU.
    const std::uint64_t base = name == "clock_set" ? 0 : static_cast<std::uint64_t>(clock_ns_);
    clock_ns_ = std::max(clock_ns_, static_cast<std::int64_t>(base + argument.value_or(0)));
    answer = "OK " + std::to_string(clock_ns_);
  } else if (name == "irq_intercept_in" || name == "irq_intercept_out") {
    answer = "OK";
  } else if (name == "module_load") {
    answer = "FAIL";
  } else {
    return false;
  }
  return true;
}

}  // namespace ivshmem::qtest
