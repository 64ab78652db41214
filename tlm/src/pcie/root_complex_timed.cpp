// SPDX-License-Identifier: Apache-2.0
//
// root_complex.h in tlm_cycle: requests that are under way.
#include <algorithm>
#include <cstring>

#include "hops.h"
#include "nonblocking_front.h"
#include "root_complex_internal.h"

namespace ivshmem::pcie {

void root_complex::request_arrived(port& from, payload& trans, const sc_core::sc_time& delay) {
  if (timed_ != nullptr) {
    timed_->upstream(from, trans, delay);
  } else {
    component::request_arrived(from, trans, delay);
  }
}

void root_complex::completion_arrived(port& from, payload& trans, const sc_core::sc_time& delay) {
  tlp& header = tlp_of(trans);
  if (!return_completion(from, trans, header, delay)) {
    timed_->completion(from, trans, header, delay);
  }
}

void root_complex::accepted(port& from, payload& trans, bool completion) {
  const tlp& header = tlp_of(trans);
  if (!return_credit(from, trans, header, completion) && !completion && header.is_posted()) {
    timed_->posted_gone(trans);
  }
}

bool root_complex::is_idle() const noexcept { return timed_ == nullptr || timed_->is_idle(); }
void root_complex::check_timeouts() { timed_->check_timeouts(); }
void root_complex::take_upstream() { timed_->take_upstream(); }

// ---- from the processor

auto root_complex::timed_requests::take_operation() -> operation& {
  if (free_operations_.empty()) {
    operations_.push_back(std::make_unique<operation>());
    free_operations_.push_back(operations_.back().get());
  }
  operation& taken = *free_operations_.back();
  free_operations_.pop_back();
  taken.outstanding = 0;
  taken.front = nullptr;
  taken.answered = true;
  taken.finish = sc_core::SC_ZERO_TIME;
  return taken;
}

void root_complex::timed_requests::transport(tlm::tlm_generic_payload& trans, access& whole) {
  if (whole.delay != sc_core::SC_ZERO_TIME) {
    wait_for(whole.delay);
    whole.delay = sc_core::SC_ZERO_TIME;
  }
  operation& mine = take_operation();
  whole.timed = this;
  whole.operation = &mine;
  owner_.access_all(trans, whole);
  while (mine.outstanding != 0) {
    sc_core::wait(mine.done);  // for the last piece; an earlier one may have been complete at once
  }
  if (mine.finish > sc_core::sc_time_stamp()) {
    sc_core::wait(mine.finish - sc_core::sc_time_stamp());
  }
  settle(trans, mine);
  free_operations_.push_back(&mine);
}

void root_complex::timed_requests::begin(tlm::tlm_generic_payload& trans,
                                         nonblocking_front& front) {
  operation& mine = take_operation();
  mine.front = &front;
  mine.whole = &trans;
  mine.outstanding = 1;  // this call: early pieces must not end what is not yet sent
  sc_core::sc_time none;
  access whole{trans.is_write(),
               false,
               trans.get_address(),
               trans.get_data_ptr(),
               trans.get_data_length(),
               none,
               this,
               &mine};
  owner_.access_all(trans, whole);
  if (--mine.outstanding == 0) {
    ended(mine, sc_core::sc_time_stamp());
  }
}

void root_complex::timed_requests::ended(operation& all, const sc_core::sc_time& now) {
  all.finish = std::max(all.finish, now);
  if (all.front == nullptr) {
    all.done.notify(all.finish - now);
    return;
  }
  settle(*all.whole, all);
  all.front->respond(*all.whole, all.finish);
  free_operations_.push_back(&all);
}

void root_complex::timed_requests::settle(tlm::tlm_generic_payload& trans,
                                          const operation& all) const {
  if (trans.is_response_ok() && !all.answered &&
      owner_.config_.unclaimed == unclaimed_access::error) {
    trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  }
}

port* root_complex::timed_requests::port_for(const payload& trans, bool config) {
  const bdf target = config_target(trans);
  for (const auto& one : owner_.slots_) {
    const bool own_bus = config && bus_of(target) == 0;
    const bool here = own_bus ? one->device == device_of(target) : owner_.may_take(*one, trans);
    if (here && one->port.is_bound()) {
      return &one->port;
    }
  }
  return nullptr;
}

void root_complex::timed_requests::issue(access& part) {
  const address_range& space = owner_.config_.ecam;
  const bool config = space.contains(part.address);
  auto& trans = owner_.pool_.allocate(static_cast<unsigned>(part.bytes));
  trans.set_command(part.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  trans.set_address(config ? part.address - space.base : part.address);
  tlp& header = trans.header;
  if (config && bus_of(config_target(trans)) == 0) {
    header.type = part.write ? tlp_type::config_write_0 : tlp_type::config_read_0;
  } else if (config) {
    header.type = part.write ? tlp_type::config_write_1 : tlp_type::config_read_1;
  } else {
    header.type = part.write ? tlp_type::memory_write : tlp_type::memory_read;
  }
  if (part.write) {
    std::memcpy(trans.get_data_ptr(), part.data, part.bytes);
  }
  const bool routable = config || owner_.mmio_range(part.address) != nullptr;
  port* const to = routable ? port_for(trans, config) : nullptr;
  if (to == nullptr) {
    trans.release();
    if (config && !part.write) {
      std::memset(part.data, 0xff, part.bytes);
    } else if (!config) {
      owner_.unanswered(part);
    }
    return;
  }
  if (header.is_posted()) {
    while (posted_ >= owner_.config_.posted_buffer) {
      sc_core::wait(posted_room_);
    }
    ++posted_;
    to->send_request(trans, sc_core::SC_ZERO_TIME);
    return;
  }
  if (free_requests_.empty()) {
    requests_.push_back(std::make_unique<request>());
    free_requests_.push_back(requests_.back().get());
  }
  request& one = *free_requests_.back();
  free_requests_.pop_back();
  auto& mine = *static_cast<operation*>(part.operation);
  one = {&mine, part.data, &trans, config, false, time_after(owner_.config_.completion_timeout)};
  header.context = &one;
  while (free_tags_.empty()) {
    sc_core::wait(tag_room_);
  }
  header.tag = free_tags_.back();
  free_tags_.pop_back();
  ++mine.outstanding;
  if (!timeout_armed_) {
    timeout_armed_ = true;
    timeout_due_.notify(owner_.config_.completion_timeout);
  }
  oldest_first_.push_back(&one);
  to->send_request(trans, sc_core::SC_ZERO_TIME);
}

void root_complex::timed_requests::posted_gone(payload& trans) {
  trans.release();
  if (posted_-- == owner_.config_.posted_buffer) {
    posted_room_.notify(sc_core::SC_ZERO_TIME);
  }
}

void root_complex::timed_requests::completion(port& from, payload& trans, const tlp& header,
                                              const sc_core::sc_time& delay) {
  if (taking_ || !arrivals_.empty()) {
    arrive(from, trans, true, delay);  // must not pass the writes before it [PCIe 2.4.1]
  } else {
    completed(from, trans, header, delay);
  }
}

void root_complex::timed_requests::completed(port& from, payload& trans, const tlp& header,
                                             const sc_core::sc_time& delay) {
  from.accept(trans, true);
  if (!header.abandoned) {
    finish(*static_cast<request*>(header.context), header, delay);
    forget_done();
  }
  trans.release();
}

void root_complex::timed_requests::finish(request& one, const tlp& header,
                                          const sc_core::sc_time& delay) {
  payload& trans = *one.trans;
  const bool write = trans.is_write();
  const std::size_t bytes = trans.get_data_length();
  if (is_good(trans, header)) {
    if (!write) {
      std::memcpy(one.data, trans.get_data_ptr(), bytes);
    } else if (one.config) {
      owner_.look_at_bars(trans);
    }
  } else if (!one.config) {
    access part{write, false, trans.get_address(), one.data, bytes, one.owner->finish};
    owner_.unanswered(part);
    one.owner->answered = false;
  } else if (!write) {
    std::memset(one.data, 0xff, bytes);
  }
  one.done = true;
  if (free_tags_.empty()) {
    tag_room_.notify(sc_core::SC_ZERO_TIME);
  }
  free_tags_.push_back(header.tag);
  const sc_core::sc_time now = sc_core::sc_time_stamp();
  one.owner->finish = std::max(one.owner->finish, sum_of(now, delay));
  if (--one.owner->outstanding == 0) {
    ended(*one.owner, now);
  }
}

void root_complex::timed_requests::forget_done() {
  while (!oldest_first_.empty() && oldest_first_.front()->done) {
    free_requests_.push_back(oldest_first_.front());
    oldest_first_.pop_front();
  }
}

void root_complex::timed_requests::check_timeouts() {
  forget_done();
  while (!oldest_first_.empty() && oldest_first_.front()->deadline <= sc_core::sc_time_stamp()) {
    request& late = *oldest_first_.front();
    tlp& header = tlp_of(*late.trans);
    header.abandoned = true;
    complete(*late.trans, header, completion_status::unsupported_request);
    ++owner_.statistics_.completion_timeouts;
    finish(late, header, sc_core::SC_ZERO_TIME);
    forget_done();
  }
  timeout_armed_ = !oldest_first_.empty();
  if (timeout_armed_) {
    timeout_due_.notify(oldest_first_.front()->deadline - sc_core::sc_time_stamp());
  }
}

// ---- from the devices

void root_complex::timed_requests::upstream(port& from, payload& trans,
                                            const sc_core::sc_time& delay) {
  trans.acquire();
  arrive(from, trans, false, delay);
}

void root_complex::timed_requests::arrive(port& from, payload& trans, bool is_completion,
                                          const sc_core::sc_time& delay) {
  arrivals_.push(time_after(delay), {&from, &trans, is_completion}, rank_of(trans, is_completion));
  arrivals_.wake(arrived_);
}

void root_complex::timed_requests::take_upstream() {
  for (;;) {
    while (!arrivals_.is_due()) {
      arrivals_.wake(arrived_);
      sc_core::wait();  // for arrived(), to which this thread is sensitive
    }
    const arrival next = arrivals_.pop();
    if (next.is_completion) {
      completed(*next.from, *next.trans, tlp_of(*next.trans), sc_core::SC_ZERO_TIME);
      continue;
    }
    taking_ = true;
    take(*next.from, *next.trans);
    taking_ = false;
    // upstream() took this reference; the analyzer does not count.
    next.trans->release();  // NOLINT(clang-analyzer-unix.Malloc)
  }
}

void root_complex::timed_requests::take(port& from, payload& trans) {
  const tlp& header = tlp_of(trans);
  const std::uint64_t address = trans.get_address();
  const bool down = header.type <= tlp_type::memory_write && !header.injected && !header.poisoned &&
                    !owner_.config_.msi.contains(address) && owner_.mmio_range(address) != nullptr;
  if (port* const to = down ? port_for(trans, false) : nullptr) {
    forward_request(from, *to, trans, sc_core::SC_ZERO_TIME);
    return;
  }
  const bool posted = header.is_posted();
  from.accept(trans, false);
  sc_core::sc_time delay;
  if (down) {
    complete(trans, completion_status::unsupported_request);
    ++owner_.statistics_.dma_failed;
  } else {
    owner_.receive(from, trans, delay);
  }
  if (!posted) {
    from.send_completion(trans, delay);
  }
}

}  // namespace ivshmem::pcie
