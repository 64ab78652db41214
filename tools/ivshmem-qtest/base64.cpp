// SPDX-License-Identifier: Apache-2.0
//
// Base64, as the qtest protocol has it.
#include "base64.h"

namespace ivshmem::qtest {

namespace {
constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
}

std::string to_base64(const std::vector<std::uint8_t>& data) {
  std::string text((data.size() + 2) / 3 * 4, '=');
  char* out = text.data();
  std::size_t i = 0;
  for (; i + 2 < data.size(); i += 3) {
    const std::uint32_t group = static_cast<std::uint32_t>(data[i]) << 16U |
                                static_cast<std::uint32_t>(data[i + 1]) << 8U | data[i + 2];
    *out++ = alphabet[group >> 18U];
    *out++ = alphabet[(group >> 12U) & 63U];
    *out++ = alphabet[(group >> 6U) & 63U];
    *out++ = alphabet[group & 63U];
  }
  if (i < data.size()) {
    const bool two = i + 1 < data.size();
    const std::uint32_t group = static_cast<std::uint32_t>(data[i]) << 16U |
                                (two ? static_cast<std::uint32_t>(data[i + 1]) << 8U : 0U);
    *out++ = alphabet[group >> 18U];
    *out++ = alphabet[(group >> 12U) & 63U];
    if (two) {
      *out = alphabet[(group >> 6U) & 63U];
    }
  }
  return text;
}

std::vector<std::uint8_t> from_base64(std::string_view text, std::uint64_t bytes) {
  std::vector<std::uint8_t> data;
  data.reserve(bytes);
  std::uint32_t bits = 0;
  unsigned have = 0;
  for (const char c : text) {
    const std::size_t digit = alphabet.find(c);
    if (digit == std::string_view::npos) {
      break;
    }
    bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
    have += 6;
    if (have >= 8) {
      have -= 8;
      data.push_back(static_cast<std::uint8_t>(bits >> have));
    }
  }
  data.resize(bytes);
  return data;
}

}  // namespace ivshmem::qtest
