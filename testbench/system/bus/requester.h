// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstring>
#include <deque>
#include <systemc>
#include <vector>

#include "ivshmem/tlm/pcie/payload_pool.h"
#include "ivshmem/tlm/pcie/port.h"

namespace ivshmem::test {

/// A PCIe model of somebody else at the end of a link: sends what it is told to, legal or not, and
/// notes what comes back and what comes in, with the time.
class requester final : public sc_core::sc_module, private pcie::component {
 public:
  struct event {
    pcie::payload* trans;
    sc_core::sc_time at;
  };

  pcie::port pcie{"pcie", *this};
  std::vector<event> completions;  ///< each payload lives as long as this
  std::vector<event> requests;     ///< came from the other end
  std::vector<event> credits;      ///< own requests that the other end took out of its buffer
  bool accepts_completions = true;
  bool answers = true;  ///< completes requests at once
  sc_core::sc_time answer_delay;

  explicit requester(const sc_core::sc_module_name& name) : sc_module(name) {}

  /// A request of `bytes` bytes, not yet sent.
  pcie::payload& make(pcie::tlp_type type, std::uint64_t address, unsigned bytes) {
    pcie::payload& trans = pool_.allocate(bytes);
    trans.acquire();  // for the completion, whoever else releases it
    pcie::tlp& header = pcie::tlp_of(trans);
    header.type = type;
    header.tag = tag_++;
    const bool write = type == pcie::tlp_type::memory_write ||
                       type == pcie::tlp_type::config_write_0 ||
                       type == pcie::tlp_type::config_write_1;
    trans.set_command(type == pcie::tlp_type::message ? tlm::TLM_IGNORE_COMMAND
                      : write                         ? tlm::TLM_WRITE_COMMAND
                                                      : tlm::TLM_READ_COMMAND);
    trans.set_address(address);
    std::fill_n(trans.get_data_ptr(), bytes, static_cast<unsigned char>(0x5a));
    return trans;
  }
  pcie::payload& send(pcie::tlp_type type, std::uint64_t address, unsigned bytes,
                      const sc_core::sc_time& delay = sc_core::SC_ZERO_TIME) {
    pcie::payload& trans = make(type, address, bytes);
    pcie.send_request(trans, delay);
    return trans;
  }
  /// The same by blocking transport.
  pcie::payload& transport(pcie::tlp_type type, std::uint64_t address, unsigned bytes) {
    pcie::payload& trans = make(type, address, bytes);
    sc_core::sc_time delay;
    pcie.send(trans, delay);
    return trans;
  }
  void configure(std::uint32_t offset, unsigned bytes, std::uint32_t value) {
    pcie::payload& trans = make(pcie::tlp_type::config_write_0, offset, bytes);
    std::memcpy(trans.get_data_ptr(), &value, bytes);
    pcie.send_request(trans, sc_core::SC_ZERO_TIME);
  }
  /// Takes the oldest completion that waits out of the buffer.
  void accept_one() {
    pcie.accept(*held_.front(), true);
    held_.pop_front();
  }
  void answer(pcie::payload& trans) {
    complete(trans, pcie::completion_status::successful);
    pcie.send_completion(trans, answer_delay);
  }

 private:
  void receive(pcie::port& /*from*/, pcie::payload& trans, sc_core::sc_time& delay) override {
    requests.push_back({&trans, sc_core::sc_time_stamp() + delay});
    complete(trans, pcie::completion_status::successful);
  }
  unsigned receive_debug(pcie::port& /*from*/, pcie::payload& trans) override {
    complete(trans, pcie::completion_status::unsupported_request);
    return 0;
  }
  bool claims(pcie::port& /*from*/, const pcie::payload& trans) override {
    return pcie::tlp_of(trans).is_config();
  }
  void request_arrived(pcie::port& from, pcie::payload& trans,
                       const sc_core::sc_time& delay) override {
    if (trans.has_mm()) {
      trans.acquire();
    }
    requests.push_back({&trans, sc_core::sc_time_stamp() + delay});
    from.accept(trans, false);
    if (answers && !pcie::tlp_of(trans).is_posted()) {
      answer(trans);
    }
  }
  void completion_arrived(pcie::port& from, pcie::payload& trans,
                          const sc_core::sc_time& delay) override {
    completions.push_back({&trans, sc_core::sc_time_stamp() + delay});
    if (accepts_completions) {
      from.accept(trans, true);
    } else {
      held_.push_back(&trans);
    }
  }
  void accepted(pcie::port& /*from*/, pcie::payload& trans, bool completion) override {
    if (!completion) {
      credits.push_back({&trans, sc_core::sc_time_stamp()});
    }
  }

  pcie::payload_pool pool_;
  std::deque<pcie::payload*> held_;
  std::uint8_t tag_ = 0;
};

}  // namespace ivshmem::test
