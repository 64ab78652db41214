// SPDX-License-Identifier: Apache-2.0
//
// Messages with descriptors over a stream, whole and in pieces.
#include "ivshmem/model/host_socket.h"

#include <gtest/gtest.h>
#include <sys/un.h>

#include <filesystem>
#include <fstream>

#include "scratch.h"
#include "wire.h"

namespace ivshmem::test {
namespace {

using namespace std::chrono_literals;

struct Socket : testing::Test {
  scratch_folder folder;
  std::string path = folder.path("socket");

  /// What a server that was killed leaves behind.
  void leave_stale_socket() {
    unique_fd dead{socket(AF_UNIX, SOCK_STREAM, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(bind(dead.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
};

TEST_F(Socket, ReplacesTheSocketOfADeadServer) {
  leave_stale_socket();
  const auto listener = socket_listener::listen(path, 0600);
  ASSERT_TRUE(listener) << to_string(listener.error());
  EXPECT_TRUE(connect_socket(path, 1s));
}

TEST_F(Socket, LeavesALiveServerAlone) {
  const auto first = socket_listener::listen(path, 0600);
  ASSERT_TRUE(first);
  const auto second = socket_listener::listen(path, 0600);
  ASSERT_FALSE(second);
  EXPECT_EQ(to_string(second.error()), "socket path '" + path +
                                           "': another server answers there: each server needs "
                                           "its own path");
  EXPECT_TRUE(connect_socket(path, 1s));
}

TEST_F(Socket, LeavesAFileThatIsNoSocketAlone) {
  std::ofstream(path) << "precious";
  const auto listener = socket_listener::listen(path, 0600);
  ASSERT_FALSE(listener);
  EXPECT_EQ(listener.error().code, host_errc::socket_path_taken);
  EXPECT_EQ(std::filesystem::file_size(path), 8U);
}

TEST_F(Socket, RemovesItsFileAtTheEndButNotItsSuccessors) {
  {
    auto listener = socket_listener::listen(path, 0600);
    ASSERT_TRUE(listener);
    const socket_listener moved{std::move(*listener)};
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_TRUE(folder.empty());

  auto replaced = std::make_optional(socket_listener::listen(path, 0600));
  std::filesystem::remove(path);
  const auto successor = socket_listener::listen(path, 0600);
  replaced.reset();
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(Socket, APathMustFitIntoASocketAddress) {
  const std::string folder_path = std::filesystem::path(path).parent_path();
  const std::string longest = folder_path + "/" + std::string(106 - folder_path.size(), 'x');
  ASSERT_EQ(longest.size(), max_socket_path_bytes);
  EXPECT_TRUE(socket_listener::listen(longest, 0600));
  const auto longer = socket_listener::listen(longest + "x", 0600);
  ASSERT_FALSE(longer);
  EXPECT_EQ(to_string(longer.error()),
            "socket path '" + longest + "x' is 108 bytes long: must be from 1 to 107");
  EXPECT_EQ(connect_socket("", 1s).error().code, host_errc::socket_path_length);
}

TEST_F(Socket, ConnectingToNobodySaysWhereAndWhy) {
  const auto missing = connect_socket(path, 1s);
  ASSERT_FALSE(missing);
  EXPECT_EQ(to_string(missing.error()), "connect to '" + path + "': No such file or directory");
  leave_stale_socket();
  const auto dead = connect_socket(path, 1s);
  ASSERT_FALSE(dead);
  EXPECT_EQ(to_string(dead.error()), "connect to '" + path + "': Connection refused");
}

TEST_F(Socket, ConnectingToAServerThatAcceptsNobodyTimesOut) {
  unique_fd busy{socket(AF_UNIX, SOCK_STREAM, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(busy.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(busy.get(), 0), 0);
  const auto first = connect_socket(path, 1s);
  ASSERT_TRUE(first);
  const auto second = connect_socket(path, 50ms);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, host_errc::server_silent);
  EXPECT_EQ(second.error().value, 50);
}

TEST_F(Socket, NobodyWaitingIsNoError) {
  auto listener = socket_listener::listen(path, 0600);
  ASSERT_TRUE(listener);
  const auto nobody = listener->accept();
  ASSERT_TRUE(nobody);
  EXPECT_FALSE(*nobody);
}

TEST_F(Socket, AFullConnectionTakesNothingAndABrokenOneIsAnError) {
  socket_pair pair;
  ASSERT_EQ(fcntl(pair.ours.get(), F_SETFL, O_NONBLOCK), 0);
  for (unsigned sent = 0; sent < 1'000'000; ++sent) {
    const auto now = send_server_message(pair.ours.get(), sent, -1);
    ASSERT_TRUE(now);
    if (*now == 0) {
      break;
    }
    ASSERT_EQ(*now, server_message_bytes);
  }
  EXPECT_EQ(*send_server_message(pair.ours.get(), 1, -1), 0U);
  pair.theirs.reset();
  const auto broken = send_server_message(pair.ours.get(), 1, -1);  // raises no SIGPIPE
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, host_errc::system_call);
}

TEST_F(Socket, TheRestOfAMessageIsSentWithoutItsDescriptor) {
  socket_pair pair;
  const unique_fd memory = memory_object(4096);
  send_piece(pair.ours, wire_bytes(-2).substr(0, 3));
  server_message_reader reader;
  ASSERT_FALSE(*reader.read(pair.theirs.get()));
  ASSERT_EQ(*send_server_message(pair.ours.get(), -2, memory.get(), 3), server_message_bytes);
  auto received = reader.read(pair.theirs.get());
  ASSERT_TRUE(received && *received);
  EXPECT_EQ((*received)->message.number, -2);
  EXPECT_FALSE((*received)->message.has_descriptor);
}

}  // namespace
}  // namespace ivshmem::test
