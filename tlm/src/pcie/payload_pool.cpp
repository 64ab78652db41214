// SPDX-License-Identifier: Apache-2.0
//
// Payloads that are used again.
#include "ivshmem/tlm/pcie/payload_pool.h"

namespace ivshmem::pcie {

/// Data of a payload that outlives the call that made it.
struct payload_pool::buffer final : tlm::tlm_extension<buffer> {
  std::vector<unsigned char> bytes;

  tlm::tlm_extension_base* clone() const override { return new buffer(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const buffer&>(other);
  }
};

payload_pool::~payload_pool() {
  for (payload* trans : all_) {
    delete trans;  // frees its extensions too
  }
}

payload* payload_pool::take() {
  if (free_.empty()) {
    auto* trans = new payload;
    trans->set_extension(new tlp);
    all_.push_back(trans);
    return trans;
  }
  payload* trans = free_.back();
  free_.pop_back();
  trans->set_mm(nullptr);
  trans->set_byte_enable_ptr(nullptr);
  trans->set_dmi_allowed(false);
  trans->set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  tlp& fields = tlp_of(*trans);
  fields.header() = {};
  fields.depth = 0;
  fields.hops = 0;
  fields.context = nullptr;
  fields.abandoned = false;
  return trans;
}

payload& payload_pool::allocate(unsigned bytes) {
  payload* trans = take();
  auto* data = trans->get_extension<buffer>();
  if (data == nullptr) {
    data = new buffer;
    trans->set_extension(data);
  }
  if (data->bytes.size() < bytes) {
    data->bytes.resize(bytes);
  }
  trans->set_mm(this);
  trans->acquire();
  trans->set_data_ptr(data->bytes.data());
  trans->set_data_length(bytes);
  trans->set_streaming_width(bytes);
  return *trans;
}

}  // namespace ivshmem::pcie
