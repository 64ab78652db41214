// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <systemc>

#include "ivshmem/rtl_bridge/rtl_device.h"
#include "ivshmem/tlm/report.h"
#include "rtl_device_parts.h"

namespace ivshmem::rtl {

/// Who turns the clock of an rtl_device, how far and when: one class for each timing_mode.
///
/// What comes in, the device hands to the core, and the clocking passes cycles; what the core hands
/// over in a cycle, the clocking gives back to the device, which asks it when that is and how a TLP
/// leaves.
class rtl_clocking {
 public:
  /// The one for the mode of the device's timing.
  static std::unique_ptr<rtl_clocking> make(rtl_device& owner);

  virtual ~rtl_clocking() = default;
  rtl_clocking(const rtl_clocking&) = delete;
  rtl_clocking& operator=(const rtl_clocking&) = delete;

  // What comes in. All but made() while a device is inserted.

  /// There is a device in the place.
  virtual void made() { ++insertions_; }
  /// A request by blocking transport, for the core; returns completed.
  virtual void receive(pcie::payload& trans, sc_core::sc_time& delay) = 0;
  /// A request by timed transport; false: answer as receive() does.
  virtual bool arrived(pcie::payload& trans, const sc_core::sc_time& delay);
  /// The cycle in which another input goes in that comes now.
  virtual std::uint64_t input_cycle() const = 0;
  /// One was put in. What it caused has happened, or will in time.
  virtual void input() = 0;
  /// Sends what input() has made the device say; whoever is called may wait.
  virtual void send_messages() {}

  // What leaves the core.

  /// When, from now.
  virtual sc_core::sc_time output_delay() const = 0;
  /// A message or an MSI-X write of the core, out in time.
  virtual void message(const raw_tlp& tlp) = 0;
  /// The same `delay` from now.
  virtual void send_upstream(const raw_tlp& tlp, const sc_core::sc_time& delay) = 0;

  virtual bool allows_dmi() const noexcept = 0;
  /// When step() is wanted; nullptr: never.
  virtual const sc_core::sc_event* due() const noexcept { return nullptr; }
  virtual void step() {}

 protected:
  explicit rtl_clocking(rtl_device& owner);

  // The device, as a clocking sees it.

  bool is_empty() const noexcept { return owner_.parts_ == nullptr; }
  /// Another number when another device is in the place; 0: none is.
  std::uint64_t insertion() const noexcept { return is_empty() ? 0 : insertions_; }
  core_driver& driver() const noexcept { return owner_.parts_->driver; }
  const rtl_device_config& options() const noexcept { return owner_.options_; }
  const device_clock& clock() const noexcept { return clock_; }
  pcie::port& port() noexcept { return owner_.pcie; }
  endpoint_observer* observer() const noexcept { return owner_.observer(); }
  bool decode(const pcie::payload& trans, bar_hit& hit) const noexcept {
    return owner_.decode(trans, hit);
  }

  /// Gives the core a request. It ends with `done`, or at the port when it came by timed transport,
  /// or else with its payload completed.
  void queue(pcie::payload& trans, std::uint64_t not_before, sc_core::sc_event* done, bool timed) {
    owner_.queue(trans, not_before, done, timed);
  }
  /// In which cycle a request ended last.
  std::uint64_t finished_at() const noexcept { return owner_.parts_->finished_at; }
  /// Ends the requests that wait for a completion, as Unsupported Request.
  void give_up_waiting() { owner_.give_up_waiting(); }
  /// Hands on what the core hands over in its cycle.
  void take(const driver_outputs& seen) { owner_.take(seen); }
  void report(const char* error) const { report_error(report_type::rtl, owner_.name(), error); }
  void report_violations() { owner_.report_violations(); }
  /// A message of the core as a payload of payload_bytes() bytes.
  static void fill(const raw_tlp& tlp, pcie::payload& trans);

 private:
  rtl_device& owner_;
  const device_clock clock_;
  std::uint64_t insertions_ = 0;
};

}  // namespace ivshmem::rtl
