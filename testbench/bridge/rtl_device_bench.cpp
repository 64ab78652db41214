// SPDX-License-Identifier: Apache-2.0
#include "rtl_device_bench.h"

#include <algorithm>
#include <sstream>

namespace ivshmem::rtl {

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

}  // namespace ivshmem::rtl
