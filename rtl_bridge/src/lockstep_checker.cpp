// SPDX-License-Identifier: Apache-2.0
//
// lockstep_checker.h, the RTL's side: cycles and what is seen at the pins. What the model announces
// is in lockstep_announce.cpp.
#include "ivshmem/rtl_bridge/lockstep_checker.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "core_setup.h"
#include "ivshmem/rtl_bridge/tlp_names.h"

namespace ivshmem::rtl {

namespace {

/// More than anything can take that was announced: a difference, if it is not over then.
constexpr std::uint64_t longest_wait = 1'000'000;

}  // namespace

lockstep_checker::lockstep_checker(const lockstep_checker_config& settings, std::uint64_t begin)
    : settings_(settings),
      beat_dwords_(settings.driver.core.beat_dwords()),
      driver_(settings.driver, *this),
      begin_(begin) {
  if (settings.hot_plugged) {
    set_up_hot_plugged(driver_);
  }
  driver_.skip_to(begin);
}

void lockstep_checker::request(const pcie::payload& trans, std::uint64_t cycle) {
  raw_tlp& tlp = driver_.requests().next();
  encode_request(trans, tlp);
  if (disguise_ != nullptr) {
    disguise_->change(trans, tlp);
  }
  driver_.requests().push(cycle);
  last_requests_[requests_++ % kept_requests] = {cycle, tlp.header};
}

void lockstep_checker::notify(std::uint16_t vector, std::uint64_t cycle) {
  ++notifications_;
  driver_.notify(vector, cycle);
}

void lockstep_checker::function_reset(std::uint64_t cycle) {
  if (reset_waits_) {
    return;  // one that comes while another waits is the same
  }
  reset_waits_ = true;
  if (resetting_) {
    next_resets_.push(cycle);
  } else {
    resetting_ = true;
    driver_.function_reset(cycle);
  }
}

bool lockstep_checker::is_settled() const noexcept {
  return requests_ == requests_announced_ && notifications_ == notifications_announced_ &&
         !reset_waits_;
}

// ---- cycles

bool lockstep_checker::follow(std::uint64_t end) {
  while (driver_.cycle() < end && !is_different()) {
    if (driver_.idle()) {
      const std::uint64_t next = std::min({driver_.due(), comparator_.next_due(), end});
      if (next > driver_.cycle()) {
        driver_.skip_to(next);
        continue;
      }
    }
    pass_cycle();
  }
  check_driver();
  if (is_different() && !saved_) {
    save_waveform();
  }
  return !is_different();
}

void lockstep_checker::run_dry() {
  const std::uint64_t limit = driver_.cycle() + longest_wait;
  while (!is_different() && (comparator_.next_due() != never || !driver_.idle())) {
    if (driver_.cycle() >= limit && comparator_.next_due() == never) {
      comparator_.differs({driver_.cycle(), lockstep_port::credit, "activity", "idle", "busy"});
    }
    follow(driver_.cycle() + 1);
  }
}

bool lockstep_checker::finish(const device& model, std::uint64_t unsupported_requests) {
  if (is_settled()) {
    run_dry();
    check_value("unsupported requests", unsupported_requests, unsupported_);
    check_state(model);
  }
  return follow(driver_.cycle());
}

void lockstep_checker::pass_cycle() {
  pin_cycle& now = history_.next();
  now.cycle = driver_.cycle();
  now.out = driver_.core().out();
  driver_.finish();
  now.in = driver_.core().in;
  watch_completion(now);
  watch_memory(now);
  watch_rest(now);
  comparator_.end_cycle(now.cycle);
}

void lockstep_checker::watch_completion(const pin_cycle& now) {
  const tlp_beat& beat = now.out.completion;
  if (!beat.valid || !now.in.completion_ready) {
    return;
  }
  if (beat.first) {
    completion_.clear();
    completion_.first = now.cycle;
    completion_.fields = {beat.header[0], beat.header[1], beat.header[2], beat.header[3]};
  }
  for (unsigned i = 0; i < beat_dwords_ && ((beat.strobes >> i) & 1U) != 0; ++i) {
    completion_.data.push_back(beat.data[i]);
  }
  if (beat.last) {
    completion_.last = now.cycle;
    completion_.fields[3] |= beat.nullified ? 1U : 0U;
    comparator_.confirm(lockstep_port::completion, completion_, now.cycle);
  }
}

void lockstep_checker::watch_memory(const pin_cycle& now) {
  const core_outputs& out = now.out;
  if (out.ar.valid && now.in.ar_ready) {
    confirm_event(lockstep_port::memory_read, now.cycle, out.ar.address, out.ar.length + 1U);
  }
  if (out.aw.valid && now.in.aw_ready) {
    lockstep_item& burst = write_addresses_.back_slot();
    burst.first = now.cycle;
    burst.fields = {out.aw.address, out.aw.length + 1U, 0, 0};
    write_addresses_.push();
  }
  if (out.w.valid && now.in.w_ready) {
    lockstep_item& burst = write_data_.back_slot();
    if (last_data_ == 0) {
      burst.clear();
    }
    ++last_data_;
    for (unsigned i = 0; i < beat_dwords_; ++i) {
      burst.data.push_back(out.w.data[i]);
      burst.strobes.push_back(static_cast<std::uint8_t>((out.w.strobes >> (4 * i)) & 0xfU));
    }
    if (out.w.last) {
      burst.last = now.cycle;
      last_data_ = 0;
      write_data_.push();
    }
  }
  while (!write_addresses_.empty() && !write_data_.empty()) {
    lockstep_item& burst = write_data_.front();
    burst.first = write_addresses_.front().first;
    burst.fields = write_addresses_.front().fields;
    comparator_.confirm(lockstep_port::memory_write, burst, now.cycle);
    write_addresses_.pop();
    write_data_.pop();
  }
}

void lockstep_checker::watch_rest(const pin_cycle& now) {
  const core_outputs& out = now.out;
  if (out.message.valid && now.in.message_ready) {
    const header_words& header = out.message.header;
    item_.clear();
    item_.first = item_.last = now.cycle;
    item_.fields = {header[0], header[1], header[2], header[3]};
    if (out.message.strobes != 0) {
      item_.data.assign(1, out.message.data[0]);
    }
    comparator_.confirm(lockstep_port::message, item_, now.cycle);
  }
  if (out.doorbell.valid && now.in.doorbell_ready) {
    confirm_event(lockstep_port::doorbell, now.cycle, out.doorbell.peer, out.doorbell.value,
                  out.doorbell.word ? 1 : 0);
  }
  if (out.event.valid) {
    // A vector that does not exist may be presented as another one of that kind.
    const bool none = out.event.kind == interrupt_event::lost_no_vector;
    confirm_event(lockstep_port::interrupt, now.cycle, static_cast<std::uint64_t>(out.event.kind),
                  none ? 0U : out.event.vector);
  }
  if (now.in.notify && out.notify_ready) {
    confirm_event(lockstep_port::notification, now.cycle);
  }
  if (now.in.function_reset && out.function_reset_ready) {
    confirm_event(lockstep_port::function_reset, now.cycle);
    resetting_ = !next_resets_.empty();
    if (resetting_) {
      driver_.function_reset(std::max(next_resets_.front(), now.cycle + 1));
      next_resets_.pop();
    }
  }
  if (out.malformed) {
    confirm_event(lockstep_port::malformed, now.cycle);
  }
  if (out.request_done) {
    confirm_event(lockstep_port::credit, now.cycle);
  }
  unsupported_ += out.unsupported || out.poisoned ? 1 : 0;
}

void lockstep_checker::confirm_event(lockstep_port port, std::uint64_t cycle, std::uint64_t value,
                                     std::uint64_t second, std::uint64_t third) {
  item_.clear();
  item_.first = item_.last = cycle;
  item_.fields = {value, second, third, 0};
  comparator_.confirm(port, item_, cycle);
}

// ---- the memory of the RTL

axi_response lockstep_checker::read(std::uint64_t address, std::uint8_t* data, unsigned bytes) {
  constexpr std::uint8_t filler = 0xee;  // where the model did not look
  std::fill_n(data, bytes, filler);
  if (reads_.empty()) {
    return axi_response::okay;
  }
  read_burst& burst = reads_.front();
  for (unsigned i = 0; i < bytes; ++i) {
    const std::uint64_t at = address + i - burst.offset;
    if (at < burst.bytes.size()) {
      data[i] = burst.bytes[at];
    }
  }
  if (++read_beat_ == burst.beats) {
    read_beat_ = 0;
    reads_.pop();
  }
  return axi_response::okay;
}

axi_response lockstep_checker::write(std::uint64_t /*address*/, const std::uint8_t* /*data*/,
                                     std::uint32_t /*strobes*/, unsigned /*bytes*/) {
  return axi_response::okay;
}

// ---- other differences

void lockstep_checker::check_driver() {
  const protocol_log& log = driver_.violations();
  if (log.count() != 0) {
    comparator_.differs({driver_.cycle(), lockstep_port::completion, "protocol", "no violation",
                         log.texts().front()});
  }
  if (driver_.core().failed_assertions() != 0) {
    comparator_.differs({driver_.cycle(), lockstep_port::completion, "assertions", "none failed",
                         "some failed, see the output"});
  }
}

void lockstep_checker::check_value(const std::string& what, std::uint64_t model,
                                   std::uint64_t rtl) {
  if (model != rtl) {
    comparator_.differs({driver_.cycle(), lockstep_port::credit, "state, " + what,
                         std::to_string(model), std::to_string(rtl)});
  }
}

void lockstep_checker::check_state(const device& model) {
  const verilated_core& core = driver_.core();
  const std::uint32_t config_bytes =
      model.properties().express ? cfg::express_size_bytes : cfg::size_bytes;
  for (std::uint32_t at = 0; at < config_bytes; at += 4) {
    check_value("configuration dword " + std::to_string(at), model.config_read(at, 4),
                core.peek_config(at));
  }
  check_value("IntrMask", model.intr_mask(), core.peek_register(bar0::intr_mask.offset));
  check_value("IntrStatus", model.intr_status(), core.peek_register(bar0::intr_status.offset));
  const msix& interrupts = model.interrupts();
  for (std::uint32_t at = 0; at < bar1::table_bytes(interrupts.vectors()); at += 4) {
    check_value("MSI-X table dword " + std::to_string(at), interrupts.table_read(at),
                core.peek_table(at));
  }
  for (std::uint32_t dword = 0; 32 * dword < interrupts.vectors(); ++dword) {
    check_value("pending bits " + std::to_string(32 * dword), interrupts.pba_read(4 * dword),
                core.peek_pending(dword));
  }
}

// ---- what is told

std::uint64_t lockstep_checker::tlps() const noexcept {
  return requests_ + comparator_.count(lockstep_port::completion) +
         comparator_.count(lockstep_port::message);
}

void lockstep_checker::save_waveform() {
  saved_ = true;
  if (settings_.waveform.empty()) {
    return;
  }
  for (unsigned i = 0; i < cycles_after; ++i) {
    pass_cycle();
  }
  if (!history_.write_vcd(settings_.waveform, beat_dwords_, settings_.period_ps)) {
    saved_ = false;
  }
}

std::string lockstep_checker::report() const {
  if (!is_different()) {
    return "0 differences in " + std::to_string(tlps()) + " TLPs, " + std::to_string(cycles()) +
           " cycles";
  }
  std::string text = "RTL and model differ in " + comparator_.difference().text() + "\n";
  const std::uint64_t first = requests_ < kept_requests ? 0 : requests_ - kept_requests;
  for (std::uint64_t n = first; n < requests_; ++n) {
    const kept_request& one = last_requests_[n % kept_requests];
    std::array<char, 96> line{};
    std::snprintf(line.data(), line.size(), "  rx: cycle %llu: %08x %08x %08x %08x\n",
                  static_cast<unsigned long long>(one.cycle), one.header[0], one.header[1],
                  one.header[2], one.header[3]);
    text += line.data();
  }
  text += comparator_.last_items();
  if (!settings_.waveform.empty()) {
    text += (saved_ ? "  waveform: " : "  cannot write the waveform ") + settings_.waveform + "\n";
  }
  return text;
}

}  // namespace ivshmem::rtl
