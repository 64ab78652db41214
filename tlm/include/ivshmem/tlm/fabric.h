// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <systemc>

#include "ivshmem/model/device.h"

namespace ivshmem {

/// A device as its fabric sees it.
class fabric_client {
 public:
  /// A message of the server, or what an in-process fabric sends in its place.
  virtual server_message_result digest(const server_message& message) = 0;
  /// Own vector `vector` was rung, once or more often.
  virtual void notify(vector_index vector) = 0;

 protected:
  ~fabric_client() = default;
};

/// One device's place in a fabric: its ID, its shared memory, its way to ring others.
class fabric_seat {
 public:
  virtual ~fabric_seat() = default;

  virtual peer_id id() const = 0;
  virtual memory_view memory() const = 0;
  /// Connects the device; from now on the fabric may call it. Called once the device exists.
  virtual void attach(fabric_client& client) = 0;
  /// The device is gone; the other peers are told. Harmless when it is not attached.
  virtual void detach() = 0;
  /// Rings a vector that digest() reported as set up. `delay`: how far the caller is ahead of the
  /// simulation time.
  virtual void ring(peer_id peer, vector_index vector, const sc_core::sc_time& delay) = 0;
};

}  // namespace ivshmem
