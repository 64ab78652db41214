// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "host_channel.h"
#include "machine_state.h"
#include "object_splitter.h"

namespace ivshmem::qtest {

/// One QMP client: greeting, commands, events.
class qmp_session {
 public:
  qmp_session(host_channel channel, machine_state& machine);

  host_channel& channel() noexcept { return channel_; }
  /// Input or a new client is there.
  void receive();
  /// Sends an event, once the client has negotiated.
  void event(const std::string& name, const nlohmann::ordered_json& data);

 private:
  void greet();
  void handle(std::string_view text);
  void send(const nlohmann::ordered_json& message);

  host_channel channel_;
  machine_state& machine_;
  object_splitter input_;
  bool negotiated_ = false;
};

/// Carries out one command; throws user_error.
nlohmann::ordered_json execute(machine_state& machine, const std::string& name,
                               const nlohmann::ordered_json& arguments);

/// JSON with QEMU's spaces.
std::string to_text(const nlohmann::ordered_json& value);

/// What `query-version` answers: the version whose behaviour this program has.
nlohmann::ordered_json version_json(qemu_version qemu);

}  // namespace ivshmem::qtest
