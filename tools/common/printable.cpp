// SPDX-License-Identifier: Apache-2.0
//
// Text from files and command lines, made fit for one line of a terminal.
#include "printable.h"

#include <fmt/format.h>

#include <cstddef>

namespace ivshmem::tool {

namespace {

struct character {
  char32_t code;
  std::size_t bytes;  ///< 0: not UTF-8
};

/// The first character of `text`, which is not empty [RFC 3629 3].
character first_of(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) {
    return {lead, 1};
  }
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) {
    return {lead, 0};
  }
  char32_t code = lead & (0xffU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) {
      return {lead, 0};
    }
    code = code << 6U | (byte(i) & 0x3fU);
  }
  const bool too_long = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
  const bool no_character = (code >= 0xd800 && code < 0xe000) || code > 0x10ffff;
  return {code, too_long || no_character ? 0 : bytes};
}

/// Control characters, line separators and directional marks [Unicode, categories Cc, Zl, Zp and
/// bidirectional formatting].
bool disturbs(char32_t code) noexcept {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x200e && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

std::string escape(std::string_view bytes) {
  if (bytes == "\n" || bytes == "\t" || bytes == "\r") {
    return bytes == "\n" ? "\\n" : bytes == "\t" ? "\\t" : "\\r";
  }
  std::string text;
  for (const char byte : bytes) {
    text += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
  }
  return text;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const character next = first_of(text);
    const std::size_t bytes = next.bytes == 0 ? 1 : next.bytes;
    const std::string_view raw = text.substr(0, bytes);
    line += next.bytes == 0 || disturbs(next.code) ? escape(raw) : std::string(raw);
    text.remove_prefix(bytes);
  }
  return line;
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const character next = first_of(text);
    if (next.bytes == 0) {
      return false;
    }
    text.remove_prefix(next.bytes);
  }
  return true;
}

}  // namespace ivshmem::tool
