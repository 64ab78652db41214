// SPDX-License-Identifier: Apache-2.0
//
// What only the RTL can meet, because the model's memory knows no errors: memory that answers with
// one.
#include "raw_bench.h"

namespace ivshmem::rtl::test {
namespace {

TEST_P(RawRequest, AnErrorOfTheMemoryIsACompleterAbortOfTheWholeRead) {
  memory.broken_from = 0;
  send(read(window + 0x20, 16));
  run();
  ASSERT_EQ(completions.size(), 1u);
  const completion_fields fields = completion_of(completions[0].header);
  EXPECT_EQ(fields.status, pcie::completion_status::completer_abort);
  EXPECT_EQ(fields.byte_count, 64u);
  EXPECT_EQ(fields.lower_address, 0x20u);
  EXPECT_TRUE(completions[0].payload.empty());
  expect_alive();
}

TEST_P(RawRequest, AnErrorInALaterPieceEndsTheReadThere) {
  memory.broken_from = 1024;
  send(read(window, 0));  // 4 KiB in pieces of 1 KiB
  run();
  ASSERT_EQ(completions.size(), 2u);
  EXPECT_EQ(completion_of(completions[0].header).status, pcie::completion_status::successful);
  EXPECT_EQ(completions[0].payload.size(), 256u);
  const completion_fields last = completion_of(completions[1].header);
  EXPECT_EQ(last.status, pcie::completion_status::completer_abort);
  EXPECT_EQ(last.byte_count, 3072u);
  expect_alive();
}

TEST_P(RawRequest, NothingOfAReadFollowsACompleterAbort) {
  memory.broken_from = 1024;
  memory.broken_to = 1028;  // what comes after it could be read again
  send(read(window, 0));
  run();
  ASSERT_EQ(completions.size(), 2u);
  EXPECT_EQ(completion_of(completions[1].header).status, pcie::completion_status::completer_abort);
  expect_alive();
}

TEST_P(RawRequest, AnErrorBehindTheFirstBeatVoidsThePacket) {
  memory.broken_from = 512;
  send(read(window, 256));
  run();
  EXPECT_EQ(voided, 1u);
  EXPECT_TRUE(completions.empty());
  voided = 0;
  expect_alive();
  EXPECT_EQ(voided, 0u);
}

INSTANTIATE_TEST_SUITE_P(Widths, RawRequest, testing::Values(64U, 128U, 256U),
                         [](const auto& param) { return std::to_string(param.param) + "bits"; });

}  // namespace
}  // namespace ivshmem::rtl::test
