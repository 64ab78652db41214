// SPDX-License-Identifier: Apache-2.0
//
// A tree of bridges, links and endpoints, with a processor and memory.
#include "platform.h"

#include <gmock/gmock.h>

#include <cstring>

#include "ivshmem/model/driver.h"

namespace ivshmem::test {

/// A transaction of four phases whose thread waits.
struct platform::in_flight {
  sc_core::sc_event responded;
};

class platform::manager final : public tlm::tlm_mm_interface {
 public:
  void free(tlm::tlm_generic_payload* trans) override {
    trans->reset();
    delete trans;
  }
};

namespace {

pcie::root_complex_config root_of(const platform_config& config) {
  pcie::root_complex_config root = config.root;
  root.mode = config.mode;
  root.devices.clear();
  for (unsigned i = 0; i < config.slots.size(); ++i) {
    root.devices.push_back(i);
  }
  if (config.extra_device != 0) {
    root.devices.push_back(config.extra_device);
  }
  return root;
}

}  // namespace

platform::platform(const platform_config& settings, const sc_core::sc_module_name& name)
    : sc_module(name),
      config(settings),
      root("root", root_of(settings)),
      shared(settings.shared_bytes),
      fabric("fabric", {shared.data(), shared.size()}, settings.fabric_latency),
      manager_(std::make_unique<manager>()) {
  cpu.register_nb_transport_bw(this, &platform::phase);
  cpu.bind(cpu_checker.in);
  cpu_checker.out.bind(root.cpu);
  root.dma.bind(dma_checker.in);
  dma_checker.out.bind(dma);
  dma.register_b_transport(this, &platform::serve_dma);
  for (unsigned i = 0; i < config.slots.size(); ++i) {
    pcie::port* above = &root.downstream(i);
    if (config.logged) {
      root_checkers.push_back(
          std::make_unique<contract_checker>(("root_checker_" + std::to_string(i)).c_str()));
      root_checkers.back()->log_above(down_order, up_order, i);
      above->bind(root_checkers.back()->upstream);
      above = &root_checkers.back()->downstream;
    }
    if (config.root_ports) {
      bridges.push_back(std::make_unique<pcie::bridge>(("root_port_" + std::to_string(i)).c_str(),
                                                       pcie::bridge_config{}, config.mode));
      above->bind(bridges.back()->upstream);
      above = &bridges.back()->downstream;
    }
    build(config.slots[i], *above);
  }
  SC_HAS_PROCESS(platform);
  SC_THREAD(run_body);
}

platform::~platform() = default;

void platform::build(const shape& what, pcie::port& above) {
  pcie::port* port = &above;
  pcie::link* link = nullptr;
  if (config.links) {
    pcie::link_config settings = config.link;
    settings.mode = config.mode;
    links.push_back(
        std::make_unique<pcie::link>(("link_" + std::to_string(links.size())).c_str(), settings));
    link = links.back().get();
    port->bind(link->upstream);
    port = &link->downstream;
  }
  if (!what.below.empty()) {
    pcie::packet_switch_config settings;
    settings.downstream_ports = static_cast<unsigned>(what.below.size());
    settings.mode = config.mode;
    switches.push_back(std::make_unique<pcie::packet_switch>(
        ("switch_" + std::to_string(switches.size())).c_str(), settings));
    pcie::packet_switch& here = *switches.back();
    port->bind(here.upstream);
    const bool last_is_open = config.unbound_leaf && switches.size() == 1;
    for (unsigned i = 0; i < what.below.size() - (last_is_open ? 1 : 0); ++i) {
      build(what.below[i], here.downstream(i));
    }
    return;
  }
  const std::string number = std::to_string(leaves.size());
  device_properties properties;
  properties.variant = device_variant::doorbell;
  properties.vectors = config.vectors;
  timing_config timing = config.timing;
  timing.mode = config.mode;
  leaf one;
  one.link = link;
  one.device = std::make_unique<endpoint>(("device_" + number).c_str(), properties,
                                          fabric.join(config.vectors), timing);
  if (config.logged) {
    one.checker = std::make_unique<contract_checker>(("checker_" + number).c_str());
    one.checker->log_below(down_order, up_order, static_cast<unsigned>(leaves.size()));
    port->bind(one.checker->upstream);
    port = &one.checker->downstream;
  }
  port->bind(one.device->pcie);
  leaves.push_back(std::move(one));
}

// ---- running

void platform::run(std::function<void()> body) {
  body_ = std::move(body);
  sc_core::sc_start();
  ASSERT_TRUE(finished_) << "simulation starved before the test body returned";
  check();
}

void platform::boot() {
  const auto found = pcie::enumerate(*this, {root.config().mmio[0], root.config().mmio[1]});
  ASSERT_TRUE(found) << found.error().text();
  std::size_t index = 0;
  for (const pcie::enumerated_function& function : *found) {
    if (function.is_bridge || index == leaves.size()) {
      continue;
    }
    leaves[index].id = function.id;
    for (const unsigned bar : {0U, 1U, 2U}) {
      leaves[index].bar[bar] = function.bar(bar)->base;
    }
    ++index;
  }
  EXPECT_EQ(index, leaves.size()) << "not every device was found";
}

void platform::run_body() {
  if (!body_) {
    return;
  }
  boot();
  body_();
  finished_ = true;
  sc_core::sc_stop();
}

void platform::check() const {
  using testing::IsEmpty;
  EXPECT_THAT(cpu_checker.violations(), IsEmpty());
  EXPECT_THAT(dma_checker.violations(), IsEmpty());
  EXPECT_THAT(down_order.violations(), IsEmpty());
  EXPECT_THAT(up_order.violations(), IsEmpty());
  std::vector<const contract_checker*> checkers;
  for (const auto& one : root_checkers) {
    checkers.push_back(one.get());
  }
  for (const leaf& one : leaves) {
    checkers.push_back(one.checker.get());
  }
  for (const contract_checker* one : checkers) {
    if (one == nullptr) {
      continue;
    }
    EXPECT_THAT(one->violations(), IsEmpty());
    if (expect_idle) {
      EXPECT_EQ(one->outstanding(), 0U) << one->name();
      EXPECT_EQ(one->unaccepted(), 0U) << one->name();
    }
  }
  EXPECT_EQ(cpu_checker.under_way(), 0U);
}

void platform::all(const std::vector<std::function<void()>>& threads) {
  sc_core::sc_event one_ended;
  std::size_t running = threads.size();
  for (const auto& thread : threads) {
    sc_core::sc_spawn([&] {
      thread();
      --running;
      one_ended.notify();
    });
  }
  while (running != 0) {
    sc_core::wait(one_ended);
  }
}

// ---- processor

tlm::tlm_response_status platform::access(tlm::tlm_command command, std::uint64_t address,
                                          void* data, unsigned bytes, sc_core::sc_time& delay) {
  auto* trans = new tlm::tlm_generic_payload(manager_.get());
  trans->acquire();
  trans->set_command(command);
  trans->set_address(address);
  trans->set_data_ptr(static_cast<unsigned char*>(data));
  trans->set_data_length(bytes);
  trans->set_streaming_width(bytes);
  transport(*trans, delay);
  const tlm::tlm_response_status status = trans->get_response_status();
  trans->release();
  return status;
}

void platform::transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
  if (!config.non_blocking) {
    cpu->b_transport(trans, delay);
    return;
  }
  sc_core::wait(delay);
  delay = sc_core::SC_ZERO_TIME;
  while (requesting_ != nullptr) {
    sc_core::wait(request_ended_);
  }
  in_flight mine;
  requesting_ = &trans;
  in_flight_[&trans] = &mine;
  tlm::tlm_phase begin = tlm::BEGIN_REQ;
  const tlm::tlm_sync_enum status = cpu->nb_transport_fw(trans, begin, delay);
  if (status == tlm::TLM_ACCEPTED) {
    sc_core::wait(mine.responded);
    tlm::tlm_phase end = tlm::END_RESP;
    delay = sc_core::SC_ZERO_TIME;
    cpu->nb_transport_fw(trans, end, delay);
  }
  in_flight_.erase(&trans);
}

tlm::tlm_sync_enum platform::phase(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                   sc_core::sc_time& delay) {
  if (requesting_ == &trans) {
    requesting_ = nullptr;
    request_ended_.notify(delay);
  }
  if (phase == tlm::BEGIN_RESP) {
    in_flight_.at(&trans)->responded.notify(delay);
  }
  return tlm::TLM_ACCEPTED;
}

std::uint64_t platform::read(std::uint64_t address, unsigned bytes) {
  std::uint64_t value = 0;
  sc_core::sc_time delay;
  EXPECT_EQ(access(tlm::TLM_READ_COMMAND, address, &value, bytes, delay), tlm::TLM_OK_RESPONSE);
  if (delay != sc_core::SC_ZERO_TIME) {
    sc_core::wait(delay);
  }
  return value;
}

void platform::write(std::uint64_t address, std::uint64_t value, unsigned bytes) {
  sc_core::sc_time delay;
  EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, address, &value, bytes, delay), tlm::TLM_OK_RESPONSE);
  if (delay != sc_core::SC_ZERO_TIME) {
    sc_core::wait(delay);
  }
}

/// A driver's accesses to a leaf, through the processor.
class platform::leaf_access final : public driver_access {
 public:
  leaf_access(platform& owner, const leaf& at) : owner_(owner), at_(at) {}

  std::uint32_t read_config(std::uint32_t offset, unsigned bytes) override {
    return owner_.read(at_.id, offset, bytes);
  }
  void write_config(std::uint32_t offset, unsigned bytes, std::uint32_t value) override {
    owner_.write(at_.id, offset, bytes, value);
  }
  std::uint32_t read32(unsigned bar, std::uint64_t offset) override {
    return static_cast<std::uint32_t>(owner_.read(at_.bar.at(bar) + offset));
  }
  void write32(unsigned bar, std::uint64_t offset, std::uint32_t value) override {
    owner_.write(at_.bar.at(bar) + offset, value);
  }
  void write64(unsigned bar, std::uint64_t offset, std::uint64_t value) override {
    owner_.write(at_.bar.at(bar) + offset, value, 8);
  }

 private:
  platform& owner_;
  const leaf& at_;
};

void platform::program(std::size_t index, unsigned vector, std::uint64_t address,
                       std::uint32_t data) {
  leaf_access access(*this, leaves[index]);
  driver device(access, config.vectors);
  EXPECT_TRUE(device.program(vector, {address, data}));
  EXPECT_TRUE(device.unmask(vector));
  device.set_msix(true);
}

void platform::mask(std::size_t index, unsigned vector, bool on) {
  leaf_access access(*this, leaves[index]);
  driver device(access, config.vectors);
  EXPECT_TRUE(on ? device.mask(vector) : device.unmask(vector));
}

void platform::ring(std::size_t index, unsigned peer, unsigned vector) {
  leaf_access access(*this, leaves[index]);
  driver(access, config.vectors).ring(static_cast<peer_id>(peer), vector);
}

// ---- memory and interrupt controller

void platform::serve_dma(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
  const std::uint64_t address = trans.get_address();
  const unsigned bytes = trans.get_data_length();
  trans.set_response_status(tlm::TLM_OK_RESPONSE);
  if (dma_time != sc_core::SC_ZERO_TIME) {
    sc_core::wait(dma_time);
  }
  if (address >= msi_base && address < msi_base + 0x1000 && trans.is_write() && bytes == 4) {
    message one{address - msi_base, 0, sc_core::sc_time_stamp() + delay};
    std::memcpy(&one.data, trans.get_data_ptr(), bytes);
    messages.push_back(one);
    if (on_message) {
      on_message(one);
    }
  } else if (address + bytes <= ram_bytes && trans.is_write()) {
    std::memcpy(&ram[address], trans.get_data_ptr(), bytes);
  } else if (address + bytes <= ram_bytes) {
    std::memcpy(trans.get_data_ptr(), &ram[address], bytes);
  } else {
    trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  }
}

}  // namespace ivshmem::test
