// SPDX-License-Identifier: Apache-2.0
//
// A real QEMU as a client of our server. Needs qemu-system-x86_64 (a declared test dependency).
#include <gtest/gtest.h>

#include <cstring>

#include "child.h"
#include "ivshmem/model/regmap.h"
#include "server_bench.h"

namespace ivshmem::test {
namespace {

constexpr unsigned vectors = 4;
constexpr unsigned bar0_address = 0xfe000000;
constexpr unsigned bar2_address = 0xe0000000;

class QemuPeer : public ServerBench {
 protected:
  // Paused, without a guest: the qtest protocol on standard input and output is its processor.
  std::vector<std::string> command() const {
    return {"qemu-system-x86_64",
            "-accel",
            "tcg",
            "-S",
            "-machine",
            "pc",
            "-display",
            "none",
            "-nodefaults",
            "-qtest",
            "stdio",
            "-qtest-log",
            "/dev/null",
            "-chardev",
            "socket,path=" + folder.path("socket") + ",id=server",
            "-device",
            "ivshmem-doorbell,addr=4,chardev=server,vectors=" + std::to_string(vectors)};
  }

  /// Performs one qtest command, serving meanwhile; returns the answer's value, if it has one.
  std::string qtest(child& qemu, const std::string& line) {
    qemu.write_line(line);
    std::string answer;
    for (int i = 0; i < 6000; ++i) {
      running->service(0);
      if (qemu.read_line(answer, 10)) {
        EXPECT_EQ(answer.substr(0, 2), "OK") << line;
        return answer.size() > 3 ? answer.substr(3) : "";
      }
    }
    ADD_FAILURE() << "no answer to " << line << "; is qemu-system-x86_64 installed?";
    return "";
  }

  void write_config(child& qemu, unsigned offset, unsigned value) {
    qtest(qemu, "outl 0xcf8 " + std::to_string(0x80000000U | 4U << 11U | offset));
    qtest(qemu, "outl 0xcfc " + std::to_string(value));
  }

  /// Writes the doorbell until `vector` is rung: QEMU digests one message of the server per turn of
  /// its event loop, so nobody can say when it knows a peer.
  bool rings(child& qemu, unsigned value, const unique_fd& vector) {
    const auto doorbell = std::to_string(bar0_address + bar0::doorbell.offset);
    for (int i = 0; i < 1000; ++i) {
      qtest(qemu, "writel " + doorbell + " " + std::to_string(value));
      if (take_eventfd(vector.get()) != 0) {
        return true;
      }
    }
    return false;
  }

  void map_bars(child& qemu) {
    write_config(qemu, 0x10, bar0_address);
    write_config(qemu, 0x18, bar2_address);
    write_config(qemu, 0x1c, 0);
    write_config(qemu, 0x04, 2);
  }
};

TEST_F(QemuPeer, ConnectsSharesMemoryRingsAndLeaves) {
  start(vectors);
  auto ours = connect();
  auto greeting = read_all(ours);
  ASSERT_EQ(greeting.size(), 3U + vectors);

  {
    child qemu{command()};
    map_bars(qemu);
    EXPECT_EQ(read_text(ours), "1+ 1+ 1+ 1+");

    const auto position = bar0_address + bar0::iv_position.offset;
    EXPECT_EQ(std::stoul(qtest(qemu, "readl " + std::to_string(position)), nullptr, 16), 1U);

    qtest(qemu, "writel " + std::to_string(bar2_address + memory_bytes - 4) + " 0x12345678");
    std::uint32_t word = 0;
    std::memcpy(&word, running->memory().data() + memory_bytes - 4, sizeof word);
    EXPECT_EQ(word, 0x12345678U);

    EXPECT_TRUE(rings(qemu, 0x00000002, greeting[3 + 2].descriptor));  // peer 0, vector 2
    EXPECT_EQ(take_eventfd(greeting[3 + 1].descriptor.get()), 0U);
  }
  EXPECT_EQ(read_text(ours), "1");
}

TEST_F(QemuPeer, TwoOfThemHearOfAThirdAndRingIt) {
  start(vectors);
  child first{command()};
  map_bars(first);
  child second{command()};
  map_bars(second);
  EXPECT_EQ(running->clients(), 2U);
  auto watcher = connect();
  auto greeting = read_all(watcher);
  ASSERT_EQ(greeting.size(), 3U + 3U * vectors);
  for (child* each : {&first, &second}) {
    EXPECT_TRUE(rings(*each, 0x00020001, greeting[3 + 2 * vectors + 1].descriptor));
  }
}

}  // namespace
}  // namespace ivshmem::test
