// SPDX-License-Identifier: Apache-2.0
//
// The small platform parts: bus, memory, interrupt target, and the device without PCI.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ivshmem/tlm/flat_device.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "node.h"

namespace ivshmem::test {
namespace {

using testing::ElementsAre;

/// A second processor, on a bus: the first 4 KiB of a memory at 0x1'0000, another one that sees
/// absolute addresses at 0x8000, and 256 bytes in a range of 4 KiB at 0x4'0000.
struct Bus : testing::Test {
  struct processor : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<processor, 64> out{"out"};
    std::vector<bench::range> invalidated;
    explicit processor(const sc_core::sc_module_name& name) : sc_module(name) {
      out.register_invalidate_direct_mem_ptr(this, &processor::invalidate);
    }
    void invalidate(sc_dt::uint64 first, sc_dt::uint64 last) {
      invalidated.push_back({first, last});
    }
  };

  bench platform;
  bus crossbar{"crossbar"};
  memory ram{"small_ram", 0x1'0000};
  memory high{"high_ram", 0x9000};
  memory little{"little_ram", 0x100};
  processor cpu{"cpu"};

  Bus() {
    cpu.out.bind(crossbar.in);
    crossbar.map({0x1'0000, 0x1000}, ram.bus);
    crossbar.map({0x8000, 0x1000}, high.bus, bus::addresses::absolute);
    crossbar.map({0x4'0000, 0x1000}, little.bus);
  }
  tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t address,
                                  std::vector<unsigned char>& data,
                                  std::vector<unsigned char> enables = {}, unsigned width = ~0U) {
    tlm::tlm_generic_payload trans;
    fill(trans, command, address, data);
    trans.set_streaming_width(width);
    if (!enables.empty()) {
      trans.set_byte_enable_ptr(enables.data());
      trans.set_byte_enable_length(static_cast<unsigned>(enables.size()));
    }
    sc_core::sc_time delay;
    cpu.out->b_transport(trans, delay);
    EXPECT_EQ(trans.get_address(), address) << "put back";
    return trans.get_response_status();
  }
  static void fill(tlm::tlm_generic_payload& trans, tlm::tlm_command command, std::uint64_t address,
                   std::vector<unsigned char>& data) {
    trans.set_command(command);
    trans.set_address(address);
    trans.set_data_ptr(data.data());
    trans.set_data_length(static_cast<unsigned>(data.size()));
    trans.set_streaming_width(static_cast<unsigned>(data.size()));
  }
};

TEST_F(Bus, TargetsSeeOffsetsOrTheAddressItself) {
  platform.run([&] {
    std::vector<unsigned char> data{1, 2, 3, 4};
    EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, 0x1'0010, data), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(ram.data()[0x10], 1U);
    EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, 0x8010, data), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(high.data()[0x8010], 1U);
  });
}

TEST_F(Bus, AnAccessMustLieWithinOneRange) {
  platform.run([&] {
    std::vector<unsigned char> data(8);
    for (const std::uint64_t address : {0x0ULL, 0x1'0ffcULL, 0x7ffcULL, ~0ULL}) {
      EXPECT_EQ(access(tlm::TLM_READ_COMMAND, address, data), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    }
    tlm::tlm_generic_payload trans;
    fill(trans, tlm::TLM_READ_COMMAND, 0, data);
    tlm::tlm_dmi dmi;
    EXPECT_EQ(cpu.out->transport_dbg(trans), 0U);
    EXPECT_FALSE(cpu.out->get_direct_mem_ptr(trans, dmi));
  });
}

TEST_F(Bus, DirectAccessEndsWhereTheRangeEnds) {
  platform.run([&] {
    std::vector<unsigned char> data(4);
    tlm::tlm_generic_payload trans;
    fill(trans, tlm::TLM_READ_COMMAND, 0x1'0800, data);
    tlm::tlm_dmi dmi;
    ASSERT_TRUE(cpu.out->get_direct_mem_ptr(trans, dmi));
    EXPECT_EQ(dmi.get_start_address(), 0x1'0000U);
    EXPECT_EQ(dmi.get_end_address(), 0x1'0fffU) << "the memory is larger than its range";
    EXPECT_EQ(dmi.get_dmi_ptr(), ram.data());
    fill(trans, tlm::TLM_READ_COMMAND, 0x8000, data);
    ASSERT_TRUE(cpu.out->get_direct_mem_ptr(trans, dmi));
    EXPECT_EQ(dmi.get_start_address(), 0x8000U);
    EXPECT_EQ(dmi.get_end_address(), 0x8fffU);
    EXPECT_EQ(dmi.get_dmi_ptr(), high.data() + 0x8000);
  });
}

TEST_F(Bus, MemoryIsNotWhereItsRangeIsTooLong) {
  platform.run([&] {
    std::vector<unsigned char> data(8);
    EXPECT_EQ(access(tlm::TLM_READ_COMMAND, 0x4'00fc, data), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    tlm::tlm_generic_payload trans;
    fill(trans, tlm::TLM_READ_COMMAND, 0x4'00f8, data);
    tlm::tlm_dmi dmi;
    EXPECT_EQ(cpu.out->transport_dbg(trans), 8U);
    EXPECT_TRUE(cpu.out->get_direct_mem_ptr(trans, dmi));
    trans.set_address(0x4'0100);
    EXPECT_EQ(cpu.out->transport_dbg(trans), 0U);
    EXPECT_FALSE(cpu.out->get_direct_mem_ptr(trans, dmi));
  });
}

TEST_F(Bus, MemoryTakesByteEnablesAndStreamingWidth) {
  platform.run([&] {
    std::vector<unsigned char> data{1, 2, 3, 4, 5, 6};
    access(tlm::TLM_WRITE_COMMAND, 0x1'0000, data, {0xff, 0});
    EXPECT_THAT(std::vector<int>(ram.data(), ram.data() + 6), ElementsAre(1, 0, 3, 0, 5, 0));
    access(tlm::TLM_WRITE_COMMAND, 0x1'0000, data, {}, 2);
    EXPECT_THAT(std::vector<int>(ram.data(), ram.data() + 3), ElementsAre(5, 6, 3));
    EXPECT_EQ(access(tlm::TLM_READ_COMMAND, 0x1'0000, data, {}, 0), tlm::TLM_BURST_ERROR_RESPONSE);
  });
}

/// The device without PCI, and a peer that rings it.
struct FlatDevice : Bus {
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(min_memory_bytes);
  in_process_fabric fabric{"fabric", {shared.data(), shared.size()}};
  flat_device dut{"dut", fabric.join(2), 2};
  fabric_seat& peer = fabric.join(2);
  sc_core::sc_signal<bool> irq{"irq"};

  static constexpr std::uint64_t registers = 0x10'0000;
  static constexpr std::uint64_t table = 0x20'0000;
  static constexpr std::uint64_t shm = 0x30'0000;

  FlatDevice() {
    crossbar.map({registers, 0x1000}, dut.registers);
    crossbar.map({table, 0x1000}, dut.msix);
    crossbar.map({shm, 0x10000}, dut.memory);
    dut.irq(irq);
  }
  std::uint32_t get(const reg_desc& reg) {
    std::vector<unsigned char> data(4);
    EXPECT_EQ(access(tlm::TLM_READ_COMMAND, registers + reg.offset, data), tlm::TLM_OK_RESPONSE);
    std::uint32_t value = 0;
    std::memcpy(&value, data.data(), 4);
    return value;
  }
  void set(const reg_desc& reg, std::uint32_t value) {
    std::vector<unsigned char> data(4);
    std::memcpy(data.data(), &value, 4);
    EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, registers + reg.offset, data), tlm::TLM_OK_RESPONSE);
  }
};

TEST_F(FlatDevice, ANotificationRaisesItsLineUntilTheStatusIsRead) {
  platform.run([&] {
    set(bar0::intr_mask, 1);
    peer.ring(peer_id{0}, vector_index{1}, sc_core::SC_ZERO_TIME);
    sc_core::wait(1, sc_core::SC_NS);
    EXPECT_TRUE(irq.read());
    EXPECT_EQ(get(bar0::intr_status), 1U);
    sc_core::wait(1, sc_core::SC_NS);
    EXPECT_FALSE(irq.read());
    EXPECT_EQ(get(bar0::iv_position), 0U);
  });
}

TEST_F(FlatDevice, AnAccessPastABarIsAnAddressErrorAndTheTableIsEmpty) {
  platform.run([&] {
    std::vector<unsigned char> data(4);
    EXPECT_EQ(access(tlm::TLM_READ_COMMAND, registers + bar0::size_bytes, data),
              tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(access(tlm::TLM_READ_COMMAND, table, data), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(access(tlm::TLM_READ_COMMAND, shm + min_memory_bytes - 2, data),
              tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, shm + min_memory_bytes - 4, data),
              tlm::TLM_OK_RESPONSE);
  });
}

TEST_F(FlatDevice, GivesDirectAccessToItsMemoryOnly) {
  platform.run([&] {
    std::vector<unsigned char> data(4);
    tlm::tlm_generic_payload trans;
    tlm::tlm_dmi dmi;
    fill(trans, tlm::TLM_READ_COMMAND, shm, data);
    ASSERT_TRUE(cpu.out->get_direct_mem_ptr(trans, dmi));
    EXPECT_EQ(dmi.get_dmi_ptr(), shared.data());
    EXPECT_EQ(dmi.get_end_address(), shm + min_memory_bytes - 1);
    fill(trans, tlm::TLM_READ_COMMAND, registers, data);
    EXPECT_FALSE(cpu.out->get_direct_mem_ptr(trans, dmi));
  });
}

}  // namespace
}  // namespace ivshmem::test
