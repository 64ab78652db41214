// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <systemc>

#include "ivshmem/model/snapshot.h"
#include "ivshmem/tlm/cycle_observer.h"
#include "ivshmem/tlm/device_place.h"
#include "ivshmem/tlm/stall_pattern.h"

namespace ivshmem {

class endpoint_engine;

/// The ivshmem device as a PCI Express endpoint: device 0 of the link at `pcie`.
///
/// Memory requests are answered as Unsupported Request when no BAR takes them whole. The mode of
/// the timing chooses the engine that executes requests:
///
/// functional  at once;
/// tlm_lt      accesses take the cycles of model/timing.h, and a doorbell write first consumes the
///             caller's delay, so b_transport must be called from a thread;
/// tlm_cycle   requests enter a pipeline that is exact to the cycle; no direct memory access.
class endpoint final : public device_place {
 public:
  /// An empty place.
  explicit endpoint(const sc_core::sc_module_name& name, const timing_config& timing = {});
  /// With a device in it: see insert(). Errors are reported as SC_ERROR.
  endpoint(const sc_core::sc_module_name& name, const device_properties& properties,
           memory_view memory, const timing_config& timing = {});
  endpoint(const sc_core::sc_module_name& name, const device_properties& properties,
           fabric_seat& seat, const timing_config& timing = {});
  ~endpoint() override;
  const char* kind() const override { return "ivshmem::endpoint"; }

  /// The device, or nullptr while the place is empty.
  device* inserted() noexcept { return device_.get(); }
  const device* inserted() const noexcept { return device_.get(); }

  /// Machine reset of this device alone. In tlm_cycle it happens in the cycle of docs/timing.md,
  /// a clock cycle later at the earliest.
  void reset() override;
  /// ivshmem::save() and ivshmem::load() of the device; loading tells everybody who remembers its
  /// windows. A posted write that is under way is in no snapshot: see is_idle().
  result<void, snapshot_error> save(std::ostream& out) const;
  result<void, snapshot_error> load(std::istream& in);

  /// Whether nothing is under way in the device: no request, notification or reset that it has
  /// taken and not done. Always so but in tlm_cycle.
  bool is_idle() const noexcept;
  /// Requests that were dropped as malformed, without completion (tlm_cycle).
  std::uint64_t malformed_requests() const noexcept;
  /// One observer of the cycles of the device's own ports or none (nullptr); it outlives the
  /// endpoint or is taken off before. Silent unless in tlm_cycle.
  void observe_cycles(cycle_observer* observer) noexcept;
  /// Partners that are not always ready (tlm_cycle); nullptr: always. It outlives the endpoint and
  /// is set before the first request.
  void stall_with(const stall_pattern* stalls) noexcept;

  // device_place
  const peer_table& peers() const override;
  const device_statistics& statistics() const override;
  std::uint32_t peek_config(std::uint32_t offset, unsigned bytes) const override;
  void peek(unsigned bar, std::uint64_t offset, std::uint8_t* data,
            std::size_t bytes) const override;
  device_view view() const noexcept override;
  void trace_registers(bool on) noexcept override;

 private:
  friend class endpoint_engine;

  const config_space& make_device(peer_id id) override;
  void remove_device() override;
  bool allows_dmi() const noexcept override;
  pcie::route_target* direct_target() noexcept override;
  void receive(pcie::port& from, pcie::payload& trans, sc_core::sc_time& delay) override;
  void request_arrived(pcie::port& from, pcie::payload& trans,
                       const sc_core::sc_time& delay) override;
  server_message_result digest(const server_message& message) override;
  void introduce(peer_id peer, unsigned vectors) override;
  void notify(vector_index vector) override;
  void step();

  std::unique_ptr<endpoint_engine> engine_;
  std::unique_ptr<device> device_;
};

}  // namespace ivshmem
