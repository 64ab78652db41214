// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <systemc>
#include <vector>

#include "ivshmem/model/regmap.h"
#include "ivshmem/rtl_bridge/rtl_device.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "ivshmem/tlm/pcie/payload_pool.h"
#include "ivshmem/tlm/pcie/port.h"

namespace ivshmem::rtl::test {

/// A root that sends requests to one device and logs whatever comes back, and when.
class rtl_device_bench final : public sc_core::sc_module, private pcie::component {
 public:
  static constexpr std::uint64_t bar0_base = 0x1'0000;
  static constexpr std::uint64_t bar1_base = 0x2'0000;
  static constexpr std::uint64_t bar2_base = 0x10'0000;

  explicit rtl_device_bench(timing_mode mode, const rtl_device_config& options = {},
                            const sc_core::sc_module_name& name = "bench")
      : sc_module(name), device("device", timing_of(mode), options) {
    port.bind(device.pcie);
    SC_HAS_PROCESS(rtl_device_bench);
    SC_THREAD(run_body);
  }

  static timing_config timing_of(timing_mode mode) {
    timing_config timing;
    timing.mode = mode;
    return timing;
  }

  /// Runs `body` in a thread until nothing happens any more.
  void run(std::function<void()> body) {
    body_ = std::move(body);
    sc_core::sc_start();
  }

  // Blocking accesses.
  bool access(pcie::tlp_type type, std::uint64_t address, void* data, unsigned bytes,
              sc_core::sc_time& delay) {
    const pcie::payload_pool::lease trans(pool_);
    fill(*trans, type, address, bytes);
    trans->set_data_ptr(static_cast<unsigned char*>(data));
    port.send(*trans, delay);
    return trans->is_response_ok();
  }
  std::uint32_t read(std::uint64_t address, unsigned bytes = 4) {
    std::uint32_t value = 0;
    sc_core::sc_time delay;
    access(pcie::tlp_type::memory_read, address, &value, bytes, delay);
    return value;
  }
  void write(std::uint64_t address, std::uint32_t value, unsigned bytes = 4) {
    sc_core::sc_time delay;
    access(pcie::tlp_type::memory_write, address, &value, bytes, delay);
  }
  void configure(std::uint32_t offset, std::uint32_t value, unsigned bytes = 4) {
    sc_core::sc_time delay;
    access(pcie::tlp_type::config_write_0, offset, &value, bytes, delay);
  }
  /// BARs at the addresses above, memory decoding and bus mastering on.
  void place();
  /// Vector 0 becomes a message of `data` to 0xfee00000, MSI-X on.
  void unmask(std::uint32_t data);

  // Timed requests, which arrive `delay` from now.
  void post(pcie::tlp_type type, std::uint64_t address, std::uint32_t value, unsigned bytes,
            const sc_core::sc_time& delay) {
    pcie::payload& trans = pool_.allocate(bytes);
    fill(trans, type, address, bytes);
    pcie::tlp_of(trans).tag = tag_++;
    for (unsigned i = 0; i + 4 <= bytes; i += 4) {
      std::memcpy(trans.get_data_ptr() + i, &value, 4);
    }
    port.send_request(trans, delay);
  }

  pcie::port port{"port", *this};
  rtl_device device;
  std::vector<std::string> log;         ///< completions, credits and messages with their time
  std::vector<std::uint32_t> messages;  ///< data
  std::vector<std::uint64_t> targets;   ///< addresses of the messages
  std::function<void()> on_message;     ///< inside the message

 private:
  struct tlp_access;

  static void fill(pcie::payload& trans, pcie::tlp_type type, std::uint64_t address,
                   unsigned bytes);
  void note(const char* what, const pcie::payload& trans, const sc_core::sc_time& delay);
  void take_message(const pcie::payload& trans);
  void receive(pcie::port& from, pcie::payload& trans, sc_core::sc_time& delay) override;
  unsigned receive_debug(pcie::port& /*from*/, pcie::payload& /*trans*/) override { return 0; }
  void request_arrived(pcie::port& from, pcie::payload& trans,
                       const sc_core::sc_time& delay) override;
  void completion_arrived(pcie::port& from, pcie::payload& trans,
                          const sc_core::sc_time& delay) override;
  void accepted(pcie::port& from, pcie::payload& trans, bool completion) override;
  void run_body() {
    if (body_) {
      body_();
    }
  }

  pcie::payload_pool pool_;
  std::uint8_t tag_ = 0;
  std::function<void()> body_;
};

inline device_properties doorbell(unsigned vectors = 1) {
  device_properties made;
  made.variant = device_variant::doorbell;
  made.vectors = vectors;
  return made;
}

}  // namespace ivshmem::rtl::test
