// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "ivshmem/model/properties.h"

namespace ivshmem {

/// The properties of one device as parameters of Accellera CCI: `platform.device.vectors` and so
/// on, one for each row of property_table, with the description and the limits there as metadata.
///
/// It is a member of the module that has the device, before the device, and has the device's name:
///
///   cci_properties parameters_{"device"};
///   endpoint device_{"device", parameters_.lock(), seat};
///
/// Flags are parameters of `bool`, numbers of `std::uint32_t`, choices of `std::string`. A value
/// that was preset at the broker replaces the default. A value of the wrong type, or one that the
/// property does not take, is an SC_ERROR with the text of a constructor (docs/errors.md), whether
/// it was preset or is set later; a parameter keeps what it had before, which is the default for a
/// preset one. What only a combination makes wrong is refused where the device is made.
class cci_properties {
 public:
  /// `device` is the name of the device in the module under construction. A broker must be
  /// registered before: globally, or by a module above. Properties are those of `defaults` where
  /// nobody says otherwise; of ioeventfd see default_value().
  explicit cci_properties(const std::string& device, const device_properties& defaults = {});
  cci_properties(const cci_properties&) = delete;
  cci_properties& operator=(const cci_properties&) = delete;
  ~cci_properties();

  /// What the parameters say now.
  device_properties values() const;
  /// What they say, for a device. A parameter is locked from then on: CCI refuses to change it, as
  /// that would change no device. Calling it again gives the same values.
  device_properties lock();

 private:
  struct parameters;
  std::unique_ptr<parameters> parameters_;
};

}  // namespace ivshmem
