// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "ivshmem/tlm/config_table.h"

namespace ivshmem {

/// The configuration of one part of a platform as parameters of Accellera CCI:
/// `platform.root.posted_buffer` and so on, one for each row of rows_of<Config>(), with the
/// description and the limits there as metadata.
///
/// It is used as cci_properties, and has a device's name beside it, since the names differ:
///
///   cci_config<timing_config> timing_{"device"};
///   cci_properties properties_{"device"};
///   endpoint device_{"device", properties_.lock(), seat, timing_.lock()};
///
/// Choices are parameters of `std::string`, times of `sc_core::sc_time`, all others of
/// `std::uint32_t`. What has no row keeps the value of the defaults. Wrong values: see
/// cci_properties. Each part has a parameter `mode`; a platform that wants to be asked once gives
/// the others what the first one says, as `defaults`.
///
/// `Config` is timing_config, pcie::link_config, pcie::packet_switch_config or
/// pcie::root_complex_config.
template <class Config>
class cci_config {
 public:
  /// `part` is the name of the part in the module under construction. A broker must be registered
  /// before: globally, or by a module above.
  explicit cci_config(const std::string& part, const Config& defaults = {});
  cci_config(const cci_config&) = delete;
  cci_config& operator=(const cci_config&) = delete;
  ~cci_config();

  /// What the parameters say now.
  Config values() const;
  /// What they say, for a part. CCI refuses to change them from then on.
  Config lock();

 private:
  struct parameters;
  Config defaults_;
  std::unique_ptr<parameters> parameters_;
};

extern template class cci_config<timing_config>;
extern template class cci_config<pcie::link_config>;
extern template class cci_config<pcie::packet_switch_config>;
extern template class cci_config<pcie::root_complex_config>;

}  // namespace ivshmem
