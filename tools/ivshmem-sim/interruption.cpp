// SPDX-License-Identifier: Apache-2.0
//
// Signals that end a run early.
#include "interruption.h"

#include <array>
#include <csignal>
#include <systemc>

#include "output_file.h"

namespace ivshmem::sim {

namespace {

constexpr std::array<int, 3> ending{SIGINT, SIGTERM, SIGHUP};

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): a handler sees nothing else
volatile std::sig_atomic_t caught = 0;
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): signals are the process' own
bool stopped = false;

void on_signal(int number) {
  if (caught == 0) {
    caught = number;
    return;
  }
  remove_unfinished_outputs();
  std::signal(number, SIG_DFL);
  std::raise(number);  // delivered when this handler returns
}

}  // namespace

void catch_signals() {
  for (const int number : ending) {
    struct sigaction before {};
    if (sigaction(number, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) {
      struct sigaction action {};
      action.sa_handler = on_signal;
      sigemptyset(&action.sa_mask);
      for (const int other : ending) {
        sigaddset(&action.sa_mask, other);
      }
      action.sa_flags = SA_RESTART;
      sigaction(number, &action, nullptr);
    }
  }
}

int caught_signal() noexcept { return caught; }

std::string signal_text(int number) {
  switch (number) {
    case SIGINT:
      return "SIGINT";
    case SIGTERM:
      return "SIGTERM";
    case SIGHUP:
      return "SIGHUP";
    default:
      return {};
  }
}

void stop_if_interrupted() {
  if (caught != 0) {
    stopped = true;
    sc_core::sc_pause();
    for (;;) {
      sc_core::wait();  // for nothing: a spawned process is sensitive to nothing
    }
  }
}

bool was_stopped() noexcept { return stopped; }

void end_if_interrupted() {
  if (caught_signal() != 0) {
    throw interrupted{};
  }
}

}  // namespace ivshmem::sim
