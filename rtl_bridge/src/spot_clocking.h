// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "ivshmem/tlm/messengers.h"
#include "ivshmem/tlm/pcie/payload_pool.h"
#include "rtl_clocking.h"

namespace ivshmem::rtl {

/// The clock in functional: an access turns it on the spot, until everything that it caused has
/// left the core. That takes no time.
class spot_clocking : public rtl_clocking {
 public:
  explicit spot_clocking(rtl_device& owner) : rtl_clocking(owner) {}

  void made() final;
  void receive(pcie::payload& trans, sc_core::sc_time& delay) final;
  std::uint64_t input_cycle() const final { return driver().cycle(); }
  void input() final;
  void send_messages() final { send_messages(false); }

  sc_core::sc_time output_delay() const final {
    return sum_of(delay_, duration(driver().cycle() - start_));
  }
  void message(const raw_tlp& tlp) final;
  void send_upstream(const raw_tlp& tlp, const sc_core::sc_time& delay) final;

  bool allows_dmi() const noexcept final { return true; }

 private:
  struct outgoing {
    raw_tlp tlp;
    sc_core::sc_time delay;
  };

  /// What `cycles` cycles take.
  virtual sc_core::sc_time duration(std::uint64_t cycles) const;
  /// Before a request is executed; `to_bar0`: it writes there, and may ring.
  virtual void enter(bool to_bar0, sc_core::sc_time& delay);

  bool is_reentry(pcie::payload& trans);
  void settle();
  void send_messages(bool inside);

  pcie::payload_pool pool_;
  std::vector<outgoing> outbox_;
  messengers messengers_;
  sc_core::sc_time delay_;   // of the access under way
  std::uint64_t start_ = 0;  // its first cycle
};

/// The clock in tlm_lt: the same, and an access takes as long as its cycles do.
class timed_spot_clocking final : public spot_clocking {
 public:
  explicit timed_spot_clocking(rtl_device& owner) : spot_clocking(owner) {}

 private:
  sc_core::sc_time duration(std::uint64_t cycles) const override { return clock().cycles(cycles); }
  void enter(bool to_bar0, sc_core::sc_time& delay) override;
};

}  // namespace ivshmem::rtl
