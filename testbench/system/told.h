// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <systemc>

namespace ivshmem::test {

/// What a report of this library says, without the name of its module; of others all of it.
inline std::string text_of(const sc_core::sc_report& report) {
  const std::string message = report.get_msg();
  const bool ours = std::string(report.get_msg_type()).rfind("/ivshmem/", 0) == 0;
  return ours ? message.substr(message.find(": ") + 2) : message;
}

/// The text of the first report, "none" without one.
template <class Action>
std::string told(Action action) {
  try {
    action();
  } catch (const sc_core::sc_report& report) {
    return text_of(report);
  }
  return "none";
}

}  // namespace ivshmem::test
