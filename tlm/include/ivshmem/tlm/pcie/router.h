// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <systemc>

#include "ivshmem/tlm/pcie/bridge_function.h"
#include "ivshmem/tlm/pcie/port.h"
#include "ivshmem/tlm/timing.h"

namespace ivshmem::pcie {

/// Counters since construction.
struct router_statistics {
  std::uint64_t unrouted = 0;  ///< requests that nothing below or above wanted
};

/// What bridges and switches have in common: requests are sent on or answered here, completions go
/// back the way the requests came. Who derives decides where.
class router : public component {
 public:
  virtual ~router() = default;
  const router_statistics& statistics() const noexcept { return statistics_; }

 protected:
  /// Where a request goes: to `out`, or, if that is nullptr, to the configuration space of
  /// `function`, or, if that is nullptr too, nowhere.
  struct decision {
    port* out = nullptr;
    bridge_function* function = nullptr;
    /// The request leaves with this type: type 1 becomes type 0 on its last bus.
    tlp_type type = tlp_type::memory_read;
    /// A message that ends here: the wire it drives does not change.
    bool swallowed = false;
  };

  router(timing_mode mode, const sc_core::sc_time& latency) : mode_(mode), latency_(latency) {}

  /// Where `trans` goes; changes nothing that can be seen. A message that drives a wire counts as
  /// swallowed.
  virtual decision decide(port& from, const payload& trans) = 0;
  /// `trans` has really come, and `where` is what decide() said of it: drives the wires.
  virtual void apply(port& /*from*/, payload& /*trans*/, decision& /*where*/) {}
  /// The port towards the root.
  virtual port& root_side() = 0;
  /// A bit of `function` changed by a configuration write; `was_in_reset`: of its secondary bus.
  virtual void configured(bridge_function& function, bool was_in_reset) = 0;
  /// Whether [found.first, found.last] as a whole goes where `out` leads.
  virtual bool is_whole(const port& out, const route& found) const = 0;

  std::optional<timing_mode> mode() const noexcept override { return mode_; }
  void receive(port& from, payload& trans, sc_core::sc_time& delay) override;
  unsigned receive_debug(port& from, payload& trans) override;
  bool receive_dmi(port& from, payload& trans, tlm::tlm_dmi& dmi) override;
  bool resolve(port& from, std::uint64_t address, route& found) override;
  bool claims(port& from, const payload& trans) override;
  void dmi_invalidated(port& from, std::uint64_t first, std::uint64_t last) override;
  void request_arrived(port& from, payload& trans, const sc_core::sc_time& delay) override;
  void completion_arrived(port& from, payload& trans, const sc_core::sc_time& delay) override;
  void accepted(port& from, payload& trans, bool completion) override;

 private:
  decision admit(port& from, payload& trans);
  void access_config(bridge_function& function, payload& trans, bool debug);

  timing_mode mode_;
  sc_core::sc_time latency_;
  router_statistics statistics_;
};

}  // namespace ivshmem::pcie
