// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <systemc>
#include <tlm>
#include <utility>
#include <vector>

#include "ivshmem/tlm/bus.h"
#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/interrupt_target.h"
#include "ivshmem/tlm/memory.h"
#include "ivshmem/tlm/pcie/root_complex.h"
#include "plain_access.h"

namespace ivshmem::test {

/// A processor in front of a root complex, and behind it RAM at 0 and a page that takes MSI-X
/// messages at 0xfee0'0000. The test body is the processor's program.
struct bench : sc_core::sc_module {
  static constexpr std::uint64_t ram_bytes = 1U << 20U;
  static constexpr std::uint64_t msi_base = 0xfee0'0000;

  struct interrupt {
    std::uint64_t offset;  ///< in the message page
    std::uint32_t data;
    sc_core::sc_time at;
  };
  struct range {
    std::uint64_t first;
    std::uint64_t last;
    bool operator==(const range& other) const { return first == other.first && last == other.last; }
  };

  tlm_utils::simple_initiator_socket<bench, 64> cpu{"cpu"};
  pcie::root_complex root;
  bus memory_bus{"memory_bus"};
  memory ram{"ram", ram_bytes};
  interrupt_target msi{"msi", [this](std::uint64_t offset, std::uint32_t data) {
                         interrupts.push_back({offset, data, sc_core::sc_time_stamp()});
                         if (on_interrupt) {
                           on_interrupt(data);
                         }
                       }};
  std::vector<interrupt> interrupts;
  std::function<void(std::uint32_t data)> on_interrupt;  ///< after it was noted
  std::vector<range> invalidated;                        ///< direct memory access taken back

  explicit bench(const pcie::root_complex_config& config = {},
                 const sc_core::sc_module_name& name = "bench")
      : sc_module(name), root("root", config) {
    cpu.register_invalidate_direct_mem_ptr(this, &bench::invalidate);
    cpu.bind(root.cpu);
    root.dma.bind(memory_bus.in);
    memory_bus.map({0, ram_bytes}, ram.bus);
    memory_bus.map({msi_base, 0x1000}, msi.bus);
    SC_THREAD(run_body);
  }
  SC_HAS_PROCESS(bench);

  /// Simulates until `body`, which runs in a SystemC thread and may wait, returns.
  void run(std::function<void()> body) {
    body_ = std::move(body);
    sc_core::sc_start();
    EXPECT_TRUE(finished_) << "simulation starved before the test body returned";
  }

  /// One access of any kind; `ahead` is how far the processor is ahead of the simulation time.
  tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t address, void* data,
                                  unsigned bytes, const std::vector<unsigned char>& enables = {},
                                  unsigned width = ~0U,
                                  sc_core::sc_time ahead = sc_core::SC_ZERO_TIME) {
    tlm::tlm_generic_payload trans;
    fill(trans, command, address, data, bytes);
    trans.set_streaming_width(width == ~0U ? bytes : width);
    if (!enables.empty()) {
      trans.set_byte_enable_ptr(const_cast<unsigned char*>(enables.data()));
      trans.set_byte_enable_length(static_cast<unsigned>(enables.size()));
    }
    cpu->b_transport(trans, ahead);
    dmi_allowed = trans.is_dmi_allowed();
    return trans.get_response_status();
  }
  bool dmi_allowed = false;  ///< hint of the last access

  std::uint64_t read(std::uint64_t address, unsigned bytes = 4) {
    std::uint64_t value = 0;
    EXPECT_EQ(access(tlm::TLM_READ_COMMAND, address, &value, bytes), tlm::TLM_OK_RESPONSE);
    return value;
  }
  void write(std::uint64_t address, std::uint64_t value, unsigned bytes = 4,
             const sc_core::sc_time& ahead = sc_core::SC_ZERO_TIME) {
    EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, address, &value, bytes, {}, bytes, ahead),
              tlm::TLM_OK_RESPONSE);
  }
  /// Debug transport; returns the number of bytes transferred.
  unsigned debug(tlm::tlm_command command, std::uint64_t address, std::uint64_t& value,
                 unsigned bytes) {
    tlm::tlm_generic_payload trans;
    fill(trans, command, address, &value, bytes);
    return cpu->transport_dbg(trans);
  }
  bool direct(std::uint64_t address, tlm::tlm_dmi& dmi) {
    tlm::tlm_generic_payload trans;
    fill(trans, tlm::TLM_READ_COMMAND, address, nullptr, 0);
    return cpu->get_direct_mem_ptr(trans, dmi);
  }

  std::uint64_t ecam(pcie::bdf id, std::uint32_t offset) const {
    return root.config().ecam.base + (std::uint64_t{pcie::to_int(id)} << 12U) + offset;
  }
  std::uint32_t config(pcie::bdf id, const reg_desc& reg) {
    return static_cast<std::uint32_t>(read(ecam(id, reg.offset), reg.bytes > 4 ? 4 : reg.bytes));
  }
  void configure(pcie::bdf id, const reg_desc& reg, std::uint64_t value) {
    write(ecam(id, reg.offset), value, reg.bytes);
  }

 private:
  void invalidate(sc_dt::uint64 first, sc_dt::uint64 last) { invalidated.push_back({first, last}); }
  void run_body() {
    body_();
    finished_ = true;
    sc_core::sc_stop();
  }

  std::function<void()> body_;
  bool finished_ = false;
};

}  // namespace ivshmem::test
