// SPDX-License-Identifier: Apache-2.0
//
// What is to happen later comes in the order of time, rank and push().
#include "ivshmem/tlm/time_queue.h"

#include <gtest/gtest.h>

#include <string>

namespace ivshmem::test {
namespace {

TEST(TimeQueue, AtOneTimeRankDecidesAndThenTheOrderOfPush) {
  const sc_core::sc_time early(1, sc_core::SC_NS);
  const sc_core::sc_time late(2, sc_core::SC_NS);
  time_queue<char> queue;
  queue.push(late, 'f', 0);
  queue.push(early, 'd', 7);
  queue.push(early, 'b', 3);
  queue.push(early, 'c', 3);
  queue.push(early, 'a');
  queue.push(early, 'e', 8);
  std::string order;
  while (!queue.empty()) {
    order += queue.pop();
  }
  EXPECT_EQ(order, "abcdef");
}

}  // namespace
}  // namespace ivshmem::test
