// SPDX-License-Identifier: Apache-2.0
//
// A computer: root complex, switches, and slots for nodes.
#include "host.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "ivshmem/model/regmap.h"

namespace ivshmem::sim {

namespace {

/// More than a request and its completion need on any platform that a scenario may describe.
picoseconds slowest_way(const scenario& settings) {
  constexpr picoseconds waiting = 100;    // for others on the same way
  constexpr picoseconds cycles = 256;     // of a device, for the longest request
  constexpr picoseconds most_levels = 8;  // of a tree: 256 buses, two ports a switch
  const topology_config& topology = settings.topology;
  const picoseconds way =
      topology.has_links ? 2 * most_levels * (topology.propagation + topology.switch_latency) : 0;
  return waiting * (way + settings.platform.clock * (settings.platform.memory_latency + cycles));
}

}  // namespace

host::host(const sc_core::sc_module_name& name, const scenario& settings, unsigned slots,
           interrupt_handler on_interrupt, loss_handler on_loss)
    : sc_module(name),
      settings_(settings),
      mode_(mode_of(settings.platform.view)),
      on_interrupt_(std::move(on_interrupt)),
      on_loss_(std::move(on_loss)),
      root_("root", map_of(settings, slots)) {
  root_.dma.bind(messages_);
  messages_.register_b_transport(this, &host::take_message);
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    root_.intx[i].bind(lines_[i]);
  }
  SC_METHOD(deliver_messages);
  sensitive << due_;
  dont_initialize();
  const topology_config& topology = settings.topology;
  if (topology.has_links) {
    root_port_ = std::make_unique<pcie::bridge>("root_port", pcie::bridge_config{}, mode_);
    root_.downstream(0).bind(root_port_->upstream);
    for (unsigned i = 0; i < slots; ++i) {
      slot_links_.push_back(make_link("link" + std::to_string(i)));
    }
  }
  if (topology.kind == topology_kind::tree) {
    plan_ = plan_tree(slots, topology.ports);
    build_tree();
  } else if (topology.has_links) {
    root_port_->downstream.bind(slot_links_[0]->upstream);
  }
  if (slots > 1) {
    bus_ = std::make_unique<bus>("bus");
    bus_->map({0, ~std::uint64_t{0}}, root_.cpu, bus::addresses::absolute);
  }
}

pcie::root_complex_config host::map_of(const scenario& settings, unsigned slots) {
  pcie::root_complex_config config;
  config.mode = mode_of(settings.platform.view);
  config.max_payload_bytes = settings.topology.max_payload_bytes;
  config.completion_timeout =
      std::max(config.completion_timeout, sc_core::sc_time::from_value(slowest_way(settings)));
  // Room for every BAR2 above 4 GiB; a bridge window holds at least 1 MiB.
  pcie::address_range& high = config.mmio.back();
  const std::uint64_t each = std::max<std::uint64_t>(settings.memory.size_bytes, 1U << 20U);
  high.bytes = std::max(high.bytes, (slots + std::uint64_t{1}) * each);
  return config;
}

std::unique_ptr<pcie::link> host::make_link(const std::string& name) {
  const topology_config& topology = settings_.topology;
  pcie::link_config config;
  config.generation = topology.generation;
  config.lanes = topology.lanes;
  config.propagation = sc_core::sc_time::from_value(topology.propagation);
  config.max_payload_bytes = topology.max_payload_bytes;
  config.mode = mode_;
  auto made = std::make_unique<pcie::link>(name.c_str(), config);
  made->on_loss(on_loss_);
  return made;
}

void host::build_tree() {
  for (std::size_t i = 0; i < plan_.switches.size(); ++i) {
    const tree_plan::switch_plan& one = plan_.switches[i];
    pcie::packet_switch_config config;
    config.downstream_ports = one.ports;
    config.latency = sc_core::sc_time::from_value(settings_.topology.switch_latency);
    config.mode = mode_;
    const std::string number = std::to_string(i);
    switches_.push_back(std::make_unique<pcie::packet_switch>(("switch" + number).c_str(), config));
    switch_links_.push_back(make_link("uplink" + number));
    pcie::port& above =
        i == 0 ? root_port_->downstream : switches_[one.at.above]->downstream(one.at.port);
    above.bind(switch_links_.back()->upstream);
    switch_links_.back()->downstream.bind(switches_.back()->upstream);
  }
  for (std::size_t i = 0; i < plan_.nodes.size(); ++i) {
    const tree_plan::place& at = plan_.nodes[i];
    switches_[at.above]->downstream(at.port).bind(slot_links_[i]->upstream);
  }
}

pcie::port& host::place(unsigned slot) {
  return slot_links_.empty() ? root_.downstream(0) : slot_links_[slot]->downstream;
}

sc_core::sc_signal<bool>& host::interrupt_line(unsigned slot) {
  unsigned line = 0;  // every port on the way turns INTA by its device number [PCIe 2.2.8.1]
  if (!plan_.nodes.empty()) {
    for (tree_plan::place at = plan_.nodes[slot];; at = plan_.switches[at.above].at) {
      line += at.port;
      if (at.above == 0) {
        break;
      }
    }
  }
  return lines_[line % 4];
}

result<void, std::string> host::enumerate(tlm::tlm_blocking_transport_if<>& cpu) {
  const pcie::root_complex_config& map = root_.config();
  pcie::ecam_access config(cpu, map.ecam.base);
  auto found = pcie::enumerate(config, {map.mmio.front(), map.mmio.back()});
  if (!found) {
    return found.error().text();
  }
  const auto& nodes = settings_.nodes;
  if (std::any_of(nodes.begin(), nodes.end(),
                  [](const auto& one) { return one.properties.express; })) {
    pcie::set_max_payload(config, *found, map.max_payload_bytes);
  }
  for (pcie::enumerated_function& one : *found) {
    if (one.vendor_id == cfg::vendor_id.reset && one.device_id == cfg::device_id.reset) {
      functions_.push_back(std::move(one));
    }
  }
  const std::size_t slots = plan_.nodes.empty() ? 1 : plan_.nodes.size();
  if (functions_.size() != slots) {
    return std::to_string(functions_.size()) + " ivshmem devices on the bus, expected " +
           std::to_string(slots);
  }
  return {};
}

pcie::link* host::slot_link(unsigned slot) {
  return slot_links_.empty() ? nullptr : slot_links_[slot].get();
}

pcie::link_statistics host::link_statistics() const {
  pcie::link_statistics sum;
  for (const auto* links : {&slot_links_, &switch_links_}) {
    for (const auto& one : *links) {
      const pcie::link_statistics& each = one->statistics();
      sum.packets += each.packets;
      sum.bytes += each.bytes;
      sum.lost_posted += each.lost_posted;
      sum.failed_requests += each.failed_requests;
      sum.lost_completions += each.lost_completions;
      sum.poisoned += each.poisoned;
      sum.oversize += each.oversize;
    }
  }
  return sum;
}

void host::take_message(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
  trans.set_response_status(tlm::TLM_OK_RESPONSE);
  // Not an interrupt_target: a script may program an address that is not aligned, and that one
  // refuses such a message.
  std::uint32_t data = 0;
  const pcie::address_range& pages = root_.config().msi;
  if (!trans.is_write() || trans.get_data_length() != sizeof data ||
      !pages.contains(trans.get_address())) {
    return;  // this platform has no other memory: writes vanish
  }
  std::memcpy(&data, trans.get_data_ptr(), sizeof data);
  const unsigned slot = slot_of_message(trans.get_address());
  if (delay == sc_core::SC_ZERO_TIME) {
    on_interrupt_(slot, data);
    return;
  }
  announced_.push(sc_core::sc_time_stamp() + delay, {slot, data});
  announced_.wake(due_);
}

void host::deliver_messages() {
  while (announced_.is_due()) {
    const message next = announced_.pop();
    on_interrupt_(next.slot, next.data);
  }
  announced_.wake(due_);
}

}  // namespace ivshmem::sim
