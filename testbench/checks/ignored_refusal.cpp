// SPDX-License-Identifier: Apache-2.0
//
// One call of everything that can be refused. Compiled by ignored_refusal.py only, never run: as it
// stands, where each outcome is looked at, and with IGNORED, where none is.
#include <sstream>

#include "ivshmem/model/host_fd.h"
#include "ivshmem/model/server_client.h"
#include "ivshmem/model/shared_memory.h"
#include "ivshmem/model/snapshot.h"
#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/pcie/enumeration.h"

#ifdef IGNORED
#define CALL(call) call
#else
#define CALL(call) static_cast<void>((call).ok())
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
}

}  // namespace ivshmem::test
