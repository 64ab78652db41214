// SPDX-License-Identifier: Apache-2.0
//
// One call of everything that can be refused. Compiled by ignored_refusal.py only, never run: as it
// stands, where each outcome is looked at, and with IGNORED, where none is.
#include <sstream>

#include "ivshmem/model/host_fd.h"
#include "ivshmem/model/host_poll_set.h"
#include "ivshmem/model/server_client.h"
#include "ivshmem/model/shared_memory.h"
#include "ivshmem/model/snapshot.h"
#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/pcie/enumeration.h"

#ifdef WITH_RTL
#include "ivshmem/rtl_bridge/pin_history.h"
#include "ivshmem/rtl_bridge/rtl_device.h"
#include "ivshmem/rtl_bridge/verilated_core.h"
#endif

#ifdef IGNORED
#define CALL(call) call
#else
#define CALL(call) static_cast<void>(static_cast<bool>(call))
#endif

namespace ivshmem::test {

void model(device& dut, peer_table& peers, config_space& config, std::stringstream& stream) {
  CALL(check({}, min_memory_bytes, peer_id{}));
  CALL(save(dut, stream));
  CALL(load(dut, stream));
  CALL(dut.restore(dut.save()));
  CALL(config.restore({}));
  CALL(dut.digest({0, true}));
  CALL(peers.digest({0, true}));
}

void places(endpoint& place, device_place& any_place, fabric_seat& seat, fabric_client& client,
            std::stringstream& stream) {
  CALL(place.insert({}, memory_view{}));
  CALL(place.insert({}, seat));
  CALL(any_place.insert({}, memory_view{}));
  CALL(any_place.insert({}, seat));
  CALL(place.save(stream));
  CALL(place.load(stream));
  CALL(client.digest({0, true}));
}

void firmware(pcie::config_access& config) { CALL(pcie::enumerate(config, {})); }

void host(server_client& client) {
  CALL(client.receive());
  CALL(create_eventfd());
  CALL(add_to_eventfd(0));
  CALL(shared_memory::create({}));
  CALL(poll_set::create());
}

void watch(poll_set& set) { CALL(set.add(0, 0)); }

#ifdef WITH_RTL
void files(rtl::rtl_device& place, rtl::verilated_core& core, const rtl::pin_history& history) {
  CALL(place.open_waveform("a.fst"));
  CALL(core.open_waveform("a.fst", 4000));
  CALL(core.write_coverage("a.dat"));
  CALL(history.write_vcd("a.vcd", 2, 4000));
}
#endif

}  // namespace ivshmem::test
