// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <systemc>
#include <vector>

#include "ivshmem/rtl_bridge/lockstep_checker.h"
#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/endpoint_view.h"
#include "ivshmem/tlm/fabric.h"
#include "ivshmem/tlm/pcie/payload_pool.h"
#include "ivshmem/tlm/pcie/port.h"
#include "ivshmem/tlm/timing.h"

namespace ivshmem::rtl {

struct lockstep_options {
  const stall_pattern* stalls =
      nullptr;           ///< partners that are not always ready; outlives the device
  std::string waveform;  ///< see lockstep_settings
};

/// Changes the TLP of a request on its way to the RTL: for TLPs that a payload cannot express. Its
/// timing and what it does must be those of the payload.
class tlp_disguise {
 public:
  virtual void change(const pcie::payload& trans, raw_tlp& tlp) = 0;

 protected:
  ~tlp_disguise() = default;
};

/// The tlm_cycle endpoint and the RTL side by side, behind the sockets and the life cycle of
/// ivshmem::endpoint. The platform sees the endpoint; the RTL gets the same stimuli and is compared
/// with it in every TLP, doorbell, memory access and interrupt, in value and in clock cycle.
///
/// The first difference is reported as SC_ERROR, when the next stimulus arrives or in finish().
/// A device is inserted while no request is under way to the empty place. Refused is what the RTL
/// does not have: interrupt_path::irqfd, and snapshots cannot be loaded.
class lockstep_device final : public sc_core::sc_module,
                              public endpoint_view,
                              private pcie::component,
                              private fabric_client,
                              private fabric_seat {
 public:
  pcie::port pcie{"pcie", *this};

  /// `timing.mode` is taken as tlm_cycle.
  explicit lockstep_device(const sc_core::sc_module_name& name, device_timing timing = {},
                           const lockstep_options& options = {});
  ~lockstep_device() override;

  pcie::port& link_port() noexcept override { return pcie; }
  std::optional<property_error> insert(const device_properties& properties,
                                       memory_view memory) override;
  std::optional<property_error> insert(const device_properties& properties,
                                       fabric_seat& seat) override;
  void eject() override;
  void reset() override;
  void observe(endpoint_observer* observer) noexcept override { model_.observe(observer); }
  std::uint64_t unsupported_requests() const noexcept override {
    return model_.unsupported_requests();
  }
  bool is_empty() const noexcept override { return model_.is_empty(); }
  const device_properties& properties() const override { return model_.properties(); }
  const peer_table& peers() const override { return model_.peers(); }
  const device_statistics& statistics() const override { return model_.statistics(); }
  std::uint32_t peek_config(std::uint32_t offset, unsigned bytes) const override {
    return model_.peek_config(offset, bytes);
  }
  void peek(unsigned bar, std::uint64_t offset, std::uint8_t* data,
            std::size_t bytes) const override {
    model_.peek(bar, offset, data, bytes);
  }
  const char* view_name() const noexcept override { return "lockstep"; }
  device* inserted() noexcept override { return model_.inserted(); }

  /// Lets the RTL come to where the simulation is, and to its end if the model is idle, when the
  /// states are compared too. False: they differ.
  bool finish();
  /// `0 differences in N TLPs, M cycles`, of all devices that were in this place, or the report of
  /// the first difference. After finish().
  std::string verdict() const;
  std::uint64_t tlps() const noexcept;
  std::uint64_t cycles() const noexcept;

  /// Outlives the device or is taken off with nullptr.
  void disguise(tlp_disguise* with) noexcept { disguise_ = with; }
  /// The checker while a device is inserted, else nullptr.
  lockstep_checker* checker() noexcept { return checker_.get(); }

 private:
  struct blocked_caller {
    const pcie::payload* trans;
    sc_core::sc_event* done;
  };

  // Both ends of the model: `pcie` towards the platform, model_port_ towards the model.
  void receive(pcie::port& from, pcie::payload& trans, sc_core::sc_time& delay) override;
  unsigned receive_debug(pcie::port& from, pcie::payload& trans) override;
  void dmi_invalidated(pcie::port& from, std::uint64_t first, std::uint64_t last) override;
  void hot_reset(pcie::port& from) override;
  bool claims(pcie::port& from, const pcie::payload& trans) override;
  void request_arrived(pcie::port& from, pcie::payload& trans,
                       const sc_core::sc_time& delay) override;
  void completion_arrived(pcie::port& from, pcie::payload& trans,
                          const sc_core::sc_time& delay) override;
  void accepted(pcie::port& from, pcie::payload& trans, bool completion) override;

  // Between the fabric and the model.
  message_result digest(const server_message& message) override;
  void notify(vector_index vector) override;
  peer_id id() const override { return seat_->id(); }
  memory_view memory() const override { return seat_->memory(); }
  void attach(fabric_client& client) override;
  void detach() override { seat_->detach(); }
  void ring(peer_id peer, vector_index vector, const sc_core::sc_time& delay) override {
    seat_->ring(peer, vector, delay);
  }

  std::optional<property_error> refuse(const device_properties& properties) const;
  void begin(peer_id id, memory_view memory);
  std::uint64_t cycle_at(const sc_core::sc_time& delay) const;
  void follow();
  void report();
  bool wake_caller(const pcie::payload& trans);

  const device_timing timing_;
  const lockstep_options options_;
  endpoint model_;
  pcie::port model_port_{"model_port", *this};
  std::unique_ptr<lockstep_checker> checker_;
  fabric_seat* seat_ = nullptr;
  fabric_client* client_ = nullptr;  // the model
  tlp_disguise* disguise_ = nullptr;
  std::vector<blocked_caller> callers_;
  pcie::payload_pool pool_;
  std::uint64_t unsupported_before_ = 0;
  std::uint64_t tlps_before_ = 0;
  std::uint64_t cycles_before_ = 0;
  std::string difference_;
};

}  // namespace ivshmem::rtl
