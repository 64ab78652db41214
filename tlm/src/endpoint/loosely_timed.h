// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "functional.h"
#include "request_shape.h"
#include "timeline.h"

namespace ivshmem {

/// The device in tlm_lt: what functional does, after the cycles that it takes with nothing in its
/// way. The device works on clock edges here too.
class loosely_timed_engine final : public functional_engine {
 public:
  explicit loosely_timed_engine(endpoint& place);

  void receive(pcie::payload& trans, sc_core::sc_time& delay) override;

  // device_callbacks
  void ring(peer_id peer, vector_index vector) override;
  void send_message(vector_index vector, const msix_message& message, bool injected) override;
  void set_intx(bool asserted) override;

  // pcie::route_target
  bool access(unsigned bar, bool write, std::uint64_t offset, unsigned char* data, unsigned bytes,
              sc_core::sc_time& delay) override;

 private:
  bool rings(const pcie::payload& trans, const pcie::tlp& header) const noexcept;
  unsigned unloaded_cycles(const pcie::payload& trans, const pcie::tlp& header, unsigned bar);
  unsigned read_cycles(unsigned first_dword, unsigned dwords, bool memory);

  const device_clock clock_;
  const sc_core::sc_time execute_time_;  // what most requests take
  const sc_core::sc_time register_time_;
  const beat_width width_;
  device_timeline line_;               // of reads in several pieces
  device_timeline::cycle quiet_ = 64;  // nothing is left from before
};

}  // namespace ivshmem
