// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <systemc>
#include <tuple>
#include <utility>
#include <vector>

#include "ivshmem/tlm/pcie/port.h"

namespace ivshmem::test {

/// Where packets entered and left a part of the bus, and whether the order between is legal: no
/// packet passes a posted request that entered at the same place before it and left at the same
/// place [PCIe 2.4.1]. Timed transport only; one log for each direction.
class order_log {
 public:
  void enter(const pcie::payload& trans, bool completion, unsigned where,
             const sc_core::sc_time& at);
  void leave(const pcie::payload& trans, bool completion, unsigned where,
             const sc_core::sc_time& at);
  /// One line for each packet that passed a posted request.
  std::vector<std::string> violations() const;
  std::size_t packets() const noexcept { return done_.size(); }

 private:
  struct packet {
    bool posted = false;
    bool completion = false;
    std::uint64_t address = 0;
    unsigned from = 0;
    unsigned to = 0;
    sc_core::sc_time in;
    sc_core::sc_time out;
    std::uint64_t left = 0;  // order of leaving, where times are equal
  };
  std::map<std::pair<const pcie::payload*, bool>, packet> inside_;
  std::vector<packet> done_;
};

/// Stands between two pcie ports, passes everything on, and notes what PCIe or the contract of
/// `pcie::component` does not allow: kinds and sizes of requests, configuration requests across a
/// dword, completions (none of posted requests, one of each other request, by the right function),
/// credits given back exactly once and first, tags in use twice, hops of a request that are not
/// those of its completion.
class contract_checker final : public sc_core::sc_module, private pcie::component {
 public:
  struct limits {
    unsigned max_payload_bytes = 256;
    unsigned max_read_request_bytes = 4096;
  };
  struct counters {
    std::uint64_t posted = 0;
    std::uint64_t non_posted = 0;
    std::uint64_t completions = 0;
    std::uint64_t unsupported = 0;  // of the completions
    std::uint64_t poisoned = 0;     // requests
  };

  pcie::port upstream{"upstream", *this};      ///< towards the root
  pcie::port downstream{"downstream", *this};  ///< towards the devices

  explicit contract_checker(const sc_core::sc_module_name& name) : sc_module(name) {}
  contract_checker(const sc_core::sc_module_name& name, const limits& allowed)
      : sc_module(name), limits_(allowed) {}

  /// Called for every packet that passes: downwards or not, completion or request.
  std::function<void(const pcie::payload&, bool down, bool completion, const sc_core::sc_time& at)>
      on_packet;

  /// Packets that go down enter `down` here and leave `up`, as above a part of the bus, or the
  /// other way round below it. `where` names the place.
  void log_above(order_log& down, order_log& up, unsigned where);
  void log_below(order_log& down, order_log& up, unsigned where);

  const std::vector<std::string>& violations() const noexcept { return violations_; }
  const counters& seen() const noexcept { return seen_; }
  /// Requests without completion, and packets without credit, now.
  std::size_t outstanding() const noexcept { return outstanding_.size(); }
  std::size_t unaccepted() const noexcept { return unaccepted_.size(); }

 private:
  struct request {
    unsigned depth;
    std::array<pcie::tlp::hop, pcie::tlp::max_hops> path;
    pcie::bdf requester;
    std::uint8_t tag;
  };

  void receive(pcie::port& from, pcie::payload& trans, sc_core::sc_time& delay) override;
  unsigned receive_debug(pcie::port& from, pcie::payload& trans) override;
  bool receive_dmi(pcie::port& from, pcie::payload& trans, tlm::tlm_dmi& dmi) override;
  bool resolve(pcie::port& from, std::uint64_t address, pcie::route& found) override;
  void dmi_invalidated(pcie::port& from, std::uint64_t first, std::uint64_t last) override;
  void hot_reset(pcie::port& from) override;
  bool claims(pcie::port& from, const pcie::payload& trans) override;
  void request_arrived(pcie::port& from, pcie::payload& trans,
                       const sc_core::sc_time& delay) override;
  void completion_arrived(pcie::port& from, pcie::payload& trans,
                          const sc_core::sc_time& delay) override;
  void accepted(pcie::port& from, pcie::payload& trans, bool completion) override;

  pcie::port& other(pcie::port& one) { return &one == &upstream ? downstream : upstream; }
  void expect(bool holds, const char* rule, const pcie::payload& trans);
  void check_request(pcie::port& from, const pcie::payload& trans);
  void check_completion(const pcie::payload& trans);
  void log(pcie::port& from, const pcie::payload& trans, bool completion,
           const sc_core::sc_time& delay);

  const limits limits_{};
  std::vector<std::string> violations_;
  counters seen_;
  std::map<std::pair<const pcie::payload*, const pcie::port*>, request> outstanding_;  // came in at
  std::set<std::tuple<const pcie::payload*, bool, const pcie::port*>> unaccepted_;  // went out at
  order_log* down_ = nullptr;
  order_log* up_ = nullptr;
  bool above_ = false;
  unsigned where_ = 0;
};

}  // namespace ivshmem::test
