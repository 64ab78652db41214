// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "ivshmem/tlm/pcie/root_complex.h"
#include "ivshmem/tlm/time_queue.h"

namespace ivshmem::pcie {

/// The configuration with what must not be put right, and reported as SC_ERROR of module `name`.
root_complex_config usable(const char* name, root_complex_config config);

/// One downstream port with the INTx wires of what is behind it.
struct root_complex::slot {
  slot(unsigned device_number, std::size_t index, component& owner)
      : device(device_number),
        port(("port_" + std::to_string(device_number)).c_str(), owner,
             static_cast<unsigned>(index)) {}

  unsigned device;
  pcie::port port;
  std::array<bool, 4> asserted{};
};

/// A processor access, or a piece of one.
struct root_complex::access {
  bool write;
  bool debug;
  std::uint64_t address;
  unsigned char* data;
  std::uint64_t bytes;
  sc_core::sc_time& delay;
  timed_requests* timed = nullptr;  // tlm_cycle: who sends it
  void* operation = nullptr;        // and for which access
  bool answered = true;             // false once a piece found nobody
  bool dmi_allowed = false;         // the last piece may be had by DMI
  std::uint64_t transferred = 0;    // debug: bytes from the first one on
};

/// Requests under way in tlm_cycle: from the processor down, and from devices up.
class root_complex::timed_requests {
 public:
  /// One access of the processor; its requests go out together.
  struct operation {
    unsigned outstanding = 0;            // completions to come
    nonblocking_front* front = nullptr;  // who is told of the end, or else `done` is notified
    tlm::tlm_generic_payload* whole = nullptr;
    bool answered = true;
    sc_core::sc_time finish;  // of the last completion
    sc_core::sc_event done;
  };

  explicit timed_requests(root_complex& owner) : owner_(owner) {
    for (unsigned tag = 256; tag-- != 0;) {
      free_tags_.push_back(static_cast<std::uint8_t>(tag));
    }
  }

  /// One access of the processor from begin to end. Called from a thread.
  void transport(tlm::tlm_generic_payload& trans, access& whole);
  /// Sends the requests of an access; `front` is told of its end. Called from a thread.
  void begin(tlm::tlm_generic_payload& trans, nonblocking_front& front);
  /// Sends one piece of an access.
  void issue(access& part);
  void completion(port& from, payload& trans, const tlp& header, const sc_core::sc_time& delay);
  void posted_gone(payload& trans);
  void check_timeouts();

  void upstream(port& from, payload& trans, const sc_core::sc_time& delay);
  /// Takes requests of devices in the order of their arrival, for ever.
  void take_upstream();

  bool is_idle() const noexcept {
    return posted_ == 0 && oldest_first_.empty() && arrivals_.empty() && !taking_;
  }
  const sc_core::sc_event& timeout_due() const noexcept { return timeout_due_; }
  const sc_core::sc_event& arrived() const noexcept { return arrived_; }

 private:
  struct request {
    operation* owner;
    unsigned char* data;
    payload* trans;
    bool config;
    bool done;
    sc_core::sc_time deadline;
  };
  struct arrival {
    port* from;
    payload* trans;
    bool is_completion;
  };

  operation& take_operation();
  void ended(operation& all, const sc_core::sc_time& now);
  void settle(tlm::tlm_generic_payload& trans, const operation& all) const;
  port* port_for(const payload& trans, bool config);
  void completed(port& from, payload& trans, const tlp& header, const sc_core::sc_time& delay);
  void finish(request& one, const tlp& header, const sc_core::sc_time& delay);
  void forget_done();
  void arrive(port& from, payload& trans, bool is_completion, const sc_core::sc_time& delay);
  void take(port& from, payload& trans);

  root_complex& owner_;
  std::vector<std::unique_ptr<operation>> operations_;
  std::vector<operation*> free_operations_;
  std::vector<std::unique_ptr<request>> requests_;
  std::vector<request*> free_requests_;
  std::deque<request*> oldest_first_;
  std::vector<std::uint8_t> free_tags_;  // of requests that have a completion
  sc_core::sc_event tag_room_;
  sc_core::sc_event timeout_due_;
  bool timeout_armed_ = false;  // timeout_due_ comes
  unsigned posted_ = 0;         // writes not yet accepted
  sc_core::sc_event posted_room_;
  time_queue<arrival> arrivals_;
  sc_core::sc_event arrived_;
  bool taking_ = false;  // a device's request is under way to memory
};

}  // namespace ivshmem::pcie
