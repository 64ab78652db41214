// SPDX-License-Identifier: Apache-2.0
#pragma once

// Size: what a device in a place can do and what can be watched on it is one interface.
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <systemc>
#include <tlm>
#include <vector>

#include "ivshmem/model/snapshot.h"
#include "ivshmem/tlm/cycle_observer.h"
#include "ivshmem/tlm/endpoint_observer.h"
#include "ivshmem/tlm/endpoint_view.h"
#include "ivshmem/tlm/fabric.h"
#include "ivshmem/tlm/pcie/payload_pool.h"
#include "ivshmem/tlm/pcie/port.h"
#include "ivshmem/tlm/stall_pattern.h"
#include "ivshmem/tlm/timing.h"

namespace ivshmem {

/// The ivshmem device as a PCI Express endpoint: device 0 of the link at `pcie`.
///
/// A place where a device can be: it is empty until insert() and after eject(), and answers nothing
/// then, so a platform can plug and unplug while the simulation runs. Memory requests are answered
/// as Unsupported Request when no BAR takes them whole. Debug transport has no side effect. BAR2
/// gives direct memory access, which is taken back when a BAR, COMMAND or the device changes.
///
/// In tlm_lt, accesses take the cycles of model/timing.h and a doorbell write first consumes the
/// caller's delay, so b_transport must be called from a thread. In tlm_cycle, requests enter a
/// pipeline that is exact to the cycle, and there is no direct memory access.
class endpoint final : public sc_core::sc_module,
                       public endpoint_view,
                       private pcie::component,
                       private pcie::route_target,
                       private device_host,
                       private fabric_client {
 public:
  pcie::port pcie{"pcie", *this};

  /// An empty place.
  explicit endpoint(const sc_core::sc_module_name& name, const device_timing& timing = {});
  /// With a device in it: see insert(). Errors are reported as SC_ERROR.
  endpoint(const sc_core::sc_module_name& name, const device_properties& properties,
           memory_view memory, const device_timing& timing = {});
  endpoint(const sc_core::sc_module_name& name, const device_properties& properties,
           fabric_seat& seat, const device_timing& timing = {});
  ~endpoint() override;

  /// Puts a plain device, or any device that needs no peers, into the empty place.
  /// `memory` (or `seat`) outlives the device. Nothing happens when an error is returned.
  std::optional<property_error> insert(const device_properties& properties,
                                       memory_view memory) override;
  /// Puts a device with ID, memory and peers of `seat` into the empty place, and attaches it.
  std::optional<property_error> insert(const device_properties& properties,
                                       fabric_seat& seat) override;
  /// Takes the device out; its peers are told. Not from inside a call that comes from the device,
  /// such as an interrupt handler that runs within the message.
  void eject() override;

  /// The device, or nullptr while the place is empty.
  device* inserted() noexcept override { return device_.get(); }
  const device* inserted() const noexcept { return device_.get(); }

  /// Requests that ended here as Unsupported Request, poisoned writes among them.
  std::uint64_t unsupported_requests() const noexcept override { return unsupported_requests_; }

  /// Requests that were dropped as malformed, without completion (tlm_cycle).
  std::uint64_t malformed_requests() const noexcept { return malformed_requests_; }

  /// Machine reset of this device alone. In tlm_cycle it happens in the cycle of docs/timing.md,
  /// a clock cycle later at the earliest.
  void reset() override;
  /// ivshmem::save() and ivshmem::load() of the device, which must be inserted; loading tells
  /// everybody who remembers its windows.
  std::optional<snapshot_error> save(std::ostream& out) const;
  std::optional<snapshot_error> load(std::istream& in);
  /// One observer or none (nullptr); it outlives the endpoint or is taken off before.
  void observe(endpoint_observer* observer) noexcept override { observer_ = observer; }
  /// The same for the cycles of the device's own ports; silent unless in tlm_cycle.
  void observe_cycles(cycle_observer* observer) noexcept { cycle_observer_ = observer; }
  /// Partners that are not always ready (tlm_cycle); nullptr: always. It outlives the endpoint and
  /// is set before the first request.
  void stall_with(const stall_pattern* stalls) noexcept;

  // endpoint_view
  pcie::port& link_port() noexcept override { return pcie; }
  bool is_empty() const noexcept override { return device_ == nullptr; }
  const device_properties& properties() const override { return device_->properties(); }
  const peer_table& peers() const override { return device_->peers(); }
  const device_statistics& statistics() const override { return device_->statistics(); }
  std::uint32_t peek_config(std::uint32_t offset, unsigned bytes) const override {
    return device_->config_read(offset, bytes);
  }
  void peek(unsigned bar, std::uint64_t offset, std::uint8_t* data,
            std::size_t bytes) const override {
    device_->peek(bar, offset, data, bytes);
  }
  const char* view_name() const noexcept override;

 private:
  void receive(pcie::port& from, pcie::payload& trans, sc_core::sc_time& delay) override;
  unsigned receive_debug(pcie::port& from, pcie::payload& trans) override;
  bool receive_dmi(pcie::port& from, pcie::payload& trans, tlm::tlm_dmi& dmi) override;
  bool resolve(pcie::port& from, std::uint64_t address, pcie::route& found) override;
  void hot_reset(pcie::port& from) override;
  bool claims(pcie::port& from, const pcie::payload& trans) override;
  void request_arrived(pcie::port& from, pcie::payload& trans,
                       const sc_core::sc_time& delay) override;
  void accepted(pcie::port& from, pcie::payload& trans, bool completion) override;
  void access(unsigned bar, bool write, std::uint64_t offset, unsigned char* data, unsigned bytes,
              const sc_core::sc_time& delay) override;

  void ring(peer_id peer, vector_index vector) override;
  void send_message(vector_index vector, const msix_message& message, bool injected) override;
  void set_intx(bool asserted) override;
  void dropped(drop_cause cause, peer_id peer, vector_index vector) override;
  void blocked_reentry(unsigned bar, std::uint32_t offset) override;
  void register_access(unsigned bar, bool write, std::uint32_t offset,
                       std::uint32_t value) override;

  message_result digest(const server_message& message) override;
  void notify(vector_index vector) override;

  /// A memory request that a BAR takes: which, and where in it.
  struct target {
    unsigned bar;
    std::uint64_t offset;
  };
  std::optional<property_error> install(const device_properties& properties, peer_id id,
                                        memory_view memory);
  bool decode(const pcie::payload& trans, target& hit) const;
  void watched_access(unsigned bar, bool write, std::uint64_t offset, unsigned char* data,
                      unsigned bytes, const sc_core::sc_time& delay);
  void execute(pcie::payload& trans, const sc_core::sc_time& delay);
  void unsupported(pcie::payload& trans);
  void memory_request(pcie::payload& trans);
  static bool serves_config(const pcie::payload& trans);
  void config_request(pcie::payload& trans);
  void access_bytes(pcie::payload& trans, const target& where);
  void loosely_timed(pcie::payload& trans, sc_core::sc_time& delay);
  bool is_exact() const noexcept { return timing_.mode == timing_mode::tlm_cycle; }
  void run_pipeline();
  void check_timing() const;
  void reset_device();
  void send_upstream(const pcie::tlp_header& header, std::uint64_t address, const void* data,
                     unsigned bytes, vector_index vector);
  sc_core::sc_time cycles(unsigned count) const { return timing_.clock_period * count; }
  sc_core::sc_time to_edge(const sc_core::sc_time& delay) const;
  sc_core::sc_time event_delay() const;
  void watch_pending();
  void watch_windows();

  class pipeline;
  class visit;

  const device_timing timing_;
  std::unique_ptr<pipeline> pipeline_;  // timed modes only
  std::unique_ptr<device> device_;
  fabric_seat* seat_ = nullptr;
  endpoint_observer* observer_ = nullptr;
  cycle_observer* cycle_observer_ = nullptr;
  pcie::payload_pool pool_;
  pcie::bdf id_{};                       // captured from configuration writes [PCIe 2.2.6.2]
  std::vector<const void*> messengers_;  // processes whose message waits upstream, inside an access
  sc_core::sc_time delay_;               // of the access under way: what it causes happens then
  std::uint64_t unsupported_requests_ = 0;
  std::uint64_t malformed_requests_ = 0;
  std::uint32_t window_changes_ = 0;
  unsigned last_pending_ = 0;
  bool routed_ = false;  // somebody upstream remembers a window of this device
};

}  // namespace ivshmem
