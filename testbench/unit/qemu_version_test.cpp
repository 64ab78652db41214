// SPDX-License-Identifier: Apache-2.0
//
// Which QEMU is followed, and the texts that depend on it.
#include "ivshmem/model/qemu_version.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "ivshmem/model/peer_table.h"
#include "ivshmem/model/properties.h"
#include "ivshmem/model/result.h"

namespace ivshmem::test {
namespace {

constexpr const char* new_text = "server didn't provide fd with shared memory message";

TEST(QemuVersion, IsTheNewestKnownOneThatIsNotNewer) {
  EXPECT_EQ(followed_version(6, 99), qemu_version::v7_2) << "nothing older is known";
  EXPECT_EQ(followed_version(7, 2), qemu_version::v7_2);
  EXPECT_EQ(followed_version(11, 0), qemu_version::v7_2);
  EXPECT_EQ(followed_version(11, 1), qemu_version::v11_1);
  EXPECT_EQ(followed_version(12, 0), qemu_version::v11_1);
}

TEST(QemuVersion, HasItsNameInTheTable) {
  EXPECT_EQ(parse_qemu_version("7.2"), qemu_version::v7_2);
  EXPECT_EQ(parse_qemu_version("11.1"), qemu_version::v11_1);
  for (const char* other : {"", "7", "7.20", "11.1.3", "v7.2", "latest"}) {
    EXPECT_EQ(parse_qemu_version(other), std::nullopt) << other;
  }
  for (const qemu_behaviour& row : qemu_behaviours) {
    EXPECT_EQ(&behaviour_of(*parse_qemu_version(row.name)), &row) << row.name;
    EXPECT_EQ(&behaviour_of(followed_version(row.major, row.minor)), &row) << row.name;
  }
}

TEST(QemuVersion, Is72UnlessSomethingElseIsAskedFor) {
  EXPECT_EQ(device_properties{}.qemu, qemu_version::v7_2);
}

TEST(QemuVersion, DecidesWhatIsSaidOfASharedMemoryMessageWithoutDescriptor) {
  peer_table peers(peer_id{1}, 2);
  const auto without = peers.digest({server_message::shared_memory, false});
  const auto with = peers.digest({server_message::shared_memory, true});
  const std::string old_text = "server sent unexpected shared memory message";
  EXPECT_EQ(without.error().text(), old_text);
  EXPECT_EQ(without.error().text(qemu_version::v11_1), new_text);
  EXPECT_EQ(with.error().text(), old_text);
  EXPECT_EQ(with.error().text(qemu_version::v11_1), old_text);
  const host_error in_handshake{host_errc::server_memory_message, EBADF, -1, {}};
  EXPECT_EQ(to_string(in_handshake),
            "can't determine size of shared memory sent by server: Bad file descriptor");
  EXPECT_EQ(to_string(in_handshake, qemu_version::v11_1), new_text);
  const host_error other{host_errc::server_memory_message, EOVERFLOW, 0, {}};
  EXPECT_EQ(to_string(other), to_string(other, qemu_version::v11_1)) << "there was a descriptor";
}

TEST(QemuVersion, DecidesWhatIsSaidOfMemoryThatIsNoMultipleOfAPage) {
  const host_error error{host_errc::memory_page_multiple, 0, 5000, {}};
  EXPECT_EQ(to_string(error), "backing store size 0x1388 does not match 'size' option 0x2000");
  EXPECT_EQ(to_string(error, qemu_version::v11_1),
            "ivshmem.bar2 backing store size 0x1388 is too small for 'size' option 0x2000 plus "
            "'offset' option 0x0");
}

}  // namespace
}  // namespace ivshmem::test
