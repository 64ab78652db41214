// SPDX-License-Identifier: Apache-2.0
//
// The fuzzer itself. Here ivshmem-qtest is its own reference, so no QEMU is needed.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "fuzz_generator.h"
#include "fuzz_reduce.h"
#include "fuzz_setup.h"

namespace ivshmem::conformance {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

std::vector<json> operations_of(const std::string& kind, std::uint64_t seed) {
  dice random(seed);
  const json header = random_header(kind, seed, random);
  return fuzz_generator(header, random.bits(64)).operations(500);
}

/// Exit code and output of the fuzzer, with ivshmem-qtest on both sides.
std::pair<int, std::string> fuzz(const std::string& options) {
  const std::string command = std::string(FUZZ_PROGRAM) + " --program " + QTEST_PROGRAM +
                              " --reference " + QTEST_PROGRAM + " " + options + " 2>&1";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  std::string output;
  std::array<char, 4096> bytes{};
  while (std::fgets(bytes.data(), bytes.size(), pipe) != nullptr) {
    output += bytes.data();
  }
  const int status = ::pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, output};
}

TEST(Fuzz, ASeedGivesTheSameOperationsEachTimeAndAnotherSeedOthers) {
  for (const std::string& kind : fuzz_kinds()) {
    EXPECT_EQ(operations_of(kind, 7), operations_of(kind, 7)) << kind;
    EXPECT_NE(operations_of(kind, 7), operations_of(kind, 8)) << kind;
  }
}

TEST(Fuzz, ItsDiceAreTheStandardsEngine) {
  dice random(5489);  // the default seed; the standard names the 10,000th number
  for (int i = 0; i < 9999; ++i) {
    random.bits(1);
  }
  EXPECT_EQ(dice(random).bits(64), 9981545732273789042U);
  EXPECT_EQ(dice(random).below(1000), 42U);
}

TEST(Fuzz, EveryKindOfOperationComesUp) {
  std::vector<std::string> seen;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    for (const json& operation : operations_of("pair", seed)) {
      seen.push_back(operation["op"]);
    }
  }
  for (const char* kind : {"rd", "wr", "blk_rd", "blk_wr", "cfg_rd", "cfg_wr", "ram_rd", "ram_wr",
                           "ring", "preset", "srv", "reset", "batch"}) {
    EXPECT_NE(std::find(seen.begin(), seen.end(), kind), seen.end()) << kind;
  }
}

TEST(Fuzz, ReductionKeepsWhatTheDifferenceNeedsAndNothingElse) {
  std::vector<json> operations;
  operations.reserve(1000);
  for (int i = 0; i < 1000; ++i) {
    operations.push_back({{"op", "wr"}, {"value", i}});
  }
  operations[700] = {{"op", "batch"}, {"ops", {1, 2, 3}}};
  // Differs at the batch's 2, if operation 17 came before it.
  unsigned runs = 0;
  const auto find = [&](const std::vector<json>& some) -> std::optional<std::size_t> {
    ++runs;
    bool armed = false;
    for (std::size_t i = 0; i < some.size(); ++i) {
      armed |= some[i].value("value", -1) == 17;
      const json parts = some[i].value("ops", json::array());
      if (armed && std::find(parts.begin(), parts.end(), 2) != parts.end()) {
        return i;
      }
    }
    return std::nullopt;
  };
  const auto small = reduce(operations, find, steady_clock::now() + seconds(10));
  ASSERT_EQ(small.size(), 2U);
  EXPECT_EQ(small[0], operations[17]);
  EXPECT_EQ(small[1]["ops"], json::array({2}));
  EXPECT_LT(runs, 100U);
}

TEST(Fuzz, ReductionWithoutTimeGivesWhatItWasGiven) {
  const std::vector<json> operations(5, json{{"op", "reset"}});
  const auto find = [](const std::vector<json>&) { return std::optional<std::size_t>(0); };
  EXPECT_EQ(reduce(operations, find, steady_clock::now() - seconds(1)), operations);
}

TEST(Fuzz, AProgramAgreesWithItself) {
  const auto [code, output] = fuzz("--seed 3 --seeds 2 --ops 150 --kind pair");
  EXPECT_EQ(code, 0) << output;
  EXPECT_NE(output.find("2 of 2 seeds from 3, kind pair, like 7.2.0: 300 operations"),
            std::string::npos)
      << output;
}

TEST(Fuzz, AWrongAnswerIsReducedToAShortCaseThatCanBeReplayed) {
  const temporary_folder folder;
  const auto [code, output] =
      fuzz("--seed 1 --ops 400 --kind plain --invert-answer --out " + folder.path());
  EXPECT_EQ(code, 1);
  EXPECT_NE(output.find("seed 1: "), std::string::npos) << output;
  EXPECT_NE(output.find("reduced to 2 operations"), std::string::npos) << output;
  const std::string file = folder.path("fuzz-plain-1.json");
  EXPECT_EQ(fuzz("--invert-answer --case " + file).first, 1);
  EXPECT_EQ(fuzz("--case " + file).first, 0);
}

TEST(Fuzz, MistakesOnItsCommandLineAndInACaseEndWithTwo) {
  const temporary_folder folder;
  std::ofstream(folder.path("bad.json")) << "{\"op\":\"header\"\n";
  std::ofstream(folder.path("late.json")) << "{\"op\":\"reset\"}\n";
  for (const std::string& options :
       {std::string("--kind square"), std::string("--seeds many"),
        std::string("--reference /no/such/program"), std::string("--case /no/such/file"),
        "--case " + folder.path("bad.json"), "--case " + folder.path("late.json")}) {
    EXPECT_EQ(fuzz(options).first, 2) << options;
  }
}

TEST(Fuzz, AProgramThatDoesNotStartIsAFailure) {
  EXPECT_EQ(fuzz("--program /bin/false --ops 1").first, 2);  // given twice
  const std::string command =
      std::string(FUZZ_PROGRAM) + " --reference /bin/false --ops 1 > /dev/null 2>&1";
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 1);
}

}  // namespace
}  // namespace ivshmem::conformance
