// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace ivshmem::tool {

/// `text` as one line of UTF-8 that a terminal can take: what is not UTF-8, control characters,
/// line separators and marks that turn the direction of text become escapes such as \n or \x1b.
/// Other text stays as it is.
std::string printable(std::string_view text);

/// Whether `text` is UTF-8 [RFC 3629].
bool is_utf8(std::string_view text) noexcept;

}  // namespace ivshmem::tool
