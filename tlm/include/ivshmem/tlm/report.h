// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <systemc>

#include "ivshmem/model/properties.h"
#include "ivshmem/model/result.h"
#include "ivshmem/model/types.h"

namespace ivshmem {

/// What this library reports to sc_core::sc_report_handler. Its message types are the constants
/// here, so that a platform can choose what becomes of each:
///
///   sc_core::sc_report_handler::set_actions(ivshmem::report_type::doorbell,
///   sc_core::SC_DO_NOTHING);
///
/// The message begins with the hierarchical name of the module: `root: posted_buffer = 0: must be 1
/// or more`. docs/errors.md has all of them.
namespace report_type {

// SC_ERROR: the integrator's mistakes.
inline constexpr const char* parameter = "/ivshmem/parameter";  ///< of a constructor, of insert()
inline constexpr const char* binding = "/ivshmem/binding";      ///< sockets, ports, address ranges
inline constexpr const char* transport = "/ivshmem/transport";  ///< calls that a socket cannot take

// SC_ERROR: what the operating system refuses. SC_WARNING: what an ivshmem server says wrongly.
inline constexpr const char* host = "/ivshmem/host";

// SC_ERROR: what the views with RTL find.
inline constexpr const char* lockstep = "/ivshmem/lockstep";  ///< model and RTL differ
inline constexpr const char* rtl =
    "/ivshmem/rtl";  ///< the RTL broke a rule, or does not come to rest

// SC_WARNING: what is probably a mistake, once each.
inline constexpr const char* vectors = "/ivshmem/vectors";    ///< a device and its seat differ
inline constexpr const char* doorbell = "/ivshmem/doorbell";  ///< a doorbell reached nobody
inline constexpr const char* window = "/ivshmem/window";      ///< a BAR is outside all MMIO ranges

}  // namespace report_type

/// Reports `text` of the module with this name as SC_ERROR.
void report_error(const char* type, const char* module, const std::string& text);
/// A refusal of insert() as SC_ERROR; nothing otherwise.
void report_refusal(const char* module, const result<void, property_error>& inserted);
/// The same as report_error() as SC_WARNING.
void report_warning(const char* type, const char* module, const std::string& text);

/// Warns of the first doorbell that a device drops, for each cause. Later ones are only counted.
class drop_warnings {
 public:
  void dropped(const char* module, drop_cause cause, peer_id peer, vector_index vector) {
    if (const unsigned bit = 1U << static_cast<unsigned>(cause); (warned_ & bit) == 0) {
      warned_ |= bit;
      warn(module, cause, peer, vector);
    }
  }

 private:
  static void warn(const char* module, drop_cause cause, peer_id peer, vector_index vector);

  unsigned warned_ = 0;  // a bit for each cause
};

}  // namespace ivshmem
