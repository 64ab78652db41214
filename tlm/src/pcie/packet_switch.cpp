// SPDX-License-Identifier: Apache-2.0
//
// A PCI Express switch: one upstream and several downstream ports.
#include "ivshmem/tlm/pcie/packet_switch.h"

#include <algorithm>
#include <string>

#include "hops.h"
#include "ivshmem/tlm/config_table.h"
#include "ivshmem/tlm/report.h"

namespace ivshmem::pcie {

namespace {

bool is_intx(message_code code) {
  return code >= message_code::assert_inta && code <= message_code::deassert_intd;
}

}  // namespace

/// One downstream port with its bridge and the INTx wires of what is below it.
struct packet_switch::below {
  below(unsigned index, component& owner)
      : port(("downstream_" + std::to_string(index)).c_str(), owner, index),
        function({bridge_kind::switch_downstream, 0x1b36, 0x000d}) {}

  pcie::port port;
  bridge_function function;
  std::array<bool, 4> asserted{};
};

packet_switch::packet_switch(const sc_core::sc_module_name& name,
                             const packet_switch_config& config)
    : sc_module(name),
      router(config.mode, config.latency),
      up_({bridge_kind::switch_upstream, 0x1b36, 0x000d}) {
  const unsigned ports = checked(this->name(), config).downstream_ports;
  for (unsigned i = 0; i < ports; ++i) {
    below_.push_back(std::make_unique<below>(i, static_cast<component&>(*this)));
  }
  SC_HAS_PROCESS(packet_switch);
  SC_METHOD(drive_wires);
  sensitive << wires_due_;
  dont_initialize();
}

packet_switch::~packet_switch() = default;

port& packet_switch::downstream(unsigned index) {
  if (index >= below_.size()) {
    report_error(report_type::binding, name(),
                 "downstream port " + std::to_string(index) + ": must be from 0 to " +
                     std::to_string(below_.size() - 1));
  }
  return below_[index < below_.size() ? index : 0]->port;
}

router::decision packet_switch::decide(port& from, const payload& trans) {
  return &from == &upstream ? decide_down(trans) : decide_up(from, trans);
}

void packet_switch::apply(port& from, payload& trans, decision& where) {
  if (where.swallowed && combine_intx(from.index(), tlp_of(trans))) {
    where.swallowed = false;
    where.out = &upstream;
  }
}

router::decision packet_switch::decide_down(const payload& trans) {
  const tlp& header = tlp_of(trans);
  const bdf target = config_target(trans);
  decision where;
  where.type = header.type;
  switch (header.type) {
    case tlp_type::config_read_0:
    case tlp_type::config_write_0:
      where.function = function_of(target) == 0 ? &up_ : nullptr;
      return where;
    case tlp_type::config_read_1:
    case tlp_type::config_write_1:
      if (up_.secondary_in_reset() || !up_.has_bus(bus_of(target))) {
        return where;
      }
      if (bus_of(target) == up_.secondary_bus()) {
        const bool there = device_of(target) < below_.size() && function_of(target) == 0;
        where.function = there ? &below_[device_of(target)]->function : nullptr;
        return where;
      }
      for (const auto& one : below_) {
        if (!one->function.secondary_in_reset() &&
            one->function.converts_type(target, where.type)) {
          where.out = &one->port;
          return where;
        }
      }
      return where;
    case tlp_type::memory_read:
    case tlp_type::memory_write: {
      const std::uint64_t address = trans.get_address();
      if (!up_.forwards_down(address) || up_.secondary_in_reset()) {
        return where;
      }
      for (unsigned i = 0; i <= below_.size(); ++i) {
        const unsigned index = i == 0 ? last_hit_ : i - 1;
        const bridge_function& function = below_[index]->function;
        if (function.forwards_down(address) && !function.secondary_in_reset()) {
          last_hit_ = index;
          where.out = &below_[index]->port;
          return where;
        }
      }
      return where;
    }
    case tlp_type::message:
      return where;
  }
  return where;
}

router::decision packet_switch::decide_up(port& from, const payload& trans) {
  const tlp& header = tlp_of(trans);
  decision where;
  where.type = header.type;
  if (header.type == tlp_type::message) {
    where.swallowed = is_intx(header.code);
    where.out = where.swallowed ? nullptr : &upstream;
    return where;
  }
  if (header.is_config() || !below_[from.index()]->function.forwards_up()) {
    return where;
  }
  if (up_.forwards_down(trans.get_address())) {
    for (const auto& one : below_) {
      if (one->port.index() != from.index() && one->function.forwards_down(trans.get_address())) {
        where.out = &one->port;
      }
    }
    return where;
  }
  where.out = up_.forwards_up() ? &upstream : nullptr;
  return where;
}

// ---- INTx wires

/// Two messages that meet may leave as none or as two: their order must not be that in which links
/// announce them, or in which the kernel runs processes.
void packet_switch::request_arrived(port& from, payload& trans, const sc_core::sc_time& delay) {
  const tlp& header = tlp_of(trans);
  if (&from == &upstream || header.type != tlp_type::message || !is_intx(header.code)) {
    router::request_arrived(from, trans, delay);
    return;
  }
  trans.acquire();
  wire_messages_.push(time_after(delay), {&from, &trans}, rank_of(trans, false));
  wire_messages_.wake(wires_due_);
}

void packet_switch::drive_wires() {
  if (!all_came_) {
    all_came_ = true;
    next_trigger(sc_core::SC_ZERO_TIME);
    return;
  }
  all_came_ = false;
  while (wire_messages_.is_due()) {
    const wire_message next = wire_messages_.pop();
    router::request_arrived(*next.from, *next.trans, sc_core::SC_ZERO_TIME);
    next.trans->release();
  }
  wire_messages_.wake(wires_due_);
}

/// Translates an INTx message of port `index`; false when the wire upstream does not change.
bool packet_switch::combine_intx(unsigned index, tlp& message) {
  const unsigned code = static_cast<unsigned>(message.code);
  const unsigned first = static_cast<unsigned>(message_code::assert_inta);
  const unsigned pin = code & 3U;
  const bool level = code < static_cast<unsigned>(message_code::deassert_inta);
  const unsigned wire = (pin + index) % 4;
  below& source = *below_[index];
  if (source.asserted[pin] == level) {
    return false;
  }
  source.asserted[pin] = level;
  intx_levels_[wire] += level ? 1U : ~0U;
  message.code = static_cast<message_code>(first + (level ? 0U : 4U) + wire);
  return intx_levels_[wire] == (level ? 1U : 0U);
}

void packet_switch::configured(bridge_function& function, bool was_in_reset) {
  if (was_in_reset || !function.secondary_in_reset()) {
    return;
  }
  for (const auto& one : below_) {
    if (&function == &up_) {
      one->function.reset();
    }
    if (&function == &up_ || &function == &one->function) {
      one->port.send_hot_reset();
    }
  }
}

bool packet_switch::is_whole(const port& out, const route& found) const {
  if (&out == &upstream) {
    return false;  // what is above is no business of a route from below
  }
  for (const auto& one : below_) {
    if (one->port.index() != out.index() &&
        (one->function.forwards_down(found.first) || one->function.forwards_down(found.last))) {
      return false;
    }
  }
  return up_.forwards_down(found.first, found.last) &&
         below_[out.index()]->function.forwards_down(found.first, found.last);
}

void packet_switch::hot_reset(port& from) {
  if (&from != &upstream) {
    return;
  }
  up_.reset();
  upstream.invalidate_granted_dmi();
  for (const auto& one : below_) {
    one->function.reset();
    one->port.send_hot_reset();
  }
}

}  // namespace ivshmem::pcie
