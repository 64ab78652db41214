// SPDX-License-Identifier: Apache-2.0
//
// The device in functional: a request is over when it is there.
#include "functional.h"

#include <cstring>

namespace ivshmem {

using pcie::completion_status;
using pcie::tlp_type;

/// One call into the device from outside: its time, and whose it is.
///
/// What the device takes for an access through its own message is one only if the process sends
/// that message: see messengers.
class functional_engine::visit {
 public:
  visit(functional_engine& owner, const sc_core::sc_time& delay)
      : owner_(owner), outer_(owner.delay_) {
    owner_.delay_ = delay;
    other_process_ = !owner_.messengers_.empty() && !owner_.messengers_.has_this_process();
    if (other_process_) {
      owner_.model()->set_inside_access(false);
    }
  }
  ~visit() {
    owner_.delay_ = outer_;
    if (other_process_ && owner_.model() != nullptr) {
      owner_.model()->set_inside_access(!owner_.messengers_.empty());
    }
  }
  visit(const visit&) = delete;
  visit& operator=(const visit&) = delete;

 private:
  functional_engine& owner_;
  sc_core::sc_time outer_;
  bool other_process_ = false;
};

// ---- requests

void functional_engine::receive(pcie::payload& trans, sc_core::sc_time& delay) {
  execute(trans, delay);
}

unsigned functional_engine::execute(pcie::payload& trans, const sc_core::sc_time& delay) {
  pcie::tlp& header = pcie::tlp_of(trans);
  if (header.type == tlp_type::message || header.surplus_dwords != 0) {
    complete(trans, completion_status::unsupported_request);
    return no_bar;  // for nobody here, but no error; or malformed
  }
  if (model() == nullptr) {
    unsupported(trans);
    return no_bar;
  }
  const visit here(*this, delay);
  header.completer = id();
  unsigned bar = no_bar;
  if (header.is_memory()) {
    bar = memory_request(trans, header);
  } else if (serves_config(trans, header)) {
    configure(trans);
  } else {
    unsupported(trans);
  }
  watch_pending();
  return bar;
}

unsigned functional_engine::memory_request(pcie::payload& trans, pcie::tlp& header) {
  const bool write = header.type == tlp_type::memory_write;
  bar_hit hit{};
  // Poisoned data must not change the device [PCIe 2.7.2.2].
  if (!decode(trans, header, hit) || (write && header.poisoned)) {
    unsupported(trans);
    return no_bar;
  }
  complete(trans, header, completion_status::successful);
  if (strays(header, hit)) {
    return hit.bar;
  }
  if (observer() != nullptr) {
    observer()->on_access(hit.bar, write, hit.offset, trans.get_data_length());
  }
  access_bytes(trans, hit);
  if (hit.bar == 2) {
    trans.set_dmi_allowed(true);
  }
  return hit.bar;
}

bool functional_engine::access(unsigned bar, bool write, std::uint64_t offset, unsigned char* data,
                               unsigned bytes, sc_core::sc_time& delay) {
  if (observer() != nullptr || !messengers_.empty()) {
    return watched_access(bar, write, offset, data, bytes, delay);
  }
  const sc_core::sc_time outer = delay_;
  delay_ = delay;
  std::uint32_t word = 0;
  const bool is_register = bar == 0 && bytes == sizeof word && offset % sizeof word == 0;
  if (is_register && write) {
    std::memcpy(&word, data, sizeof word);
    model()->write_register(static_cast<std::uint32_t>(offset), word);
  } else if (is_register) {
    word = model()->read_register(static_cast<std::uint32_t>(offset));
    std::memcpy(data, &word, sizeof word);
  } else if (write) {
    model()->write(bar, offset, data, bytes);
  } else {
    model()->read(bar, offset, data, bytes);
  }
  delay_ = outer;
  return true;
}

/// The same when there is more to do: out of the way of the common case.
bool functional_engine::watched_access(unsigned bar, bool write, std::uint64_t offset,
                                       unsigned char* data, unsigned bytes,
                                       const sc_core::sc_time& delay) {
  const visit here(*this, delay);
  if (observer() != nullptr) {
    observer()->on_access(bar, write, offset, bytes);
  }
  if (write) {
    model()->write(bar, offset, data, bytes);
  } else {
    model()->read(bar, offset, data, bytes);
  }
  watch_pending();
  return true;
}

// ---- to and from the fabric

void functional_engine::notify(vector_index vector) {
  const visit here(*this, sc_core::SC_ZERO_TIME);
  model()->notify(vector);
  watch_pending();
}

void functional_engine::ring(peer_id peer, vector_index vector) {
  ring_after(peer, vector, delay_);
}

void functional_engine::ring_after(peer_id peer, vector_index vector,
                                   const sc_core::sc_time& delay) {
  if (observer() != nullptr) {
    observer()->on_doorbell(peer, vector, delay);
  }
  seat().ring(peer, vector, delay);
}

void functional_engine::dropped(drop_cause cause, peer_id peer, vector_index vector) {
  warn_of_drop(cause, peer, vector);
  if (observer() != nullptr) {
    observer()->on_drop(cause, peer, vector, delay_);
  }
}

// ---- upstream

void functional_engine::send_message(vector_index vector, const msix_message& message,
                                     bool injected) {
  send_message_at(vector, message, injected, delay_);
}

void functional_engine::send_message_at(vector_index vector, const msix_message& message,
                                        bool injected, const sc_core::sc_time& at) {
  if (observer() != nullptr) {
    observer()->on_message(vector, message, delay_);
  }
  const pcie::payload_pool::lease trans(pool_);
  unsigned char data[sizeof message.data];
  trans->set_data_ptr(data);
  trans->set_data_length(sizeof data);
  trans->set_streaming_width(sizeof data);
  fill_message(*trans, message, injected);
  send_upstream(*trans, at);
}

void functional_engine::set_intx(bool asserted) { set_intx_at(asserted, delay_); }

void functional_engine::set_intx_at(bool asserted, const sc_core::sc_time& at) {
  if (observer() != nullptr) {
    observer()->on_intx(asserted, delay_);
  }
  const pcie::payload_pool::lease trans(pool_);
  trans->set_data_ptr(nullptr);
  trans->set_data_length(0);
  trans->set_streaming_width(0);
  fill_intx(*trans, asserted);
  send_upstream(*trans, at);
}

/// Posted: whether it arrived is not the device's business.
void functional_engine::send_upstream(pcie::payload& trans, sc_core::sc_time at) {
  // The platform may wait in there: what belongs to this call is put back afterwards.
  const sc_core::sc_time mine = delay_;
  const bool inside = model() != nullptr && model()->inside_access();
  if (inside) {
    messengers_.add_this_process();
  }
  port().send(trans, at);
  delay_ = mine;
  if (inside) {
    messengers_.remove_this_process();
    model()->set_inside_access(true);
  }
}

}  // namespace ivshmem
