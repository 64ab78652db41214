// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <systemc>

#include "ivshmem/model/peer_table.h"
#include "ivshmem/rtl_bridge/core_driver.h"
#include "ivshmem/tlm/device_place.h"
#include "ivshmem/tlm/timing.h"

namespace ivshmem::rtl {

class rtl_clocking;

/// What only an RTL device has, beside timing and properties.
struct rtl_device_config {
  bool waveform = false;       ///< open_waveform() is going to be used, see core_config
  unsigned batch_cycles = 64;  ///< most cycles that one activation looks ahead, at least 1
  bool skip_idle = true;       ///< leave out cycles in which nothing can change
  bool checked = true;         ///< protocol checkers and assertions; what they find is an SC_ERROR
  const stall_pattern* stalls =
      nullptr;  ///< partners that are not always ready; outlives the device
};

/// The RTL endpoint behind the sockets and the life cycle of ivshmem::endpoint.
///
/// In tlm_cycle it turns its own clock, cycle n at n clock periods: a request enters at the edge
/// that is not before its arrival, completions and messages leave with their last beat. Cycles are
/// passed ahead of the simulation time as far as nobody else can act before, and left out while
/// the device is idle; neither changes what happens when.
///
/// In functional and tlm_lt an access turns the clock on the spot until everything it caused has
/// left the device; tlm_lt adds the cycles of that to the delay.
///
/// Properties that only the model has are refused: interrupt_path::irqfd. There are no snapshots.
///
/// Sources: rtl_device.cpp (the place, and what comes in), rtl_device_outputs.cpp (what leaves the
/// core), rtl_device_peek.cpp (what is seen without asking). Who turns the clock, and when, is an
/// rtl_clocking's business.
class rtl_device final : public device_place {
 public:
  /// An empty place.
  explicit rtl_device(const sc_core::sc_module_name& name, const timing_config& timing = {},
                      const rtl_device_config& options = {});
  /// With a device in it: see insert(). Errors are reported as SC_ERROR.
  rtl_device(const sc_core::sc_module_name& name, const device_properties& properties,
             memory_view memory, const timing_config& timing = {},
             const rtl_device_config& options = {});
  rtl_device(const sc_core::sc_module_name& name, const device_properties& properties,
             fabric_seat& seat, const timing_config& timing = {},
             const rtl_device_config& options = {});
  ~rtl_device() override;
  const char* kind() const override { return "ivshmem::rtl::rtl_device"; }

  void reset() override;
  const peer_table& peers() const override;
  const device_statistics& statistics() const override;
  std::uint32_t peek_config(std::uint32_t offset, unsigned bytes) const override;
  void peek(unsigned bar, std::uint64_t offset, std::uint8_t* data,
            std::size_t bytes) const override;
  device_view view() const noexcept override { return device_view::rtl; }

  /// The core and its transactors while a device is inserted, else nullptr.
  core_driver* driver() noexcept;
  /// Waveform of this device from now on, or to now. False: see verilated_core.
  [[nodiscard]] bool open_waveform(const std::string& path);
  void close_waveform();

 private:
  friend class rtl_clocking;
  struct flight;
  struct parts;

  result<void, property_error> refusal(const device_properties& properties) const override;
  const config_space& make_device(peer_id id) override;
  void remove_device() override;
  bool allows_dmi() const noexcept override;
  void receive(pcie::port& from, pcie::payload& trans, sc_core::sc_time& delay) override;
  void request_arrived(pcie::port& from, pcie::payload& trans,
                       const sc_core::sc_time& delay) override;
  server_message_result digest(const server_message& message) override;
  void introduce(peer_id peer, unsigned vectors) override;
  void notify(vector_index vector) override;
  void step();

  void queue(pcie::payload& trans, std::uint64_t not_before, sc_core::sc_event* done, bool timed);
  bool is_lost_message(const pcie::payload& trans) const;
  void give_up_waiting();

  void take(const driver_outputs& seen);
  void completed(const raw_tlp& tlp);
  void request_gone();
  void finished(const flight& one);
  void message_out(const raw_tlp& tlp);
  void doorbell_out(const doorbell_pins& doorbell);
  void event_out(const event_pins& event);
  void dropped(drop_cause cause, peer_id peer, vector_index vector);
  void set_pending(unsigned vector, bool pending);
  void copy_windows();
  void report_violations();

  const rtl_device_config options_;
  const std::unique_ptr<rtl_clocking> clocking_;
  std::unique_ptr<parts> parts_;
};

}  // namespace ivshmem::rtl
