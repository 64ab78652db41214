// SPDX-License-Identifier: Apache-2.0
//
// lockstep_device as a place: what it compares, and what it says of a difference.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "fuzz_bench.h"
#include "ivshmem/model/regmap.h"

namespace ivshmem::lockstep {
namespace {

class requester final : public sc_core::sc_module, private pcie::component {
 public:
  pcie::port port{"port", *this};
  explicit requester(const sc_core::sc_module_name& name) : sc_module(name) {}

 private:
  void receive(pcie::port& /*from*/, pcie::payload& /*trans*/,
               sc_core::sc_time& /*delay*/) override {}
  unsigned receive_debug(pcie::port& /*from*/, pcie::payload& /*trans*/) override { return 0; }
};

/// Asks one thing after the other by blocking transport.
struct LockstepDevice : testing::Test, rtl::tlp_disguise {
  const std::string waveform = testing::TempDir() + "lockstep_device_" +
                               testing::UnitTest::GetInstance()->current_test_info()->name() +
                               ".vcd";
  rtl::lockstep_device device{"device", {}, {nullptr, waveform}};
  requester asker{"asker"};
  std::vector<std::uint8_t> memory = std::vector<std::uint8_t>(4096);
  pcie::payload_pool pool;
  std::uint32_t flip_address = 0;

  LockstepDevice() {
    asker.port.bind(device.pcie);
    device.disguise(this);
  }
  ~LockstepDevice() override { std::remove(waveform.c_str()); }

  void change(const pcie::payload& /*trans*/, rtl::raw_tlp& tlp) override {
    tlp.header[2] ^= flip_address;
  }

  void insert(device_properties properties = {}) {
    ASSERT_TRUE(device.insert(properties, {memory.data(), memory.size()}));
  }
  pcie::completion_status request(pcie::tlp_type type, std::uint64_t address, std::uint32_t& data) {
    const pcie::payload_pool::lease trans(pool);
    pcie::tlp_of(*trans).type = type;
    const bool write =
        type == pcie::tlp_type::config_write_0 || type == pcie::tlp_type::memory_write;
    trans->set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    trans->set_address(address);
    trans->set_data_ptr(reinterpret_cast<unsigned char*>(&data));
    trans->set_data_length(sizeof data);
    sc_core::sc_time delay;
    asker.port.send(*trans, delay);
    return pcie::tlp_of(*trans).status;
  }
  void write(pcie::tlp_type type, std::uint64_t address, std::uint32_t data) {
    EXPECT_EQ(request(type, address, data), pcie::completion_status::successful);
  }
  std::uint32_t read(pcie::tlp_type type, std::uint64_t address) {
    std::uint32_t data = 0;
    EXPECT_EQ(request(type, address, data), pcie::completion_status::successful);
    return data;
  }
  void open_windows() {
    write(pcie::tlp_type::config_write_0, cfg::bar0_reg.offset, 0x8000'0000);
    write(pcie::tlp_type::config_write_0, cfg::bar2_reg.offset, 0x9000'0000);
    write(pcie::tlp_type::config_write_0, cfg::command.offset, cfg::command_memory);
  }
  template <class Body>
  void run(Body body) {
    sc_core::sc_spawn(body);
    sc_core::sc_start(1, sc_core::SC_MS);
  }
};

TEST_F(LockstepDevice, BlockingRequestsReachModelAndRtl) {
  insert();
  run([&] {
    open_windows();
    write(pcie::tlp_type::memory_write, 0x9000'0010, 0x1234'5678);
    EXPECT_EQ(read(pcie::tlp_type::memory_read, 0x9000'0010), 0x1234'5678U);
    EXPECT_EQ(read(pcie::tlp_type::config_read_0, 0), 0x1110'1af4U);
  });
  EXPECT_TRUE(device.finish());
  EXPECT_EQ(memory[0x10], 0x78);
  EXPECT_EQ(device.verdict().find("0 differences in 11 TLPs, "), 0u) << device.verdict();
}

TEST_F(LockstepDevice, ADifferenceIsReportedWithTheLastTlpsAndAWaveform) {
  insert();
  try {
    run([&] {
      open_windows();
      flip_address = 4;  // the RTL reads another register
      write(pcie::tlp_type::memory_write, 0x8000'0000, 1);
      flip_address = 0;
      read(pcie::tlp_type::memory_read, 0x8000'0000);
    });
    device.finish();
    FAIL() << "no difference was found";
  } catch (const sc_core::sc_report& report) {
    const std::string text = report.get_msg();
    EXPECT_NE(text.find("RTL and model differ in cycle "), std::string::npos) << text;
    EXPECT_NE(text.find("tx_cpl, data dword 0: model 0x1 "), std::string::npos) << text;
    EXPECT_NE(text.find("rx: cycle "), std::string::npos) << text;
    EXPECT_TRUE(std::ifstream(waveform).good());
  }
  EXPECT_FALSE(device.finish());
  EXPECT_NE(device.verdict().find("RTL and model differ"), std::string::npos);
}

TEST_F(LockstepDevice, StateThatNobodyReadIsComparedInTheEnd) {
  insert();
  run([&] {
    open_windows();
    flip_address = 4;
    write(pcie::tlp_type::memory_write, 0x8000'0000, 1);
  });
  EXPECT_THROW(device.finish(), sc_core::sc_report);
  EXPECT_NE(device.verdict().find("IntrMask"), std::string::npos) << device.verdict();
}

TEST_F(LockstepDevice, AnEmptyPlaceRefusesRequestsAndTakesADeviceLater) {
  EXPECT_TRUE(device.is_empty());
  run([&] {
    std::uint32_t data = 0;
    EXPECT_EQ(request(pcie::tlp_type::config_read_0, 0, data),
              pcie::completion_status::unsupported_request);
    insert();
    EXPECT_EQ(read(pcie::tlp_type::config_read_0, 0), 0x1110'1af4U);
    device.eject();
    EXPECT_EQ(request(pcie::tlp_type::config_read_0, 0, data),
              pcie::completion_status::unsupported_request);
    insert();
    EXPECT_EQ(read(pcie::tlp_type::config_read_0, 0), 0x1110'1af4U);
  });
  EXPECT_TRUE(device.finish());
  EXPECT_EQ(device.tlps(), 4u);
}

TEST_F(LockstepDevice, AHotPluggedDeviceBeginsWithItsCommandRegister) {
  device_properties properties;
  properties.hot_plugged = true;
  insert(properties);
  run([&] { EXPECT_EQ(read(pcie::tlp_type::config_read_0, cfg::command.offset) & 0xffffU, 3U); });
  EXPECT_TRUE(device.finish());
}

TEST_F(LockstepDevice, AResetReachesBoth) {
  insert();
  run([&] {
    open_windows();
    device.reset();
    sc_core::wait(100, sc_core::SC_NS);
    EXPECT_EQ(read(pcie::tlp_type::config_read_0, cfg::command.offset) & 0xffffU, 0U);
  });
  EXPECT_TRUE(device.finish());
}

TEST_F(LockstepDevice, WhatTheRtlDoesNotHaveIsRefused) {
  device_properties properties;
  properties.variant = device_variant::doorbell;
  properties.irq_path = interrupt_path::irqfd;
  const auto inserted = device.insert(properties, {memory.data(), memory.size()});
  ASSERT_FALSE(inserted);
  EXPECT_EQ(inserted.error().property, "irq_path");
  EXPECT_TRUE(device.is_empty());
}

}  // namespace
}  // namespace ivshmem::lockstep
