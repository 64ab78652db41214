// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "ivshmem/model/device.h"
#include "ivshmem/rtl_bridge/core_driver.h"
#include "ivshmem/rtl_bridge/lockstep_comparator.h"
#include "ivshmem/rtl_bridge/pin_history.h"
#include "ivshmem/rtl_bridge/tlp_disguise.h"
#include "ivshmem/tlm/cycle_observer.h"

namespace ivshmem::rtl {

/// The RTL that is compared, and what is kept of a difference.
struct lockstep_checker_config {
  core_driver_config driver;
  bool hot_plugged = false;        ///< COMMAND begins with its realize value [behaviour 1]
  std::string waveform;            ///< file for the pins around a difference; empty: none
  std::uint64_t period_ps = 4000;  ///< of the clock, in the waveform
};

/// The RTL behind a tlm_cycle endpoint: gets the same stimuli, and everything at its ports is
/// compared with what the endpoint announces as cycle_observer.
///
/// The RTL follows: it passes a cycle when follow() says that nothing more comes in it. It never
/// acts on anybody: BAR2 reads get what the endpoint read, and BAR2 writes go nowhere.
///
/// Sources: lockstep_checker.cpp (the RTL's side), lockstep_announce.cpp (the model's).
class lockstep_checker final : public cycle_observer, private axi_memory {
 public:
  /// The RTL begins in cycle `begin`, swept and idle.
  lockstep_checker(const lockstep_checker_config& settings, std::uint64_t begin);

  // Stimuli, as the endpoint gets them; `cycle` is the first in which they are there. Not before
  // the cycles that follow() passed.

  void request(const pcie::payload& trans, std::uint64_t cycle);
  void notify(std::uint16_t vector, std::uint64_t cycle);
  void function_reset(std::uint64_t cycle);

  /// Passes all cycles before `end`. False after a difference: nothing is done any more then.
  bool follow(std::uint64_t end);
  /// The endpoint announced what becomes of every stimulus.
  bool is_settled() const noexcept;
  /// When it is settled: passes cycles until all that was announced was done and the RTL is idle.
  /// Then compares the state of the RTL with that of `model`, and the number of requests that it
  /// counted as unsupported with that of the model. False: as follow().
  bool finish(const device& model, std::uint64_t unsupported_requests);
  /// What was announced and not done yet will not be: the device was taken out.
  void forget() { comparator_.forget(); }

  /// Outlives the checker or is taken off with nullptr.
  void disguise(tlp_disguise* with) noexcept { disguise_ = with; }

  bool is_different() const noexcept { return comparator_.is_different(); }
  /// First difference, the last TLPs at every port, where the waveform is.
  std::string report() const;
  /// Completions, messages and requests, and cycles passed or left out.
  std::uint64_t tlps() const noexcept;
  std::uint64_t cycles() const noexcept { return driver_.cycle() - begin_; }

  core_driver& driver() noexcept { return driver_; }
  const lockstep_comparator& comparator() const noexcept { return comparator_; }

  // cycle_observer
  void on_completion(const completion& piece) override;
  void on_message(const message& one) override;
  void on_doorbell(const doorbell& one) override;
  void on_memory_write(const memory_write& burst) override;
  void on_memory_read(const memory_read& burst) override;
  void on_credit(const pcie::payload& request, std::uint64_t cycle) override;
  void on_interrupt(interrupt_event kind, vector_index vector, std::uint64_t cycle) override;
  void on_malformed(const pcie::payload& request, std::uint64_t cycle) override;
  void on_notification(vector_index vector, std::uint64_t cycle) override;
  void on_function_reset(std::uint64_t cycle) override;

 private:
  static constexpr std::size_t history_cycles = 200;
  static constexpr unsigned cycles_after = 20;
  static constexpr std::size_t kept_requests = 12;

  /// What the model read at the memory.
  struct read_burst {
    std::uint64_t offset;  // of the first byte wanted
    unsigned beats;
    std::vector<std::uint8_t> bytes;
  };
  struct kept_request {
    std::uint64_t cycle;
    header_words header;
  };

  axi_response read(std::uint64_t address, std::uint8_t* data, unsigned bytes) override;
  axi_response write(std::uint64_t address, const std::uint8_t* data, std::uint32_t strobes,
                     unsigned bytes) override;

  void run_dry();
  void pass_cycle();
  void watch_completion(const pin_cycle& now);
  void watch_memory(const pin_cycle& now);
  void watch_rest(const pin_cycle& now);
  void announce_event(lockstep_port port, std::uint64_t cycle);
  void confirm_event(lockstep_port port, std::uint64_t cycle, std::uint64_t value = 0,
                     std::uint64_t second = 0, std::uint64_t third = 0);
  void check_driver();
  void check_state(const device& model);
  void check_value(const std::string& what, std::uint64_t model, std::uint64_t rtl);
  void save_waveform();

  const lockstep_checker_config settings_;
  tlp_disguise* disguise_ = nullptr;
  const unsigned beat_dwords_;
  core_driver driver_;
  std::uint64_t begin_;
  lockstep_comparator comparator_;
  pin_history history_{history_cycles};
  recycling_queue<read_burst> reads_;
  unsigned read_beat_ = 0;
  bool read_announced_ = false;  // its data comes with the next completion
  std::uint64_t requests_ = 0;
  std::uint64_t requests_announced_ = 0;
  std::uint64_t notifications_ = 0;
  std::uint64_t notifications_announced_ = 0;
  bool reset_waits_ = false;                    // in the model
  recycling_queue<std::uint64_t> next_resets_;  // behind the one that the driver has
  bool resetting_ = false;                      // the driver has one
  std::uint64_t unsupported_ = 0;
  std::array<kept_request, kept_requests> last_requests_{};
  bool saved_ = false;

  // What the RTL is in the middle of.
  lockstep_item completion_;
  lockstep_item item_;
  recycling_queue<lockstep_item> write_addresses_;
  recycling_queue<lockstep_item> write_data_;
  std::uint64_t last_data_ = 0;
};

}  // namespace ivshmem::rtl
