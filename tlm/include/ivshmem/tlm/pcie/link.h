// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <systemc>
#include <utility>

#include "ivshmem/tlm/pcie/port.h"
#include "ivshmem/tlm/timing.h"

namespace ivshmem::pcie {

/// Receiver buffer of one end for one direction, as flow control credits: how many packets of a
/// kind, and how much payload in units of 16 bytes, may be under way [PCIe 2.6]. Completions have
/// as many credits as requests were made for them.
struct link_credits {
  unsigned posted_headers = 32;
  unsigned posted_data = 256;
  unsigned non_posted_headers = 32;
};

/// What a fault did to a packet.
enum class link_loss : std::uint8_t { request, completion, poisoned };

/// What a link is, the same in both directions.
struct link_config {
  unsigned generation = 3;  ///< 1 to 6: 2.5 to 64 GT/s
  unsigned lanes = 4;       ///< 1, 2, 4, 8 or 16
  sc_core::sc_time propagation{5, sc_core::SC_NS};
  unsigned overhead_bytes = 8;  ///< of each TLP beside header and data: framing, sequence, LCRC
  unsigned max_payload_bytes = 256;        ///< completions are split at multiples of this, or where
                                           ///< their completer says, if that is less
  unsigned max_read_request_bytes = 4096;  ///< longer reads end as Unsupported Request
  link_credits credits;
  timing_mode mode = timing_mode::functional;
};

/// Counters since construction, both directions together.
struct link_statistics {
  std::uint64_t packets = 0;           ///< TLPs that entered the wire (tlm_cycle)
  std::uint64_t bytes = 0;             ///< on the wire, with overhead (tlm_cycle)
  std::uint64_t lost_posted = 0;       ///< posted requests that met a link that was down
  std::uint64_t failed_requests = 0;   ///< other requests that did
  std::uint64_t lost_completions = 0;  ///< completions lost by fault or with the link
  std::uint64_t poisoned = 0;          ///< payloads poisoned by fault
  std::uint64_t oversize = 0;          ///< requests above the configured sizes, refused
};

/// A link: two ends, each direction with its own serialisation, propagation and credits.
///
/// tlm_lt adds serialisation and propagation of request and completion. In tlm_cycle each direction
/// sends one TLP at a time; a packet waits for the wire and for credits of its kind, in an order
/// that PCIe allows: posted requests keep their order and are passed by nothing; completions and
/// other requests may be passed by posted requests that have credits, other requests also by
/// completions [PCIe 2.4.1, table 2-40]. functional passes through.
class link final : public sc_core::sc_module, private component {
 public:
  port upstream{"upstream", *this};      ///< towards the root
  port downstream{"downstream", *this};  ///< towards the devices

  explicit link(const sc_core::sc_module_name& name, const link_config& config = {});
  ~link() override;
  const char* kind() const override { return "ivshmem::pcie::link"; }

  /// Time on the wire of `payload_bytes` bytes in one TLP with a header of `header_bytes`.
  sc_core::sc_time serialisation(unsigned header_bytes, std::uint64_t payload_bytes) const;

  // Faults. They act from the next packet on.

  /// Takes the link down or up. What waits in it is lost when it goes down.
  void set_up(bool up);
  bool is_up() const noexcept { return up_; }
  /// Loses the next `count` completions.
  void lose_completions(unsigned count);
  /// Poisons the payload of the next `count` memory writes.
  void poison_writes(unsigned count);
  /// Every packet takes `extra` longer.
  void set_extra_delay(const sc_core::sc_time& extra) { extra_ = extra; }

  /// `handler` hears of every packet that a fault loses or poisons, at that moment; it must not
  /// send anything.
  void on_loss(std::function<void(const payload&, link_loss)> handler) {
    on_loss_ = std::move(handler);
  }

  const link_statistics& statistics() const noexcept { return statistics_; }
  /// Whether no packet waits for the wire, in either direction. What is on the wire is the next
  /// one's: a device that it comes to is not idle any more. Always so but in tlm_cycle.
  bool is_idle() const noexcept;

 private:
  class direction;

  std::optional<timing_mode> mode() const noexcept override { return config_.mode; }
  void receive(port& from, payload& trans, sc_core::sc_time& delay) override;
  unsigned receive_debug(port& from, payload& trans) override;
  bool receive_dmi(port& from, payload& trans, tlm::tlm_dmi& dmi) override;
  bool resolve(port& from, std::uint64_t address, route& found) override;
  bool claims(port& from, const payload& trans) override;
  void dmi_invalidated(port& from, std::uint64_t first, std::uint64_t last) override;
  void hot_reset(port& from) override;
  void request_arrived(port& from, payload& trans, const sc_core::sc_time& delay) override;
  void completion_arrived(port& from, payload& trans, const sc_core::sc_time& delay) override;
  void accepted(port& from, payload& trans, bool completion) override;

  link_config usable(link_config config) const;
  port& other(port& one) { return &one == &upstream ? downstream : upstream; }
  sc_core::sc_time request_time(const payload& trans) const;
  sc_core::sc_time completion_time(const payload& trans) const;
  /// TLPs that a completion is split into.
  unsigned completion_pieces(const payload& trans) const;
  void count(const payload& trans, bool completion);
  void lost(const payload& trans, link_loss how);
  /// Nothing may go round the link while it is down or has a fault waiting.
  bool passes_direct() const { return up_ && lose_completions_ == 0 && poison_writes_ == 0; }
  /// Applies faults and limits to a request that enters; false when it ends here.
  bool admit(payload& trans);
  void run_down();
  void run_up();

  link_config config_;
  std::unique_ptr<direction> down_;
  std::unique_ptr<direction> up_wire_;
  bool up_ = true;
  unsigned lose_completions_ = 0;
  unsigned poison_writes_ = 0;
  sc_core::sc_time extra_;
  std::function<void(const payload&, link_loss)> on_loss_;
  link_statistics statistics_;
};

}  // namespace ivshmem::pcie
