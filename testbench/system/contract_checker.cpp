// SPDX-License-Identifier: Apache-2.0
//
// Rules of pcie::port, watched between two ports.
#include "contract_checker.h"

#include <algorithm>
#include <sstream>

namespace ivshmem::test {

using pcie::completion_status;
using pcie::tlp_of;
using pcie::tlp_type;

// ---- order

void order_log::enter(const pcie::payload& trans, bool completion, unsigned where,
                      const sc_core::sc_time& at) {
  packet& one = inside_[{&trans, completion}];
  one = {};
  one.posted = !completion && tlp_of(trans).is_posted();
  one.completion = completion;
  one.address = trans.get_address();
  one.from = where;
  one.in = at;
}

void order_log::leave(const pcie::payload& trans, bool completion, unsigned where,
                      const sc_core::sc_time& at) {
  const auto found = inside_.find({&trans, completion});
  if (found == inside_.end()) {
    return;  // came from another place
  }
  packet one = found->second;
  inside_.erase(found);
  one.to = where;
  one.out = at;
  one.left = done_.size();
  done_.push_back(one);
}

std::vector<std::string> order_log::violations() const {
  std::vector<packet> sorted = done_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const packet& a, const packet& b) { return a.in < b.in; });
  std::vector<std::string> found;
  std::map<std::pair<unsigned, unsigned>, packet> last_posted;  // by its time of leaving
  for (std::size_t first = 0; first < sorted.size();) {
    std::size_t end = first;
    while (end < sorted.size() && sorted[end].in == sorted[first].in) {
      ++end;  // what enters at one time has no order
    }
    for (std::size_t i = first; i < end; ++i) {
      const packet& one = sorted[i];
      const auto before = last_posted.find({one.from, one.to});
      if (before == last_posted.end()) {
        continue;
      }
      const packet& posted = before->second;
      if (posted.out > one.out || (posted.out == one.out && posted.left > one.left)) {
        std::ostringstream line;
        line << (one.completion ? "completion"
                 : one.posted   ? "posted request"
                                : "request")
             << std::hex << " 0x" << one.address << " in " << one.in << " out " << one.out
             << " passed the posted request 0x" << posted.address << " in " << posted.in << " out "
             << posted.out;
        found.push_back(line.str());
      }
    }
    for (std::size_t i = first; i < end; ++i) {
      const packet& one = sorted[i];
      const auto known = last_posted.find({one.from, one.to});
      if (one.posted && (known == last_posted.end() || known->second.out <= one.out)) {
        last_posted[{one.from, one.to}] = one;
      }
    }
    first = end;
  }
  return found;
}

// ---- checks

void contract_checker::log_above(order_log& down, order_log& up, unsigned where) {
  down_ = &down;
  up_ = &up;
  above_ = true;
  where_ = where;
}

void contract_checker::log_below(order_log& down, order_log& up, unsigned where) {
  log_above(down, up, where);
  above_ = false;
}

void contract_checker::log(pcie::port& from, const pcie::payload& trans, bool completion,
                           const sc_core::sc_time& delay) {
  const bool goes_down = &from == &upstream;
  const sc_core::sc_time at = sc_core::sc_time_stamp() + delay;
  if (on_packet) {
    on_packet(trans, goes_down, completion, at);
  }
  if (down_ == nullptr) {
    return;
  }
  order_log& log = goes_down ? *down_ : *up_;
  if (goes_down == above_) {
    log.enter(trans, completion, where_, at);
  } else {
    log.leave(trans, completion, where_, at);
  }
}

void contract_checker::expect(bool holds, const char* rule, const pcie::payload& trans) {
  if (holds || violations_.size() == 20) {
    return;
  }
  std::ostringstream line;
  line << name() << " at " << sc_core::sc_time_stamp() << ": " << rule << " (type "
       << static_cast<unsigned>(tlp_of(trans).type) << ", " << trans.get_data_length()
       << " bytes at 0x" << std::hex << trans.get_address() << ")";
  violations_.push_back(line.str());
}

void contract_checker::check_request(pcie::port& from, const pcie::payload& trans) {
  if (trans.get_extension<pcie::tlp>() == nullptr) {
    violations_.push_back(std::string(name()) + ": a payload without the TLP extension");
    return;
  }
  const pcie::tlp& header = tlp_of(trans);
  const std::uint64_t address = trans.get_address();
  const unsigned bytes = trans.get_data_length();
  const auto is = [&](tlp_type one, tlp_type two) {
    return header.type == one || header.type == two;
  };
  ++(header.is_posted() ? seen_.posted : seen_.non_posted);
  seen_.poisoned += header.poisoned ? 1 : 0;
  expect(header.traffic_class < 8, "the traffic class is above 7", trans);
  if (header.type == tlp_type::message) {
    expect(trans.get_command() == tlm::TLM_IGNORE_COMMAND && bytes == 0, "a message has data",
           trans);
    return;
  }
  const bool write = header.type == tlp_type::memory_write ||
                     is(tlp_type::config_write_0, tlp_type::config_write_1);
  expect(trans.get_command() == (write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND),
         "type and command differ", trans);
  expect(bytes == 0 || trans.get_data_ptr() != nullptr, "no data", trans);
  expect(trans.get_streaming_width() >= bytes, "a streaming width", trans);
  if (header.is_config()) {
    expect(&from == &upstream, "a configuration request that goes up", trans);
    expect(bytes >= 1 && address % 4 + bytes <= 4, "a configuration request beyond its dword",
           trans);
    return;
  }
  const std::uint64_t dword_bytes = (address % 4 + bytes + 3) / 4 * 4;
  expect(dword_bytes <= (write ? limits_.max_payload_bytes : limits_.max_read_request_bytes),
         "a request that is too long", trans);
  expect(address % 4096 + bytes <= 4096, "a request that crosses 4 KiB", trans);
  if (trans.get_byte_enable_ptr() != nullptr) {
    expect(dword_bytes <= 4, "byte enables with holes beyond one dword", trans);
  }
}

void contract_checker::check_completion(const pcie::payload& trans) {
  const pcie::tlp& header = tlp_of(trans);
  ++seen_.completions;
  switch (header.status) {
    case completion_status::successful:
      expect(trans.is_response_ok(), "status and response differ", trans);
      // A function has no number before its first configuration write [PCIe 2.2.9].
      expect(!header.is_config() || header.completer == pcie::config_target(trans) ||
                 (trans.is_read() && header.completer == pcie::bdf{}),
             "a configuration request was completed by another function", trans);
      break;
    case completion_status::unsupported_request:
    case completion_status::completer_abort:
      ++seen_.unsupported;
      expect(trans.get_response_status() < tlm::TLM_INCOMPLETE_RESPONSE,
             "status and response differ", trans);
      break;
    default:
      expect(false, "a completion status that does not exist", trans);
  }
}

// ---- what passes

void contract_checker::receive(pcie::port& from, pcie::payload& trans, sc_core::sc_time& delay) {
  check_request(from, trans);
  const tlp_type type = tlp_of(trans).type;
  const sc_core::sc_time local = sc_core::sc_time_stamp() + delay;
  other(from).send(trans, delay);
  expect(sc_core::sc_time_stamp() + delay >= local, "the local time went backwards", trans);
  expect(tlp_of(trans).type == type, "the type changed", trans);
  if (!tlp_of(trans).is_posted()) {
    check_completion(trans);
  }
}

unsigned contract_checker::receive_debug(pcie::port& from, pcie::payload& trans) {
  return other(from).send_debug(trans);
}
bool contract_checker::receive_dmi(pcie::port& from, pcie::payload& trans, tlm::tlm_dmi& dmi) {
  return other(from).send_dmi(trans, dmi);
}
bool contract_checker::resolve(pcie::port& /*from*/, std::uint64_t /*address*/,
                               pcie::route& /*found*/) {
  return false;  // every request is to be seen
}
void contract_checker::dmi_invalidated(pcie::port& from, std::uint64_t first, std::uint64_t last) {
  other(from).invalidate_dmi(first, last);
}
void contract_checker::hot_reset(pcie::port& from) { other(from).send_hot_reset(); }
bool contract_checker::claims(pcie::port& from, const pcie::payload& trans) {
  return other(from).leads_to(trans);
}

void contract_checker::request_arrived(pcie::port& from, pcie::payload& trans,
                                       const sc_core::sc_time& delay) {
  check_request(from, trans);
  expect(trans.has_mm() && trans.get_ref_count() > 0, "a payload without memory manager", trans);
  pcie::port& out = other(from);
  expect(unaccepted_.emplace(&trans, false, &out).second, "a request that is here already", trans);
  const pcie::tlp& header = tlp_of(trans);
  if (!header.is_posted()) {
    const bool tag_in_use =
        std::any_of(outstanding_.begin(), outstanding_.end(), [&](const auto& one) {
          return one.first.second == &from && !tlp_of(*one.first.first).abandoned &&
                 one.second.tag == header.tag && one.second.requester == header.requester;
        });
    expect(!tag_in_use, "a tag that is in use", trans);
    const request now{header.depth, header.path, header.requester, header.tag};
    expect(outstanding_.emplace(std::make_pair(&trans, &from), now).second,
           "a request without completion came again", trans);
  }
  log(from, trans, false, delay);
  out.send_request(trans, delay);
}

void contract_checker::completion_arrived(pcie::port& from, pcie::payload& trans,
                                          const sc_core::sc_time& delay) {
  check_completion(trans);
  pcie::port& out = other(from);
  const pcie::tlp& header = tlp_of(trans);
  expect(!header.is_posted(), "a completion of a posted request", trans);
  const auto found = outstanding_.find({&trans, &out});
  if (found == outstanding_.end()) {
    expect(false, "a completion that nobody waits for here", trans);
  } else {
    const request& asked = found->second;
    bool same = asked.depth == header.depth;
    for (unsigned i = 0; same && i < asked.depth; ++i) {
      same = asked.path[i].in == header.path[i].in && asked.path[i].out == header.path[i].out;
    }
    expect(same, "the hops are not those of the request", trans);
    expect(asked.requester == header.requester && asked.tag == header.tag,
           "requester or tag are not those of the request", trans);
    expect(unaccepted_.count({&trans, false, &from}) == 0, "completed before it was accepted",
           trans);
    outstanding_.erase(found);
  }
  expect(unaccepted_.emplace(&trans, true, &out).second, "a completion that is here already",
         trans);
  log(from, trans, true, delay);
  out.send_completion(trans, delay);
}

void contract_checker::accepted(pcie::port& from, pcie::payload& trans, bool completion) {
  if (unaccepted_.erase({&trans, completion, &from}) == 0) {
    expect(false,
           completion ? "a completion was accepted that is not here"
                      : "a request was accepted that is not here",
           trans);
    return;
  }
  other(from).accept(trans, completion);
}

}  // namespace ivshmem::test
