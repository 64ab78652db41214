// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <systemc>

#include "ivshmem/rtl_bridge/lockstep_checker.h"
#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/timing.h"

namespace ivshmem::rtl {

/// What only a lockstep device has, beside timing and properties.
struct lockstep_device_config {
  const stall_pattern* stalls =
      nullptr;           ///< partners that are not always ready; outlives the device
  std::string waveform;  ///< see lockstep_checker_config
};

/// The tlm_cycle endpoint and the RTL side by side, behind the sockets and the life cycle of
/// ivshmem::endpoint. The platform sees the endpoint; the RTL gets the same stimuli and is compared
/// with it in every TLP, doorbell, memory access and interrupt, in value and in clock cycle.
///
/// The first difference is reported as SC_ERROR, when the next stimulus arrives or in finish().
/// A device is inserted while no request is under way to the empty place. Refused is what the RTL
/// does not have: interrupt_path::irqfd, and snapshots cannot be loaded.
class lockstep_device final : public device_place {
 public:
  /// An empty place. `timing.mode` is taken as tlm_cycle.
  explicit lockstep_device(const sc_core::sc_module_name& name, const timing_config& timing = {},
                           const lockstep_device_config& options = {});
  /// With a device in it: see insert(). Errors are reported as SC_ERROR.
  lockstep_device(const sc_core::sc_module_name& name, const device_properties& properties,
                  memory_view memory, const timing_config& timing = {},
                  const lockstep_device_config& options = {});
  lockstep_device(const sc_core::sc_module_name& name, const device_properties& properties,
                  fabric_seat& seat, const timing_config& timing = {},
                  const lockstep_device_config& options = {});
  ~lockstep_device() override;
  const char* kind() const override { return "ivshmem::rtl::lockstep_device"; }

  void reset() override;
  void observe(endpoint_observer* observer) noexcept override { model_.observe(observer); }
  std::uint64_t unsupported_requests() const noexcept override {
    return model_.unsupported_requests();
  }
  const peer_table& peers() const override { return model_.peers(); }
  const device_statistics& statistics() const override { return model_.statistics(); }
  std::uint32_t peek_config(std::uint32_t offset, unsigned bytes) const override {
    return model_.peek_config(offset, bytes);
  }
  void peek(unsigned bar, std::uint64_t offset, std::uint8_t* data,
            std::size_t bytes) const override {
    model_.peek(bar, offset, data, bytes);
  }
  device_view view() const noexcept override { return device_view::lockstep; }
  std::optional<comparison> finish_comparison() override;
  void trace_registers(bool on) noexcept override { model_.trace_registers(on); }

  /// Lets the RTL come to where the simulation is, and to its end if the model is idle, when the
  /// states are compared too. False: they differ.
  bool finish();
  /// `0 differences in N TLPs, M cycles`, of all devices that were in this place, or the report of
  /// the first difference. After finish().
  std::string verdict() const;
  std::uint64_t tlps() const noexcept;
  std::uint64_t cycles() const noexcept;

  /// Outlives the device or is taken off with nullptr.
  void disguise(tlp_disguise* with) noexcept;
  /// The checker while a device is inserted, else nullptr.
  lockstep_checker* checker() noexcept { return checker_.get(); }

 private:
  class model_seat;

  result<void, property_error> refusal(const device_properties& properties) const override;
  const config_space& make_device(peer_id id) override;
  void remove_device() override;
  bool allows_dmi() const noexcept override { return false; }

  // Both ends of the model: `pcie` towards the platform, model_port_ towards the model.
  pcie::component_role role() const noexcept override { return pcie::component_role::passes_on; }
  void receive(pcie::port& from, pcie::payload& trans, sc_core::sc_time& delay) override;
  void request_arrived(pcie::port& from, pcie::payload& trans,
                       const sc_core::sc_time& delay) override;
  void completion_arrived(pcie::port& from, pcie::payload& trans,
                          const sc_core::sc_time& delay) override;
  void accepted(pcie::port& from, pcie::payload& trans, bool completion) override;
  void show_request(const pcie::payload& trans, const sc_core::sc_time& delay);

  server_message_result digest(const server_message& message) override;
  void introduce(peer_id peer, unsigned vectors) override;
  void notify(vector_index vector) override;

  void follow();
  void report();

  const lockstep_device_config options_;
  const device_clock clock_;
  std::unique_ptr<model_seat> model_seat_;  // between the model and the fabric: outlives the model
  endpoint model_;
  pcie::port model_port_{"model_port", *this};
  std::unique_ptr<lockstep_checker> checker_;
  tlp_disguise* disguise_ = nullptr;
  std::uint64_t unsupported_before_ = 0;
  std::uint64_t tlps_before_ = 0;
  std::uint64_t cycles_before_ = 0;
  std::string difference_;
};

}  // namespace ivshmem::rtl
