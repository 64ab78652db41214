// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace ivshmem::tool {

/// Prepares descriptors 0, 1 and 2 before anything is opened. One that the parent closed is taken,
/// so that no file of this program gets its number; writing to it fails. A pipe without a reader
/// and a full file are errors of a write from now on, not signals (SIGPIPE, SIGXFSZ).
void hold_standard_streams() noexcept;

/// Prints one line on standard error, made printable.
void print_error(std::string_view text);

/// Prints on standard output. Nothing is lost when a signal interrupts it.
void print(std::string_view text);

/// To be called at the end. Writes out what was printed on standard output, by print(), stdio or
/// streams. Returns `code`, or, with a line on standard error that begins with `program`, 1 when
/// something was lost.
int flush_standard_output(std::string_view program, int code);

}  // namespace ivshmem::tool
