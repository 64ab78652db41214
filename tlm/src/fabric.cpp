// SPDX-License-Identifier: Apache-2.0
//
// Who sits in a seat, and what becomes of a device whose fabric is destroyed.
#include "ivshmem/tlm/fabric.h"

#include <cassert>
#include <string>
#include <utility>

namespace ivshmem {

fabric_seat::fabric_seat([[maybe_unused]] fabric_seat&& other) noexcept {
  assert(!other.is_taken());
}

fabric_seat::~fabric_seat() {
  if (client_ != nullptr) {
    client_->seat_ = nullptr;
    client_->seat_gone();
  }
}

void fabric_client::introduce(peer_id peer, unsigned vectors) {
  for (unsigned v = 0; v < vectors; ++v) {
    static_cast<void>(digest({to_int(peer), true}));
  }
}

fabric_client::~fabric_client() {
  if (seat_ != nullptr) {
    seat_->detach();
  }
}

void fabric_seat::attach(fabric_client& client) {
  assert(!is_taken());
  client_ = &client;
  client.seat_ = this;
  attached();
}

void fabric_seat::detach() {
  if (client_ != nullptr) {
    std::exchange(client_, nullptr)->seat_ = nullptr;
    detached();
  }
}

namespace {

class nowhere final : public fabric_seat {
 public:
  peer_id id() const override { return {}; }
  memory_view memory() const override { return {}; }
  void ring(peer_id /*peer*/, vector_index /*vector*/, const sc_core::sc_time& /*delay*/) override {
  }

 private:
  void attached() override {}
  void detached() override {}
};

}  // namespace

result<void, property_error> check(memory_view memory, const fabric_seat* seat) {
  if (memory.data == nullptr) {
    return property_error{"memory", "nullptr", "must be there"};
  }
  if (seat != nullptr && seat->is_taken()) {
    return property_error{"seat", std::to_string(to_int(seat->id())),
                          "must be free: one device a seat"};
  }
  return {};
}

fabric_seat& lost_seat() noexcept {
  static nowhere seat;
  return seat;
}

}  // namespace ivshmem
