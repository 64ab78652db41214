// SPDX-License-Identifier: Apache-2.0
//
// A memory-mapped bus for the base protocol: decodes addresses.
#include "ivshmem/tlm/bus.h"

#include <algorithm>
#include <sstream>

#include "ivshmem/tlm/report.h"

namespace ivshmem {

namespace {

constexpr int any_output = -1;

}  // namespace

/// What a target calls: one object for each, so that the bus knows whose addresses they are.
class bus::back_path final : public tlm::tlm_bw_transport_if<> {
 public:
  back_path(bus& owner, int output) : owner_(owner), output_(output) {}

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& /*trans*/, tlm::tlm_phase& /*phase*/,
                                     sc_core::sc_time& /*delay*/) override {
    return tlm::TLM_ACCEPTED;  // the bus has begun nothing
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override {
    owner_.invalidate(output_, first, last);
  }

 private:
  bus& owner_;
  int output_;
};

bus::target_ports::target_ports(const char* name, bus& owner)
    : tlm_initiator_socket(name), owner_(owner) {
  owner_.back_paths_.push_back(std::make_unique<back_path>(owner, any_output));
  bind(static_cast<tlm::tlm_bw_transport_if<>&>(*owner_.back_paths_.front()));
}

// map() has just added the target that is being bound. A multi socket of tlm_utils asks once more
// at the end of elaboration, when it is too late to say which target it is.
tlm::tlm_bw_transport_if<>& bus::target_ports::get_base_interface() {
  auto& paths = owner_.back_paths_;
  if (paths.size() > owner_.bound_.size()) {
    return *paths.front();
  }
  paths.push_back(std::make_unique<back_path>(owner_, static_cast<int>(paths.size()) - 1));
  return *paths.back();
}

bus::bus(const sc_core::sc_module_name& name) : sc_module(name), out_("out", *this) {
  in.bind(static_cast<tlm::tlm_fw_transport_if<>&>(*this));
}

bus::~bus() = default;

int bus::output_for(const void* socket) const noexcept {
  return static_cast<int>(std::find(bound_.begin(), bound_.end(), socket) - bound_.begin());
}

void bus::add(const pcie::address_range& range, int output, addresses seen) {
  if (!range.is_valid()) {
    std::ostringstream text;
    text << std::hex << "address range at 0x" << range.base << " of 0x" << range.bytes
         << " bytes: must not be empty or end above 0x" << ~std::uint64_t{0};
    report_error(report_type::binding, name(), text.str());
    return;
  }
  targets_.push_back({range, seen == addresses::relative ? range.base : 0, output});
}

const bus::target* bus::find(const tlm::tlm_generic_payload& trans) const noexcept {
  const std::uint64_t first = trans.get_address();
  const unsigned length = trans.get_data_length();
  const std::uint64_t last = first + (length == 0 ? 0 : length - 1);
  const auto found = std::find_if(targets_.begin(), targets_.end(), [&](const target& one) {
    return one.range.contains(first) && one.range.contains(last);
  });
  return found == targets_.end() ? nullptr : &*found;
}

void bus::b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
  const target* const hit = find(trans);
  if (hit == nullptr) {
    trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  const std::uint64_t address = trans.get_address();
  trans.set_address(address - hit->subtract);
  out_[hit->output]->b_transport(trans, delay);
  trans.set_address(address);
}

tlm::tlm_sync_enum bus::nb_transport_fw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& /*phase*/,
                                        sc_core::sc_time& /*delay*/) {
  report_error(report_type::transport, name(),
               "non-blocking transport: the bus has blocking transport only");
  trans.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
  return tlm::TLM_COMPLETED;
}

unsigned bus::transport_dbg(tlm::tlm_generic_payload& trans) {
  const std::uint64_t address = trans.get_address();
  const unsigned length = trans.get_data_length();
  trans.set_data_length(0);
  const target* const hit = find(trans);  // of the first byte
  if (hit == nullptr) {
    trans.set_data_length(length);
    return 0;
  }
  trans.set_data_length(static_cast<unsigned>(
      std::min<std::uint64_t>(length, hit->range.bytes - (address - hit->range.base))));
  trans.set_address(address - hit->subtract);
  const unsigned bytes = out_[hit->output]->transport_dbg(trans);
  trans.set_address(address);
  trans.set_data_length(length);
  return bytes;
}

bool bus::get_direct_mem_ptr(tlm::tlm_generic_payload& trans, tlm::tlm_dmi& dmi) {
  const target* const hit = find(trans);
  if (hit == nullptr) {
    return false;
  }
  const std::uint64_t address = trans.get_address();
  trans.set_address(address - hit->subtract);
  const bool granted = out_[hit->output]->get_direct_mem_ptr(trans, dmi);
  trans.set_address(address);
  if (granted) {
    // The target may have more than its range shows.
    const std::uint64_t first =
        std::max<std::uint64_t>(dmi.get_start_address(), hit->range.base - hit->subtract);
    const std::uint64_t last =
        std::min<std::uint64_t>(dmi.get_end_address(), hit->range.last() - hit->subtract);
    dmi.set_dmi_ptr(dmi.get_dmi_ptr() + (first - dmi.get_start_address()));
    dmi.set_start_address(first + hit->subtract);
    dmi.set_end_address(last + hit->subtract);
  }
  return granted;
}

void bus::invalidate(int output, sc_dt::uint64 first, sc_dt::uint64 last) {
  for (const target& one : targets_) {
    // What its range shows of that; a target counts all addresses that it could ever have.
    const std::uint64_t base = one.range.base - one.subtract;
    const std::uint64_t from = std::max<std::uint64_t>(first, base);
    const std::uint64_t to = std::min<std::uint64_t>(last, base + (one.range.bytes - 1));
    if ((output != any_output && one.output != output) || from > to) {
      continue;
    }
    for (int i = 0; i < in.size(); ++i) {
      in[i]->invalidate_direct_mem_ptr(from + one.subtract, to + one.subtract);
    }
  }
}

}  // namespace ivshmem
