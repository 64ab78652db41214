// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>

#include "ivshmem/model/device.h"
#include "ivshmem/model/snapshot.h"
#include "ivshmem/tlm/endpoint_observer.h"
#include "ivshmem/tlm/fabric.h"
#include "ivshmem/tlm/pcie/port.h"

namespace ivshmem {

/// A place for a device on the bus, whatever the device is made of: timed model, RTL, or both in
/// lockstep. What each function does: endpoint.h.
class endpoint_view {
 public:
  virtual ~endpoint_view() = default;

  /// The end of the link.
  virtual pcie::port& link_port() noexcept = 0;

  virtual std::optional<property_error> insert(const device_properties& properties,
                                               memory_view memory) = 0;
  virtual std::optional<property_error> insert(const device_properties& properties,
                                               fabric_seat& seat) = 0;
  virtual void eject() = 0;
  virtual void reset() = 0;
  virtual void observe(endpoint_observer* observer) noexcept = 0;
  virtual std::uint64_t unsupported_requests() const noexcept = 0;

  virtual bool is_empty() const noexcept = 0;

  // While a device is inserted.
  virtual const device_properties& properties() const = 0;
  virtual const peer_table& peers() const = 0;
  virtual const device_statistics& statistics() const = 0;
  /// What a configuration read would return: 1, 2 or 4 bytes.
  virtual std::uint32_t peek_config(std::uint32_t offset, unsigned bytes) const = 0;
  /// What a read of a BAR would return, without side effects.
  virtual void peek(unsigned bar, std::uint64_t offset, std::uint8_t* data,
                    std::size_t bytes) const = 0;

  /// `functional`, `rtl`...: for messages.
  virtual const char* view_name() const noexcept = 0;
  /// The model's device, or nullptr where there is none: empty, or a view without model.
  virtual device* inserted() noexcept { return nullptr; }
};

}  // namespace ivshmem
