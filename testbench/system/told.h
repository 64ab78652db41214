// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <systemc>

namespace ivshmem::test {

/// The text of the first report, "none" without one.
template <class Action>
std::string told(Action action) {
  try {
    action();
  } catch (const sc_core::sc_report& report) {
    return report.get_msg();
  }
  return "none";
}

}  // namespace ivshmem::test
