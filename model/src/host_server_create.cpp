// SPDX-License-Identifier: Apache-2.0
//
// Makes a server, from options that are right and with what no other server has.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>

#include <cerrno>
#include <utility>

#include "server_impl.h"

namespace ivshmem {

namespace {

/// Locks a memory that has a name against other servers. Not through its own descriptor: that one's
/// lock would live as long as a client has it.
result<unique_fd> lock_memory(const shared_memory_config& memory) {
  if (memory.backing == memory_backing::memfd || memory.name.empty()) {
    return unique_fd{};
  }
  const int flags = O_RDWR | O_CLOEXEC;
  unique_fd again{memory.backing == memory_backing::posix
                      ? ::shm_open(memory.name.c_str(), flags, 0)
                      : ::open(memory.name.c_str(), flags)};
  if (!again || ::flock(again.get(), LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK
               ? host_error{host_errc::memory_in_use, 0, 0, memory.name}
               : host_error{host_errc::system_call, errno, 0, "lock memory '" + memory.name + "'"};
  }
  return again;
}

}  // namespace

result<server> server::create(server_config options) {
  if (options.vectors > max_vectors) {
    return host_error{host_errc::vectors_range, 0, options.vectors, "vectors"};
  }
  if (options.clients < 1 || options.clients > server_config::max_clients) {
    return host_error{host_errc::clients_range, 0, options.clients, "clients"};
  }
  if (options.queue_messages < greeting_messages + options.vectors) {
    return host_error{host_errc::queue_range, 0, static_cast<std::int64_t>(options.queue_messages),
                      "queue_messages"};
  }
  if (options.memory.backing == memory_backing::anonymous) {
    return host_error{host_errc::memory_not_shareable, 0, 0, "memory"};
  }
  auto listener = socket_listener::listen(options.socket_path, options.socket_mode);
  if (!listener) {
    return listener.error();
  }
  auto memory = shared_memory::create(options.memory);
  if (!memory) {
    return memory.error();
  }
  auto lock = lock_memory(options.memory);
  if (!lock) {
    memory->keep_name();  // the other server's
    return lock.error();
  }
  auto state = std::make_unique<impl>(std::move(options), std::move(*listener), std::move(*memory),
                                      std::move(*lock));
  if (auto started = state->start(); !started) {
    return started.error();
  }
  return server{std::move(state)};
}

server::server(std::unique_ptr<impl> state) noexcept : impl_(std::move(state)) {}
server::server(server&&) noexcept = default;
server& server::operator=(server&&) noexcept = default;
server::~server() = default;

int server::poll_descriptor() const noexcept { return impl_->poll_descriptor(); }
void server::service(int timeout_ms) { impl_->service(timeout_ms); }
void server::stop() { impl_->stop(); }
std::size_t server::clients() const noexcept { return impl_->clients(); }
const server_statistics& server::statistics() const noexcept { return impl_->statistics(); }
const shared_memory& server::memory() const noexcept { return impl_->memory(); }

}  // namespace ivshmem
