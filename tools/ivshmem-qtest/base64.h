// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ivshmem::qtest {

/// RFC 4648 with padding.
std::string to_base64(const std::vector<std::uint8_t>& data);
/// Exactly `bytes` bytes: what is missing or malformed is zero.
std::vector<std::uint8_t> from_base64(std::string_view text, std::uint64_t bytes);

}  // namespace ivshmem::qtest
