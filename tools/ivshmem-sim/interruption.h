// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ivshmem::sim {

/// From now on SIGINT, SIGTERM and SIGHUP are remembered instead of ending the program; what runs
/// looks at caught_signal() and ends by itself, so that nothing is lost. A second signal ends the
/// program at once, without leaving temporary files. A signal that the parent ignores stays
/// ignored, as nohup wants it.
void catch_signals();

/// The signal that came, or 0.
int caught_signal() noexcept;

/// "SIGINT", or "" for 0.
std::string signal_text(int number);

/// Exit code of a program that `number` ended, as shells show it.
constexpr int exit_code_of_signal(int number) noexcept { return 128 + number; }

/// For processes of the simulation, wherever they use host time. Once a signal has come, pauses the
/// kernel and never returns.
void stop_if_interrupted();
/// Whether stop_if_interrupted() has stopped the simulation.
bool was_stopped() noexcept;

/// Thrown before the simulation runs when a signal has come.
struct interrupted {};

/// Throws interrupted if a signal has come.
void end_if_interrupted();

}  // namespace ivshmem::sim
