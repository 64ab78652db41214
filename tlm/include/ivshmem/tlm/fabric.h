// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <systemc>

#include "ivshmem/model/device.h"

namespace ivshmem {

class fabric_seat;

/// A device as its fabric sees it.
class fabric_client {
 public:
  fabric_client() = default;
  fabric_client(const fabric_client&) = delete;
  fabric_client& operator=(const fabric_client&) = delete;
  /// Leaves its seat.
  virtual ~fabric_client();

  /// A message of the server, or what an in-process fabric sends in its place.
  virtual server_message_result digest(const server_message& message) = 0;
  /// The same for `vectors` messages at once that connect `peer`. What is refused is left out.
  virtual void introduce(peer_id peer, unsigned vectors);
  /// Own vector `vector` was rung, once or more often.
  virtual void notify(vector_index vector) = 0;
  /// The seat is destroyed, and must not be called any more.
  virtual void seat_gone() noexcept {}
  /// Whose event loop the device has: it decides in which order vectors that arrive together come.
  virtual qemu_version qemu() const noexcept { return qemu_version::v7_2; }

 private:
  friend class fabric_seat;

  fabric_seat* seat_ = nullptr;
};

/// One device's place in a fabric: its ID, its shared memory, its way to ring others. Seat and
/// device may be destroyed in either order.
class fabric_seat {
 public:
  fabric_seat() = default;
  fabric_seat(const fabric_seat&) = delete;
  fabric_seat& operator=(const fabric_seat&) = delete;
  virtual ~fabric_seat();

  virtual peer_id id() const = 0;
  virtual memory_view memory() const = 0;
  /// Interrupt vectors that peers know of; 0: the fabric does not say.
  virtual unsigned vectors() const { return 0; }

  /// Connects the device; from now on the fabric may call it. Called once the device exists, and
  /// only while nobody is attached.
  void attach(fabric_client& client);
  /// The device is gone; the other peers are told. Harmless when it is not attached.
  void detach();
  bool is_taken() const noexcept { return client_ != nullptr; }
  /// Rings a vector that digest() reported as set up. `delay`: how far the caller is ahead of the
  /// simulation time.
  virtual void ring(peer_id peer, vector_index vector, const sc_core::sc_time& delay) = 0;

 protected:
  /// Only a seat that nobody has taken is moved.
  fabric_seat(fabric_seat&& other) noexcept;

  /// The device that is attached, or nullptr.
  fabric_client* client() const noexcept { return client_; }
  /// client() has been attached.
  virtual void attached() = 0;
  /// It has been detached.
  virtual void detached() = 0;

 private:
  fabric_client* client_ = nullptr;
};

/// Whether a device may have `memory`, and `seat` unless that is nullptr.
result<void, property_error> check(memory_view memory, const fabric_seat* seat);
/// Where a device sits whose fabric is gone: nobody hears it.
fabric_seat& lost_seat() noexcept;

}  // namespace ivshmem
