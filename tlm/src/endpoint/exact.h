// SPDX-License-Identifier: Apache-2.0
// Size: one state machine; its steps share most of its state.
#pragma once

#include <cstdint>
#include <deque>
#include <systemc>

#include "engine.h"
#include "ivshmem/tlm/pcie/payload_pool.h"
#include "request_shape.h"
#include "timeline.h"

namespace ivshmem {

/// The device in tlm_cycle: takes requests, notifications and function resets in their cycles, and
/// does at once, with annotated time, what a request does later [docs/timing.md].
///
/// A request is worked through when it is present in execution: nothing that comes later changes
/// its course. What is due in a cycle happens in this order: requests, notifications, function
/// reset.
///
/// Sources: exact.cpp (what comes in, and when), exact_requests.cpp (what a request does),
/// exact_memory.cpp (the same at BAR2).
class exact_engine final : public endpoint_engine {
 public:
  using cycle = device_timeline::cycle;

  explicit exact_engine(endpoint& place);

  void receive(pcie::payload& trans, sc_core::sc_time& delay) override;
  bool arrived(pcie::payload& trans, const sc_core::sc_time& delay) override;
  void notify(vector_index vector) override;
  void reset() override;
  void finish() override;
  const sc_core::sc_event* due() const noexcept override { return &due_; }
  void step() override;

  bool is_idle() const noexcept override {
    return current_.trans == nullptr && requests_.empty() && notifications_.empty() &&
           !reset_waits_ && !line_.is_scanning() && !owes_intx();
  }
  bool allows_dmi() const noexcept override { return false; }
  std::uint64_t malformed_requests() const noexcept override { return malformed_requests_; }
  void observe_cycles(cycle_observer* observer) noexcept override { cycles_ = observer; }
  void stall_with(const stall_pattern* stalls) noexcept override { line_.stall_with(stalls); }

  // device_callbacks
  void ring(peer_id peer, vector_index vector) override;
  void send_message(vector_index vector, const msix_message& message, bool injected) override;
  void set_intx(bool asserted) override;
  bool may_release() override;
  void held_back(vector_index vector, bool merged) override;
  void dropped(drop_cause cause, peer_id peer, vector_index vector) override;

 private:
  struct waiting {
    pcie::payload* trans = nullptr;
    pcie::tlp* header = nullptr;  // of trans
    cycle first_beat = 0;
    sc_core::sc_event* done = nullptr;  // of a blocking caller
  };
  struct notification {
    vector_index vector;
    cycle arrival;
  };
  static constexpr unsigned no_beat = ~0U;
  /// A request in execution.
  struct job {
    pcie::payload& trans;
    pcie::tlp& header;
    cycle present;
    cycle first_beat;
    unsigned dwords;
    unsigned beats;                 // of the request
    std::uint64_t offset;           // in its BAR
    bool strays = false;            // reaches no register
    unsigned wrong_beat = no_beat;  // the first that is not as the header says

    /// All bytes of one dword of a register.
    bool is_word() const noexcept {
      return !strays && dwords == 1 && trans.get_data_length() == 4 &&
             trans.get_byte_enable_ptr() == nullptr;
    }
  };
  /// A call into the device: in which cycle the device acts, and why.
  enum class occasion : std::uint8_t { request, configuration, scan, notification, reset };
  struct act {
    cycle at = 0;
    occasion why = occasion::request;
    cycle doorbell = 0;  // when the doorbell leaves that the call may ring
  };

  /// From now to the edge of cycle `at`; zero when that is past.
  sc_core::sc_time until(cycle at) const { return clock_.until(at, current_cycle_); }
  void enqueue(pcie::payload& trans, const sc_core::sc_time& delay, sc_core::sc_event* done);
  void arm();
  bool advance(cycle at);
  bool may_be_late(const waiting& first) const;
  /// Whether what would happen in cycle `at` goes before the function reset that waits.
  bool may_come(cycle at) const noexcept { return !reset_waits_ || at <= reset_arrival_; }
  void retire();
  void take_reset(cycle at);
  void take_notification(cycle at);

  // What the interrupt logic does by itself.
  void scan();
  bool owes_intx() const noexcept { return intx_ != told_intx_; }
  cycle intx_due() const noexcept { return std::max(intx_since_, line_.message_room()); }
  void tell_intx(cycle at);
  /// Does what of that is before cycle `end`.
  void catch_up(cycle end);
  /// First cycle from `at` on in which an access may touch interrupts; what goes before it is done.
  cycle turn(cycle at);

  // A request: each returns its last cycle in execution.
  void execute();
  cycle dispatch(job& one);
  bool is_malformed(const job& one) const;
  unsigned wrong_beat_of(const job& one) const;
  unsigned due_beats(const job& one) const;
  /// Dwords before the wrong beat.
  unsigned good_dwords(const job& one) const {
    return one.wrong_beat == no_beat ? one.dwords : one.wrong_beat * width_.dwords();
  }
  bool is_held(const job& one) const { return due_beats(one) <= timing::held_beats; }
  cycle dispatch_wrong(job& one);
  cycle drop_malformed(const job& one);
  void tell_malformed(const job& one, cycle at);
  cycle finish_without(const job& one) const;
  cycle refuse(const job& one);
  cycle configuration(const job& one);
  cycle read_registers(const job& one, unsigned bar);
  cycle write_registers(const job& one, unsigned bar);
  cycle write_bar0(unsigned offset, const unsigned char* data, unsigned enables, cycle at);
  cycle memory_write(const job& one);
  unsigned write_memory(const job& one);
  cycle memory_read(const job& one);
  /// A completion: `dwords` of the request from dword `first` on; 0: without data.
  void completes(const job& one, unsigned first, unsigned dwords, device_timeline::beats at) {
    completion_ = at.last;
    if (cycles_ != nullptr) {
      tell_completion(one, first, dwords, at);
    }
  }
  void tell_completion(const job& one, unsigned first, unsigned dwords, device_timeline::beats at);

  void decide();
  sc_core::sc_time event_delay() const override;
  void tell(interrupt_event event, vector_index vector);
  void tell_doorbell(const unsigned char* data, unsigned bytes) const;

  const device_clock clock_;
  const beat_width width_;
  device_timeline line_;
  sc_core::sc_event due_;
  pcie::payload_pool pool_;
  cycle_observer* cycles_ = nullptr;
  std::deque<waiting> requests_;
  std::deque<notification> notifications_;
  cycle request_free_ = 0;  // the next request beat is accepted from here on

  waiting current_;  // in execution until done_
  cycle done_ = 0;
  cycle completion_ = 0;  // last beat of its completion, 0: none
  bool reset_waits_ = false;
  cycle reset_arrival_ = 0;
  bool stepping_ = false;
  cycle armed_ = 0;                               // when due_ comes
  cycle current_cycle_ = device_timeline::never;  // whose edge is now; never: not known
  act act_;
  bool intx_ = false;       // level
  bool told_intx_ = false;  // what was told upstream of it
  cycle intx_since_ = 0;    // it has this level
  std::uint64_t malformed_requests_ = 0;
};

}  // namespace ivshmem
