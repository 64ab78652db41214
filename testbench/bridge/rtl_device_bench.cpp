// SPDX-License-Identifier: Apache-2.0
//
// A platform with one rtl_device.
#include "rtl_device_bench.h"

#include <algorithm>
#include <sstream>

#include "ivshmem/model/driver.h"

namespace ivshmem::rtl::test {

/// A driver's accesses as blocking TLPs.
struct rtl_device_bench::tlp_access final : driver_access {
  explicit tlp_access(rtl_device_bench& of) : bench(of) {}
  std::uint32_t read_config(std::uint32_t offset, unsigned bytes) override {
    std::uint32_t value = 0;
    sc_core::sc_time delay;
    bench.access(pcie::tlp_type::config_read_0, offset, &value, bytes, delay);
    return value;
  }
  void write_config(std::uint32_t offset, unsigned bytes, std::uint32_t value) override {
    bench.configure(offset, value, bytes);
  }
  std::uint32_t read32(unsigned bar, std::uint64_t offset) override {
    return bench.read((bar == 0 ? bar0_base : bar1_base) + offset);
  }
  void write32(unsigned bar, std::uint64_t offset, std::uint32_t value) override {
    bench.write((bar == 0 ? bar0_base : bar1_base) + offset, value);
  }
  rtl_device_bench& bench;
};

void rtl_device_bench::place() {
  tlp_access access(*this);
  driver guest(access, 1);
  guest.place_bar(0, bar0_base);
  guest.place_bar(1, bar1_base);
  guest.place_bar(2, bar2_base);
  guest.enable();
}

void rtl_device_bench::unmask(std::uint32_t data) {
  tlp_access access(*this);
  driver guest(access, 1);
  guest.set_up_vectors(0xfee0'0000, data);
}

void rtl_device_bench::fill(pcie::payload& trans, pcie::tlp_type type, std::uint64_t address,
                            unsigned bytes) {
  const bool write = type == pcie::tlp_type::memory_write || type == pcie::tlp_type::config_write_0;
  trans.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  trans.set_address(address);
  trans.set_data_length(bytes);
  trans.set_streaming_width(bytes);
  pcie::tlp_of(trans).type = type;
  pcie::tlp_of(trans).requester = pcie::make_bdf(0, 1, 0);
}

void rtl_device_bench::note(const char* what, const pcie::payload& trans,
                            const sc_core::sc_time& delay) {
  std::uint64_t sum = 0;
  for (unsigned i = 0; i < trans.get_data_length(); ++i) {
    sum = sum * 31 + trans.get_data_ptr()[i];
  }
  std::ostringstream line;
  line << (sc_core::sc_time_stamp() + delay) << ' ' << what << ' ' << std::hex
       << trans.get_address() << ' ' << sum << ' ' << static_cast<int>(pcie::tlp_of(trans).status);
  log.push_back(line.str());
}

void rtl_device_bench::take_message(const pcie::payload& trans) {
  std::uint32_t data = 0;
  std::memcpy(&data, trans.get_data_ptr(), std::min(4U, trans.get_data_length()));
  messages.push_back(data);
  targets.push_back(trans.get_address());
  if (on_message) {
    on_message();
  }
}

void rtl_device_bench::receive(pcie::port& /*from*/, pcie::payload& trans,
                               sc_core::sc_time& delay) {
  note("message", trans, delay);
  take_message(trans);
  complete(trans, pcie::completion_status::successful);
}

void rtl_device_bench::request_arrived(pcie::port& from, pcie::payload& trans,
                                       const sc_core::sc_time& delay) {
  note("message", trans, delay);
  take_message(trans);
  from.accept(trans, false);
}

void rtl_device_bench::completion_arrived(pcie::port& from, pcie::payload& trans,
                                          const sc_core::sc_time& delay) {
  note("completion", trans, delay);
  from.accept(trans, true);
  trans.release();
}

void rtl_device_bench::accepted(pcie::port& /*from*/, pcie::payload& trans, bool completion) {
  if (!completion) {
    note("credit", trans, sc_core::SC_ZERO_TIME);
    if (pcie::tlp_of(trans).is_posted()) {
      trans.release();
    }
  }
}

}  // namespace ivshmem::rtl::test
