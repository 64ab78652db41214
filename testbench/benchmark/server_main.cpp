// SPDX-License-Identifier: Apache-2.0
//
// What the server spends on a message when half of its clients leave at once, as guests of a host
// do that goes down. Server and clients are in one thread; reading a message is part of its cost.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ivshmem/model/host_fd.h"
#include "ivshmem/model/host_socket.h"
#include "ivshmem/model/server.h"
#include "ivshmem/model/server_client.h"

namespace ivshmem::test {
namespace {

template <class Value>
Value must(result<Value> made) {
  if (!made) {
    std::fprintf(stderr, "ivshmem_server_bench: %s\n", to_string(made.error()).c_str());
    std::exit(1);
  }
  return std::move(*made);
}

/// A server and clients that read all they get.
class crowd {
 public:
  explicit crowd(std::size_t count) : server_(must(server::create(config()))) {
    for (std::size_t i = 0; i < count; ++i) {
      clients_.emplace_back(must(connect_socket(path(), std::chrono::seconds{60})));
      settle();
    }
  }

  /// Every second client leaves; returns when all others know.
  void halve() {
    for (std::size_t i = 0; i < clients_.size(); i += 2) {
      clients_[i].reset();
    }
    settle();
  }
  std::uint64_t heard() const { return heard_; }

 private:
  static std::string path() {
    return std::filesystem::temp_directory_path() / ("ivshmem_bench." + std::to_string(getpid()));
  }
  static server_config config() {
    server_config chosen;
    chosen.socket_path = path();
    chosen.memory.size_bytes = min_memory_bytes;
    return chosen;
  }

  bool read(server_client& from) {
    bool any = false;
    for (;;) {
      const auto received = from.receive();
      if (!received || !*received) {
        return any;
      }
      any = true;
      ++heard_;
    }
  }
  void settle() {
    bool any = true;
    while (any) {
      server_.service(0);
      any = false;
      for (auto& client : clients_) {
        any = (client && read(*client)) || any;
      }
    }
  }

  server server_;
  std::vector<std::optional<server_client>> clients_;
  std::uint64_t heard_ = 0;
};

/// One iteration is one message that says that somebody left.
void half_leaves(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const std::uint64_t messages = count / 2 * (count / 2);
  while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(messages))) {
    state.PauseTiming();
    crowd all(count);
    const std::uint64_t before = all.heard();
    state.ResumeTiming();
    all.halve();
    state.PauseTiming();
    if (all.heard() - before != messages) {
      state.SkipWithError("not everybody was told");
    }
    state.ResumeTiming();
  }
}

BENCHMARK(half_leaves)->Arg(128)->Iterations(64L * 64);
BENCHMARK(half_leaves)->Arg(1024)->Iterations(512L * 512);

}  // namespace
}  // namespace ivshmem::test

int main(int argc, char** argv) {
  ivshmem::raise_descriptor_limit();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 1;
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
