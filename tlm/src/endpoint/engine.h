// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <systemc>

#include "ivshmem/tlm/cycle_observer.h"
#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/pcie/payload_pool.h"

namespace ivshmem {

/// What a request to an endpoint does, and when: one class for each timing_mode.
///
/// Requests come from the bus through the place, notifications from the fabric. The engine asks the
/// place which BAR takes a request when it executes it, and calls the device; the device calls
/// the engine back, and the engine sends what leaves to the port or the seat, at its time.
class endpoint_engine : public device_callbacks {
 public:
  /// The one for the mode of the place's timing.
  static std::unique_ptr<endpoint_engine> make(endpoint& place);

  virtual ~endpoint_engine() = default;
  endpoint_engine(const endpoint_engine&) = delete;
  endpoint_engine& operator=(const endpoint_engine&) = delete;

  // What comes in.

  /// A request by blocking transport; returns completed.
  virtual void receive(pcie::payload& trans, sc_core::sc_time& delay) = 0;
  /// A request by timed transport; false: the engine keeps no requests, answer as receive() does.
  virtual bool arrived(pcie::payload& trans, const sc_core::sc_time& delay);
  virtual void notify(vector_index vector) = 0;
  virtual void reset();
  /// There is a device in the place.
  void made(device& inserted) noexcept { model_ = &inserted; }
  /// The device is about to be taken out: does what is due now, and forgets the rest.
  virtual void finish() {}
  /// It has been.
  void removed();
  /// Takes over from a snapshot: whoever remembers windows or watches pending bits is told.
  void loaded();

  /// When step() is wanted; nullptr: never.
  virtual const sc_core::sc_event* due() const noexcept { return nullptr; }
  virtual void step() {}

  virtual bool is_idle() const noexcept { return true; }
  virtual bool allows_dmi() const noexcept { return true; }
  virtual pcie::route_target* direct_target() noexcept { return nullptr; }
  virtual std::uint64_t malformed_requests() const noexcept { return 0; }
  virtual void observe_cycles(cycle_observer* /*observer*/) noexcept {}
  virtual void stall_with(const stall_pattern* /*stalls*/) noexcept {}

 protected:
  explicit endpoint_engine(endpoint& place) noexcept : place_(place) {}

  // device_callbacks: what only an observer wants to know.
  void blocked_reentry(unsigned bar, std::uint32_t offset) final;
  void register_access(unsigned bar, bool write, std::uint32_t offset, std::uint32_t value) final;

  // The place, as an engine sees it.

  device* model() const noexcept { return model_; }  // nullptr: the place is empty
  bool decode(const pcie::payload& trans, const pcie::tlp& header, bar_hit& hit) const noexcept {
    return place_.decode(trans, header, hit);
  }
  endpoint_observer* observer() const noexcept { return place_.observer(); }
  pcie::port& port() noexcept { return place_.pcie; }
  fabric_seat& seat() noexcept { return *place_.seat(); }
  const timing_config& timing() const noexcept { return place_.timing(); }
  pcie::bdf id() const noexcept { return id_; }
  /// Longest payload to and from the device, as Device Control has it now.
  unsigned max_payload_bytes() const noexcept {
    return model_ != nullptr ? model_->config().max_payload_bytes() : timing().max_payload_bytes;
  }
  void unsupported(pcie::payload& trans) noexcept { place_.unsupported(trans); }

  // What all engines do with a request.

  /// Whether the device has what a configuration request asks for.
  static bool serves_config(const pcie::payload& trans, const pcie::tlp& header) noexcept;
  /// Executes one that serves_config() says yes to.
  void configure(pcie::payload& trans);
  /// Reads or writes the enabled bytes of a request, lowest first.
  void access_bytes(pcie::payload& trans, const bar_hit& where);
  /// A message that is not aligned reaches memory, but no register [behaviour 5].
  static bool strays(const pcie::tlp& header, const bar_hit& where) noexcept {
    return header.msix && where.bar != 2 && where.offset % 4 != 0;
  }
  /// A TLP of this device: an MSI-X message, or INTx.
  void fill_message(pcie::payload_pool::pooled& trans, const msix_message& message,
                    bool injected) const;
  void fill_intx(pcie::payload_pool::pooled& trans, bool asserted) const;

  void warn_of_drop(drop_cause cause, peer_id peer, vector_index vector) {
    place_.warn_of_drop(cause, peer, vector);
  }
  /// Resets the device now.
  void reset_device();
  /// Tells the observer when the number of pending vectors has changed.
  void watch_pending() {
    if (observer() != nullptr) {
      tell_pending(event_delay());
    }
  }
  /// When what becomes of an interrupt is told, from now.
  virtual sc_core::sc_time event_delay() const = 0;

 private:
  void tell_pending(const sc_core::sc_time& delay);

  endpoint& place_;
  device* model_ = nullptr;
  pcie::bdf id_{};  // captured from configuration writes [PCIe 2.2.6.2]
  unsigned last_pending_ = 0;
};

}  // namespace ivshmem
