// SPDX-License-Identifier: Apache-2.0
//
// What only the RTL can meet: memory that answers with an error, requests that no payload can
// express; and what the pins say of errors.
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

TEST_P(RawRequest, AWriteThatTheMemoryRefusesIsToldAtAPin) {
  memory.broken_from = 0x100;
  send(write(window + 0x40, 4, 4));
  send(write(window + 0x100, 4, 4));
  run();
  EXPECT_EQ(memory_errors, 1u);
  EXPECT_TRUE(completions.empty());
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

// ---- function reset

TEST_P(RawRequest, NoCompletionOfBeforeAFunctionResetComesAfterIt) {
  std::fill(memory.bytes.begin(), memory.bytes.end(), std::uint8_t{0x11});
  for (unsigned i = 0; i < 4; ++i) {
    send(read(window + 0x400 * i, 256));
  }
  while (!driver.core().out().completion.valid) {
    driver.finish();
  }
  for (unsigned i = 0; i < 10; ++i) {
    driver.finish();
  }
  driver.function_reset(driver.cycle());
  send({{0x0400'0001U, 0x0100'070fU, cfg::vendor_id.offset, 0}, {}});
  run();
  ASSERT_FALSE(completions.empty());
  EXPECT_LE(completions.size(), 2u) << "one packet may have been through";
  EXPECT_EQ(completion_of(completions.back().header).tag, 7u);
  EXPECT_EQ(completions.back().payload.at(0), 0x1110'1af4U);
  EXPECT_EQ(voided, 1u) << "the packet that had begun";
  voided = 0;
  SetUp();
  std::fill(memory.bytes.begin(), memory.bytes.end(), std::uint8_t{0x22});
  send(read(window, 1 + 1));
  run();
  ASSERT_EQ(completions.size(), 1u);
  EXPECT_EQ(completions[0].payload.at(0), 0x2222'2222U) << "not what the memory still owed";
  EXPECT_EQ(voided, 0u);
}

// ---- errors and refused requests

constexpr std::uint32_t poison = 1U << 14U;

TEST_P(RawRequest, APoisonedWriteIsAPoisonedRequestAndNothingElse) {
  raw_tlp tlp = write(window, 1, 1);
  tlp.header[0] |= poison;
  send(tlp);
  run();
  EXPECT_EQ(poisoned, 1u);
  EXPECT_EQ(unsupported, 0u);
  EXPECT_EQ(memory.writes, 0u);
}

TEST_P(RawRequest, APoisonedWriteToNobodyIsAnUnsupportedRequestAndNothingElse) {
  raw_tlp tlp = write(window + 0x1000'0000U, 1, 1);
  tlp.header[0] |= poison;
  send(tlp);
  run();
  EXPECT_EQ(poisoned, 0u);
  EXPECT_EQ(unsupported, 1u);
}

TEST_P(RawRequest, APoisonedConfigurationWriteIsAPoisonedRequestAndNothingElse) {
  raw_tlp tlp = config_write(cfg::interrupt_line.offset, 0x55);
  tlp.header[0] |= poison;
  send(tlp);
  run();
  EXPECT_EQ(poisoned, 1u);
  EXPECT_EQ(unsupported, 0u);
  ASSERT_EQ(completions.size(), 1u);
  EXPECT_EQ(completion_of(completions[0].header).status,
            pcie::completion_status::unsupported_request);
}

TEST_P(RawRequest, ALockedReadEndsAsALockedCompletion) {
  raw_tlp tlp = read(window + 0x24, 3);
  tlp.header[0] |= 0x0100'0000U;
  send(tlp);
  run();
  EXPECT_EQ(unsupported, 1u);
  ASSERT_EQ(completions.size(), 1u);
  EXPECT_EQ(completions[0].header[0] >> 24U, 0x0bU);
  const completion_fields fields = completion_of(completions[0].header);
  EXPECT_EQ(fields.status, pcie::completion_status::unsupported_request);
  EXPECT_EQ(fields.byte_count, 12u);
  EXPECT_EQ(fields.lower_address, 0x24u);
}

TEST_P(RawRequest, ARefusedAtomicOpHasTheByteCountOfItsOperand) {
  struct atomic {
    std::uint32_t type;
    unsigned dwords;
    unsigned bytes;
  };
  for (const atomic& one : {atomic{0x4c, 1, 4}, atomic{0x4c, 2, 8}, atomic{0x4d, 2, 8},
                            atomic{0x4e, 2, 4}, atomic{0x4e, 4, 8}, atomic{0x4e, 8, 16}}) {
    completions.clear();
    raw_tlp tlp = write(window + 0x40, one.dwords, one.dwords);
    tlp.header[0] = one.type << 24U | one.dwords;
    send(tlp);
    run();
    ASSERT_EQ(completions.size(), 1u);
    const completion_fields fields = completion_of(completions[0].header);
    EXPECT_EQ(fields.status, pcie::completion_status::unsupported_request);
    EXPECT_EQ(fields.byte_count, one.bytes);
    EXPECT_EQ(fields.lower_address, 0u);
  }
}

TEST_P(RawRequest, TheCompleterIsZeroBeforeTheFirstConfigurationWrite) {
  constexpr std::uint32_t target = 0x0508U << 16U;  // bus 5, device 1
  core_driver fresh(configuration(), memory);
  std::vector<unsigned> completers;
  for (const std::uint32_t type : {0x0400'0001U, 0x4400'0001U, 0x0400'0001U}) {
    raw_tlp tlp{{type, 0xfU, target | cfg::interrupt_line.offset, 0}, {}};
    tlp.payload.resize(type >> 30U, 0);
    fresh.requests().push(tlp, fresh.cycle());
  }
  while (completers.size() < 3 && fresh.cycle() < 100) {
    if (const driver_outputs& seen = fresh.look(); seen.completion != nullptr) {
      completers.push_back(completion_of(seen.completion->header).completer);
    }
    fresh.finish();
  }
  EXPECT_EQ(completers, (std::vector<unsigned>{0, 0x0508, 0x0508}));
}

INSTANTIATE_TEST_SUITE_P(Widths, RawRequest, testing::Values(64U, 128U, 256U),
                         [](const auto& param) { return std::to_string(param.param) + "bits"; });

}  // namespace
}  // namespace ivshmem::rtl::test
