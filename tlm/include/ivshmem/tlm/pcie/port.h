// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <systemc>
#include <tlm>

#include "ivshmem/tlm/pcie/route.h"
#include "ivshmem/tlm/pcie/tlp.h"
#include "ivshmem/tlm/timing.h"

namespace ivshmem::pcie {

/// Protocol of the pcie sockets. The TLP extension is mandatory, so they must not bind to
/// base-protocol sockets [IEEE 1666 14.2.2].
struct tlp_protocol {
  using tlm_payload_type = payload;
  using tlm_phase_type = tlm::tlm_phase;
};

class port;

/// What stands at the end of a link, as far as it matters who is bound to whom.
enum class component_role : std::uint8_t { passes_on, root, endpoint };

/// What a component with ports answers. `from` is the component's own port that received.
class component {
 public:
  virtual component_role role() const noexcept { return component_role::passes_on; }
  /// The mode that the component works in; nullopt: whatever its neighbours do.
  virtual std::optional<timing_mode> mode() const noexcept { return std::nullopt; }

  /// A request arrived. Returns completed: complete() was called on it.
  virtual void receive(port& from, payload& trans, sc_core::sc_time& delay) = 0;
  /// The same without side effects and time; returns the number of bytes transferred.
  virtual unsigned receive_debug(port& from, payload& trans) = 0;
  /// Direct memory interface of a memory request.
  virtual bool receive_dmi(port& from, payload& trans, tlm::tlm_dmi& dmi);
  /// Route of memory requests for `address`; false where there is none, or the way takes time.
  virtual bool resolve(port& from, std::uint64_t address, route& found);
  /// The other end takes back direct memory access and routes to [first, last].
  virtual void dmi_invalidated(port& from, std::uint64_t first, std::uint64_t last);
  /// Hot reset from upstream [PCIe 6.6.1].
  virtual void hot_reset(port& from);
  /// Whether a request is for this component or for what it leads to; decides nothing by itself.
  virtual bool claims(port& from, const payload& trans);

  // Timed transport (tlm-cycle). A call announces what happens `delay` from now; a component that
  // keeps a payload longer than the call acquires it.

  /// A request is here. It must be accepted in time, and completed unless it is posted. A component
  /// without timing of its own answers as receive() does.
  virtual void request_arrived(port& from, payload& trans, const sc_core::sc_time& delay);
  /// The completion of a request that was sent through `from` is here. It must be accepted.
  virtual void completion_arrived(port& from, payload& trans, const sc_core::sc_time& delay);
  /// What was sent through `from` was taken out of the receiver's buffer: its credits are back.
  virtual void accepted(port& from, payload& trans, bool completion);

 protected:
  ~component() = default;
};

/// One end of a link: requests go out through `tx` and come in through `rx`, full duplex.
///
/// Foreign PCIe models bind to the two sockets; everybody else calls bind(). A port that nothing
/// is bound to behaves as a link that is down: requests end as Unsupported Request.
class port final : public sc_core::sc_object,
                   private tlm::tlm_fw_transport_if<tlp_protocol>,
                   private tlm::tlm_bw_transport_if<tlp_protocol> {
 public:
  tlm::tlm_base_initiator_socket<32, tlm::tlm_fw_transport_if<tlp_protocol>,
                                 tlm::tlm_bw_transport_if<tlp_protocol>, 1,
                                 sc_core::SC_ZERO_OR_MORE_BOUND>
      tx;
  tlm::tlm_base_target_socket<32, tlm::tlm_fw_transport_if<tlp_protocol>,
                              tlm::tlm_bw_transport_if<tlp_protocol>, 1,
                              sc_core::SC_ZERO_OR_MORE_BOUND>
      rx;

  /// `owner` outlives the port; `index` is the owner's own number for it.
  port(const char* name, component& owner, unsigned index = 0);

  /// Binds both directions. SC_ERROR: the ends work in different timing modes, or are two root
  /// complexes or two endpoints.
  void bind(port& other);

  unsigned index() const noexcept { return index_; }
  bool is_bound() const noexcept { return tx.size() != 0; }

  /// Sends a request to the other end and returns with its completion.
  void send(payload& trans, sc_core::sc_time& delay);
  unsigned send_debug(payload& trans);
  bool send_dmi(payload& trans, tlm::tlm_dmi& dmi);
  /// Asks the other end for a route; none when a foreign model is bound.
  bool resolve(std::uint64_t address, route& found);
  /// Takes back direct memory access and routes to [first, last] that the other end was granted.
  void invalidate_dmi(std::uint64_t first, std::uint64_t last);
  /// The same for all that it was granted: one range around it, or nothing at all.
  void invalidate_granted_dmi();
  /// Resets whatever is at the other end; nothing happens when a foreign model is bound.
  void send_hot_reset();
  /// Whether the other end leads to where `trans` goes; true when a foreign model is bound.
  bool leads_to(const payload& trans);

  // Timed transport: requests and their credits on `tx` and `rx` as BEGIN_REQ and END_REQ,
  // completions the other way as BEGIN_RESP and END_RESP. Unlike in the base protocol several
  // requests may be under way between two ends; a payload needs a memory manager.
  void send_request(payload& trans, const sc_core::sc_time& delay);
  void send_completion(payload& trans, const sc_core::sc_time& delay);
  void accept(payload& trans, bool completion);

 private:
  void b_transport(payload& trans, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_fw(payload& trans, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_bw(payload& trans, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  unsigned transport_dbg(payload& trans) override;
  bool get_direct_mem_ptr(payload& trans, tlm::tlm_dmi& dmi) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override;

  void check_neighbour(const port& other) const;
  void granted(std::uint64_t first, std::uint64_t last);

  component& owner_;
  unsigned index_;
  port* other_ = nullptr;
  // Around all that the other end was granted since it was last taken back.
  std::uint64_t granted_first_ = ~std::uint64_t{0};
  std::uint64_t granted_last_ = 0;
};

}  // namespace ivshmem::pcie
