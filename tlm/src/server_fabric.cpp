// SPDX-License-Identifier: Apache-2.0
//
// A device at an ivshmem server, served while the simulation runs.
#include "ivshmem/tlm/server_fabric.h"

#include <string>
#include <utility>

#include "ivshmem/tlm/report.h"

namespace ivshmem {

server_fabric::server_fabric(const sc_core::sc_module_name& name, server_session session)
    : sc_module(name) {
  auto made = server_seat::create(std::move(session), [this](const std::string& line) {
    report_warning(report_type::host, this->name(), line);
  });
  if (!made) {
    report_error(report_type::host, this->name(), to_string(made.error()));
    return;
  }
  seat_ = std::make_unique<server_seat>(std::move(*made));
  seat_->on_taken([this](bool taken) {
    if (!taken) {
      events_.forget(seat_->poll_descriptor());
    } else if (const auto watched = events_.watch(seat_->poll_descriptor(), [this] { service(); });
               !watched) {
      report_error(report_type::host, this->name(), to_string(watched.error()));
    }
  });
}

server_fabric::~server_fabric() {
  if (seat_ != nullptr) {
    events_.forget(seat_->poll_descriptor());
    seat_->on_taken(nullptr);
  }
}

fabric_seat& server_fabric::seat() noexcept {
  return seat_ == nullptr ? lost_seat() : *seat_;  // the former was reported
}

void server_fabric::service() {
  seat_->service();
  changed_.notify(sc_core::SC_ZERO_TIME);
}

void server_fabric::wait_for(unsigned own_vectors, unsigned peers) {
  while (!server_gone() && (seat_->own_vectors() < own_vectors || seat_->peers() < peers)) {
    sc_core::wait(changed_);
  }
}

}  // namespace ivshmem
