// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <systemc>

#include "machine_state.h"
#include "qmp_session.h"
#include "qtest_server.h"

namespace ivshmem::qtest {

/// The program's event loop, in a thread of the simulation.
///
/// One turn: what the ivshmem servers and the peers sent to the devices, then at most 1024 bytes of
/// qtest commands, then QMP. Commands that arrive in one write are carried out without a turn in
/// between, as in QEMU. After each turn simulation time advances until nothing more happens by
/// itself.
class main_loop final : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(main_loop);
  main_loop(const sc_core::sc_module_name& name, machine_state& machine);
  ~main_loop() override;

 private:
  void run();
  void set_up();
  void open_monitors();
  void turn();
  void service_qtest();
  void settle();
  void take_signal();

  machine_state& machine_;
  qtest_server qtest_;
  std::optional<host_channel> qtest_channel_;
  std::deque<qmp_session> monitors_;
};

}  // namespace ivshmem::qtest
