// SPDX-License-Identifier: Apache-2.0
//
// root_complex.h: a socket for each window, whose addresses count from the window's start.
#include <algorithm>

#include "ivshmem/tlm/report.h"
#include "nonblocking_front.h"
#include "root_complex_internal.h"

namespace ivshmem::pcie {

namespace {

constexpr int ecam_window = -1;  // the others are indices of root_complex_config::mmio

}  // namespace

/// A payload with the address on the bus in place of the one in the window, for a while.
class root_complex::window_access {
 public:
  window_access(const address_range& range, tlm::tlm_generic_payload& trans)
      : trans_(trans), address_(trans.get_address()) {
    // With streaming, only the first bytes of the data are different addresses.
    const std::uint64_t bytes = std::min(trans.get_data_length(), trans.get_streaming_width());
    room_ = address_ < range.bytes ? range.bytes - address_ : 0;
    inside_ = room_ != 0 && bytes <= room_;
    trans.set_address(address_ + range.base);
  }
  window_access(const window_access&) = delete;
  window_access& operator=(const window_access&) = delete;
  ~window_access() { trans_.set_address(address_); }

  /// Whether all of the access is in the window; if not, the payload says so.
  bool is_inside() const {
    if (!inside_) {
      trans_.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    }
    return inside_;
  }
  /// Bytes from the address to the end of the window.
  std::uint64_t room() const noexcept { return room_; }

 private:
  tlm::tlm_generic_payload& trans_;
  std::uint64_t address_;
  std::uint64_t room_ = 0;
  bool inside_ = false;
};

void root_complex::make_windows() {
  mmio.init(config_.mmio.size());
  for (int window = ecam_window; window < static_cast<int>(mmio.size()); ++window) {
    window_socket& socket = window_at(window);
    socket.register_b_transport(this, &root_complex::window_b_transport, window);
    socket.register_nb_transport_fw(this, &root_complex::window_nb_transport_fw, window);
    socket.register_transport_dbg(this, &root_complex::window_transport_dbg, window);
    socket.register_get_direct_mem_ptr(this, &root_complex::window_get_direct_mem_ptr, window);
  }
}

void root_complex::end_of_elaboration() {
  if (cpu.size() == 0 && ecam.size() == 0 &&
      std::all_of(mmio.begin(), mmio.end(), [](const window_socket& one) { return !one.size(); })) {
    report_error(report_type::binding, name(),
                 "cpu is not bound: must be, or else the windows ecam and mmio");
  }
}

const address_range& root_complex::window_range(int window) const {
  return window == ecam_window ? config_.ecam : config_.mmio[static_cast<std::size_t>(window)];
}

auto root_complex::window_at(int window) -> window_socket& {
  return window == ecam_window ? ecam : mmio[static_cast<std::size_t>(window)];
}

void root_complex::window_b_transport(int window, tlm::tlm_generic_payload& trans,
                                      sc_core::sc_time& delay) {
  const window_access on_the_bus(window_range(window), trans);
  if (on_the_bus.is_inside()) {
    b_transport(trans, delay);
  }
}

tlm::tlm_sync_enum root_complex::window_nb_transport_fw(int window, tlm::tlm_generic_payload& trans,
                                                        tlm::tlm_phase& phase,
                                                        sc_core::sc_time& delay) {
  if (phase == tlm::BEGIN_REQ && !window_access(window_range(window), trans).is_inside()) {
    return tlm::TLM_COMPLETED;
  }
  const nonblocking_front::source from{window_at(window).operator->(), window_range(window).base};
  return front().forward(trans, phase, delay, &from);
}

unsigned root_complex::window_transport_dbg(int window, tlm::tlm_generic_payload& trans) {
  const unsigned bytes = trans.get_data_length();
  const window_access on_the_bus(window_range(window), trans);
  trans.set_data_length(static_cast<unsigned>(std::min<std::uint64_t>(bytes, on_the_bus.room())));
  const unsigned done = trans.get_data_length() == 0 ? 0 : transport_dbg(trans);
  trans.set_data_length(bytes);
  return done;
}

bool root_complex::window_get_direct_mem_ptr(int window, tlm::tlm_generic_payload& trans,
                                             tlm::tlm_dmi& dmi) {
  const address_range& range = window_range(window);
  const window_access on_the_bus(range, trans);
  if (on_the_bus.room() == 0 || !get_direct_mem_ptr(trans, dmi)) {
    return false;
  }
  dmi.set_start_address(dmi.get_start_address() - range.base);
  dmi.set_end_address(dmi.get_end_address() - range.base);
  return true;
}

void root_complex::invalidate_direct_mem_ptr(std::uint64_t first, std::uint64_t last) {
  if (cpu.size() != 0) {
    cpu->invalidate_direct_mem_ptr(first, last);
  }
  for (int window = 0; window < static_cast<int>(mmio.size()); ++window) {
    const address_range& range = window_range(window);
    const std::uint64_t from = std::max(first, range.base);
    const std::uint64_t to = std::min(last, range.last());
    if (window_at(window).size() != 0 && from <= to) {
      window_at(window)->invalidate_direct_mem_ptr(from - range.base, to - range.base);
    }
  }
}

}  // namespace ivshmem::pcie
