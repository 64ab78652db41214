// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <systemc>
#include <tlm>

#include "ivshmem/model/device.h"
#include "ivshmem/tlm/bar_hit.h"
#include "ivshmem/tlm/comparison.h"
#include "ivshmem/tlm/endpoint_observer.h"
#include "ivshmem/tlm/fabric.h"
#include "ivshmem/tlm/pcie/port.h"
#include "ivshmem/tlm/report.h"
#include "ivshmem/tlm/timing.h"

namespace ivshmem {

/// A slot for one device on the bus, whatever the device is made of: timed model (endpoint), RTL,
/// or both in lockstep.
///
/// It is empty until insert() and after eject(), and answers nothing then, so a platform can plug
/// and unplug while the simulation runs. The place knows who is in it and which BAR takes a
/// request; what a request does and when is the view's business. Debug transport has no side
/// effect. BAR2 gives direct memory access where requests take no exact time; it is taken back when
/// a BAR, COMMAND or the device changes.
class device_place : public sc_core::sc_module, protected pcie::component, protected fabric_client {
 public:
  /// The end of the link: device 0.
  pcie::port pcie{"pcie", *this};

  ~device_place() override;

  /// Puts a plain device, or any device that needs no peers, into the empty place.
  /// `memory` outlives the device. Nothing happens when it fails.
  result<void, property_error> insert(const device_properties& properties, memory_view memory);
  /// Puts a device with ID, memory and peers of `seat` into the empty place, and attaches it.
  result<void, property_error> insert(const device_properties& properties, fabric_seat& seat);
  /// Takes the device out; its peers are told. Not from inside a call that comes from the device,
  /// such as an interrupt handler that runs within the message. An empty place stays empty.
  void eject();
  /// Machine reset of this device alone.
  virtual void reset() = 0;

  bool is_empty() const noexcept { return config_ == nullptr; }
  /// One observer or none (nullptr). Place and observer may be destroyed in either order.
  virtual void observe(endpoint_observer* observer) noexcept;
  /// Requests that ended here as Unsupported Request, poisoned writes among them.
  virtual std::uint64_t unsupported_requests() const noexcept { return unsupported_requests_; }
  virtual device_view view() const noexcept = 0;
  /// Ends the comparison of a place that compares two devices, and says how far they agreed; a
  /// difference is reported as SC_ERROR. nullopt: the view compares nothing.
  virtual std::optional<comparison> finish_comparison() { return std::nullopt; }
  /// Switches endpoint_observer::on_register_access on or off for the device inside; a view that
  /// has no such calls ignores it.
  virtual void trace_registers(bool /*on*/) noexcept {}

  // Of the device; of an empty place: the last properties, nothing, and ones as on an empty bus.
  const device_properties& properties() const noexcept { return properties_; }
  virtual const peer_table& peers() const = 0;
  virtual const device_statistics& statistics() const = 0;
  /// What a configuration read would return: 1, 2 or 4 bytes.
  virtual std::uint32_t peek_config(std::uint32_t offset, unsigned bytes) const = 0;
  /// What a read of a BAR would return, without side effects.
  virtual void peek(unsigned bar, std::uint64_t offset, std::uint8_t* data,
                    std::size_t bytes) const = 0;

 protected:
  /// Errors of `timing` are reported as SC_ERROR.
  device_place(const sc_core::sc_module_name& name, const timing_config& timing);

  // What a view adds.

  /// What the view cannot do, of properties that a device may have.
  virtual result<void, property_error> refusal(const device_properties& properties) const;
  /// Makes the device; the configuration space returned decides which BAR takes what, and lives as
  /// long as the device. properties(), memory() and seat() are set.
  virtual const config_space& make_device(peer_id id) = 0;
  /// Removes it, after what is due now has happened. It is still attached to its seat.
  virtual void remove_device() = 0;
  /// Whether direct memory access is given.
  virtual bool allows_dmi() const noexcept = 0;
  /// Who takes register accesses without a TLP; nullptr: requests take time.
  virtual pcie::route_target* direct_target() noexcept { return nullptr; }

  // What a view uses.

  /// A doorbell or notification of this device was dropped.
  void warn_of_drop(drop_cause cause, peer_id peer, vector_index vector);
  /// False: it is no memory request, or no BAR takes it whole. `header` is that of `trans`.
  bool decode(const pcie::payload& trans, const pcie::tlp& header, bar_hit& hit) const noexcept {
    return find_request(*config_, trans, header, hit);
  }
  bool decode(const pcie::payload& trans, bar_hit& hit) const noexcept {
    return decode(trans, pcie::tlp_of(trans), hit);
  }
  // What an empty place answers.
  static const peer_table& nobodys_peers() noexcept;
  static const device_statistics& nobodys_statistics() noexcept;
  static std::uint32_t ones(unsigned bytes) noexcept { return ~0U >> (32 - 8 * bytes); }
  /// Ends a request as Unsupported Request, and counts it.
  void unsupported(pcie::payload& trans) noexcept;
  void count_unsupported() noexcept { ++unsupported_requests_; }
  /// Tells whoever remembers a window of this device when one has changed.
  void watch_windows();
  /// Leaves the fabric, if it is in one: before what the fabric calls is destroyed.
  void detach();

  const timing_config& timing() const noexcept { return timing_; }
  memory_view memory() const noexcept { return memory_; }
  fabric_seat* seat() const noexcept { return seat_; }
  endpoint_observer* observer() const noexcept { return observer_; }

  // pcie::component
  pcie::component_role role() const noexcept override { return pcie::component_role::endpoint; }
  std::optional<timing_mode> mode() const noexcept override { return timing_.mode; }
  unsigned receive_debug(pcie::port& from, pcie::payload& trans) override;
  bool receive_dmi(pcie::port& from, pcie::payload& trans, tlm::tlm_dmi& dmi) override;
  bool resolve(pcie::port& from, std::uint64_t address, pcie::route& found) override;
  void hot_reset(pcie::port& from) override;
  bool claims(pcie::port& from, const pcie::payload& trans) override;
  void accepted(pcie::port& from, pcie::payload& trans, bool completion) override;

  // fabric_client
  void seat_gone() noexcept override { seat_ = &lost_seat(); }
  qemu_version qemu() const noexcept override { return properties_.qemu; }

 private:
  friend class endpoint_observer;

  result<void, property_error> put_in(const device_properties& properties, peer_id id,
                                      memory_view memory, fabric_seat* seat);
  void granted(std::uint64_t first, std::uint64_t last) noexcept;

  const timing_config timing_;
  device_properties properties_;
  memory_view memory_;
  const config_space* config_ = nullptr;  // of the device; nullptr: the place is empty
  fabric_seat* seat_ = nullptr;
  endpoint_observer* observer_ = nullptr;
  drop_warnings drop_warnings_;
  std::uint64_t unsupported_requests_ = 0;
  std::uint32_t window_changes_ = 0;
  pcie::route granted_;  // its range: what somebody upstream may remember of this device
};

}  // namespace ivshmem
