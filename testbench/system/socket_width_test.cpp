// SPDX-License-Identifier: Apache-2.0
//
// Sockets of any BUSWIDTH bind to those of this library, in every direction that TLM-2.0 has, and
// accesses arrive whatever the width.
#include <gtest/gtest.h>
#include <tlm_utils/multi_passthrough_initiator_socket.h>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <numeric>

#include "ivshmem/tlm/bus.h"
#include "ivshmem/tlm/flat_device.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "ivshmem/tlm/interrupt_target.h"
#include "ivshmem/tlm/memory.h"
#include "ivshmem/tlm/pcie/root_complex.h"
#include "plain_access.h"
#include "told.h"

namespace ivshmem::test {
namespace {

tlm::tlm_response_status access(tlm::tlm_fw_transport_if<>& to, tlm::tlm_command command,
                                std::uint64_t address, std::vector<unsigned char>& data) {
  tlm::tlm_generic_payload trans;
  fill(trans, command, address, data.data(), static_cast<unsigned>(data.size()));
  sc_core::sc_time delay;
  to.b_transport(trans, delay);
  return trans.get_response_status();
}

/// A stranger's processor and memory, with the convenience sockets of tlm_utils.
template <unsigned Bits>
struct stranger : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<stranger, Bits> out{"out"};
  tlm_utils::multi_passthrough_initiator_socket<stranger, Bits> outs{"outs"};
  tlm_utils::simple_target_socket<stranger, Bits> in{"in"};
  tlm_utils::multi_passthrough_target_socket<stranger, Bits> ins{"ins"};
  std::vector<std::uint64_t> seen;  ///< addresses at `in` and `ins`
  unsigned invalidated = 0;

  explicit stranger(const sc_core::sc_module_name& name) : sc_module(name) {
    in.register_b_transport(this, &stranger::take);
    ins.register_b_transport(this, &stranger::take_one);
    out.register_invalidate_direct_mem_ptr(this, &stranger::invalidate);
  }
  void take(tlm::tlm_generic_payload& trans, sc_core::sc_time& /*delay*/) {
    seen.push_back(trans.get_address());
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  void take_one(int /*id*/, tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
    take(trans, delay);
  }
  void invalidate(sc_dt::uint64 /*first*/, sc_dt::uint64 /*last*/) { ++invalidated; }
};

/// A subsystem that shows the sockets of what is in it.
template <unsigned Bits>
struct subsystem : sc_core::sc_module {
  tlm::tlm_target_socket<Bits> cpu{"cpu"};
  tlm::tlm_initiator_socket<Bits> dma{"dma"};
  pcie::root_complex root{"root"};
  explicit subsystem(const sc_core::sc_module_name& name) : sc_module(name) {
    cpu.bind(root.cpu);
    root.dma.bind(dma);
  }
};

/// A processor and a memory of this width around a root complex.
template <unsigned Bits>
void around_a_root_complex() {
  stranger<Bits> cpu("cpu");
  stranger<Bits> ram("ram");
  stranger<Bits> inner("inner");
  pcie::root_complex root("root");
  pcie::root_complex second("second");
  subsystem<Bits> shell("shell");
  cpu.out.bind(root.cpu);
  root.dma.bind(ram.in);
  cpu.outs.bind(root.ecam);
  for (auto& window : root.mmio) {
    cpu.outs.bind(window);
  }
  second.cpu.bind(ram.out);  // the other way round
  second.dma(ram.ins);
  ram.outs.bind(cpu.ins);
  inner.out.bind(shell.cpu);
  shell.dma.bind(inner.in);
  inner.outs.bind(inner.ins);
  cpu.outs.bind(cpu.in);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);

  for (auto* from : {&cpu, &ram, &inner}) {
    std::vector<unsigned char> whole(100);
    EXPECT_EQ(
        access(*from->out.operator->(), tlm::TLM_READ_COMMAND, root.config().ecam.base, whole),
        tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(whole.back(), 0xff) << "all of them, whatever the width";
  }
  std::vector<unsigned char> data(4);
  access(*cpu.outs[0], tlm::TLM_READ_COMMAND, 0, data);
  EXPECT_EQ(data.back(), 0xff) << "configuration space of nobody";
  access(*root.dma.operator->(), tlm::TLM_WRITE_COMMAND, 0x1234, data);
  access(*second.dma.operator->(), tlm::TLM_WRITE_COMMAND, 0x5678, data);
  access(*shell.root.dma.operator->(), tlm::TLM_WRITE_COMMAND, 0x9abc, data);
  EXPECT_EQ(ram.seen, (std::vector<std::uint64_t>{0x1234, 0x5678}));
  EXPECT_EQ(inner.seen, (std::vector<std::uint64_t>{0x9abc}));
  root.cpu->invalidate_direct_mem_ptr(0, 1);
  EXPECT_EQ(cpu.invalidated, 1U);
}

/// Initiators and targets of this width at a bus, and at a device without PCI.
template <unsigned Bits>
void at_a_bus() {
  stranger<Bits> first("first");
  stranger<Bits> second("second");
  bus crossbar("crossbar");
  memory ram("ram", 0x1000);
  interrupt_target msi("msi", [](std::uint64_t /*address*/, std::uint32_t /*data*/) {});
  std::vector<std::uint8_t> shared(min_memory_bytes);
  in_process_fabric fabric("fabric", {shared.data(), shared.size()});
  flat_device flat("flat", fabric.join(1));
  first.out.bind(crossbar.in);
  first.outs.bind(crossbar.in);
  second.out.bind(crossbar.in);
  second.outs.bind(flat.registers);
  second.outs.bind(flat.msix);
  second.outs.bind(flat.memory);
  crossbar.map({0x0000, 0x1000}, ram.bus);
  crossbar.map({0x1000, 0x1000}, first.in);
  crossbar.map({0x2000, 0x1000}, second.ins);
  crossbar.map({0x3000, 0x1000}, msi.bus);
  second.outs.bind(first.ins);
  second.outs.bind(second.in);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);

  std::vector<unsigned char> data(64);
  std::iota(data.begin(), data.end(), std::uint8_t{1});
  EXPECT_EQ(access(*second.out.operator->(), tlm::TLM_WRITE_COMMAND, 0x10, data),
            tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(ram.data()[0x10 + 63], 64);
  for (const std::uint64_t address : {0x1008U, 0x2010U}) {
    EXPECT_EQ(access(*first.outs[0], tlm::TLM_READ_COMMAND, address, data), tlm::TLM_OK_RESPONSE);
  }
  EXPECT_EQ(first.seen, (std::vector<std::uint64_t>{0x08}));
  EXPECT_EQ(second.seen, (std::vector<std::uint64_t>{0x10}));
  EXPECT_EQ(access(*first.out.operator->(), tlm::TLM_WRITE_COMMAND, 0x4000, data),
            tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(access(*second.outs[2], tlm::TLM_WRITE_COMMAND, 0, data), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(shared[63], 64);
  first.in->invalidate_direct_mem_ptr(0, 0xfff);
  EXPECT_EQ(first.invalidated + second.invalidated, 2U);
}

TEST(SocketWidth, Of32BitsAroundARootComplex) { around_a_root_complex<32>(); }
TEST(SocketWidth, Of32BitsAtABus) { at_a_bus<32>(); }
TEST(SocketWidth, Of64BitsAroundARootComplex) { around_a_root_complex<64>(); }
TEST(SocketWidth, Of64BitsAtABus) { at_a_bus<64>(); }
TEST(SocketWidth, Of128BitsAroundARootComplex) { around_a_root_complex<128>(); }
TEST(SocketWidth, Of128BitsAtABus) { at_a_bus<128>(); }
TEST(SocketWidth, Of256BitsAroundARootComplex) { around_a_root_complex<256>(); }
TEST(SocketWidth, Of256BitsAtABus) { at_a_bus<256>(); }
TEST(SocketWidth, Of512BitsAroundARootComplex) { around_a_root_complex<512>(); }
TEST(SocketWidth, Of512BitsAtABus) { at_a_bus<512>(); }

/// A bus of somebody else that names the class of its targets' sockets, or deduces their width.
struct picky_bus : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<picky_bus> first{"first"};
  tlm_utils::simple_initiator_socket<picky_bus, 128> second{"second"};
  tlm::tlm_target_socket<> ecam{"ecam"};  // these two stand for the platform's
  tlm::tlm_target_socket<128> low{"low"};
  explicit picky_bus(const sc_core::sc_module_name& name) : sc_module(name) {}
  void map(tlm::tlm_target_socket<>& target) { first.bind(target); }
  template <unsigned Bits>
  void deduce(tlm::tlm_base_target_socket_b<Bits>& target) {
    static_assert(Bits == 128, "what was deduced");
    second.bind(target);
  }
};

TEST(SocketWidth, OfABusThatWantsOneWidthIsThatOfASocketBetween) {
  picky_bus other("other");
  pcie::root_complex root("root");
  memory ram("ram", 0x1000);
  other.ecam.bind(root.ecam);
  other.low.bind(root.mmio[0]);
  other.map(other.ecam);
  other.deduce(other.low);
  root.dma.bind(ram.bus);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  std::vector<unsigned char> data(4);
  EXPECT_EQ(access(*other.first.operator->(), tlm::TLM_READ_COMMAND, 0, data),
            tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(access(*other.second.operator->(), tlm::TLM_READ_COMMAND, 0, data),
            tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(data.front(), 0xff);
}

TEST(BusTransport, IsBlockingOnly) {
  stranger<32> cpu("cpu");
  bus crossbar("crossbar");
  cpu.out.bind(crossbar.in);
  cpu.outs.bind(cpu.ins);
  memory ram("ram", 0x1000);
  crossbar.map({0, 0x1000}, ram.bus);
  crossbar.map({0x1000, 0x1000}, cpu.in);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  tlm::tlm_generic_payload trans;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay;
  EXPECT_EQ(told([&] { cpu.out->nb_transport_fw(trans, phase, delay); }),
            "non-blocking transport: the bus has blocking transport only");
}

}  // namespace
}  // namespace ivshmem::test
