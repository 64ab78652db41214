// SPDX-License-Identifier: Apache-2.0
//
// Payloads that are used again.
#include "ivshmem/tlm/pcie/payload_pool.h"

namespace ivshmem::pcie {

payload_pool::~payload_pool() = default;

payload_pool::pooled* payload_pool::take() {
  if (free_.empty()) {
    all_.push_back(std::make_unique<pooled>());
    return all_.back().get();
  }
  pooled* trans = free_.back();
  free_.pop_back();
  trans->set_mm(nullptr);
  trans->set_byte_enable_ptr(nullptr);
  trans->set_dmi_allowed(false);
  trans->set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  tlp& fields = trans->header;
  fields.header() = {};
  fields.depth = 0;
  fields.hops = 0;
  fields.context = nullptr;
  fields.abandoned = false;
  return trans;
}

payload_pool::pooled& payload_pool::allocate(unsigned bytes) {
  pooled* trans = take();
  if (trans->data_.size() < bytes) {
    trans->data_.resize(bytes);
  }
  trans->set_mm(this);
  trans->acquire();
  trans->set_data_ptr(trans->data_.data());
  trans->set_data_length(bytes);
  trans->set_streaming_width(bytes);
  return *trans;
}

}  // namespace ivshmem::pcie
