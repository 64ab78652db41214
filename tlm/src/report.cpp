// SPDX-License-Identifier: Apache-2.0
//
// Reports with a type and the name of a module.
#include "ivshmem/tlm/report.h"

namespace ivshmem {

void report_error(const char* type, const char* module, const std::string& text) {
  SC_REPORT_ERROR(type, (std::string(module) + ": " + text).c_str());
}

void report_refusal(const char* module, const result<void, property_error>& inserted) {
  if (!inserted) {
    report_error(report_type::parameter, module, inserted.error().text());
  }
}

void report_warning(const char* type, const char* module, const std::string& text) {
  SC_REPORT_WARNING(type, (std::string(module) + ": " + text).c_str());
}

void drop_warnings::warn(const char* module, drop_cause cause, peer_id peer, vector_index vector) {
  report_warning(report_type::doorbell, module,
                 "doorbell to peer " + std::to_string(to_int(peer)) + ", vector " +
                     std::to_string(to_int(vector)) + ", dropped: " + to_string(cause) +
                     "; further ones of this cause are only counted");
}

}  // namespace ivshmem
