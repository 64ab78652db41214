// SPDX-License-Identifier: Apache-2.0
//
// The waveform of an endpoint.
#include "ivshmem/tlm/vcd_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <vector>

namespace ivshmem::test {
namespace {

using testing::HasSubstr;
using testing::Not;

const sc_core::sc_time ns(1, sc_core::SC_NS);

/// The part of `text` after the initial values.
std::string changes(const std::string& text) {
  const std::string end = "$end\n";
  return text.substr(text.rfind(end) + end.size());
}

TEST(VcdTrace, DeclaresEverySignalAndStartsDefined) {
  std::ostringstream out;
  vcd_trace trace(out);
  trace.add_node("a");
  trace.start();
  EXPECT_THAT(out.str(), HasSubstr("$timescale 1 ps $end\n"));
  EXPECT_THAT(out.str(), HasSubstr("$var event 1 ! doorbell $end\n"));
  EXPECT_THAT(out.str(), HasSubstr("$var reg 16 ( pending $end\n"));
  EXPECT_THAT(out.str(), HasSubstr("#0\n$dumpvars\n"));
  EXPECT_THAT(out.str(), HasSubstr("sidle *\n"));
}

TEST(VcdTrace, AnnotatedDelaysComeInOrderOfTime) {
  std::ostringstream out;
  vcd_trace trace(out);
  endpoint_observer& node = trace.add_node("a");
  trace.start();
  node.on_doorbell(static_cast<peer_id>(3), static_cast<vector_index>(2), 9 * ns);
  node.on_notify(static_cast<vector_index>(1));
  node.on_pending(1, 4 * ns);
  sc_core::sc_start(20 * ns);
  node.on_intx(true, sc_core::SC_ZERO_TIME);
  trace.finish();
  EXPECT_EQ(changes(out.str()),
            "b1 %\n1$\n"
            "#4000\nb1 (\nspending *\n"
            "#9000\nb11 \"\nb10 #\n1!\n"
            "#20000\n1)\nsintx *\n");
}

TEST(VcdTrace, FinishWritesWhatWasStillAheadOfTime) {
  std::ostringstream out;
  vcd_trace trace(out);
  endpoint_observer& node = trace.add_node("a");
  trace.start();
  node.on_drop(drop_cause::peer_left, static_cast<peer_id>(1), static_cast<vector_index>(0),
               5 * ns);
  EXPECT_EQ(changes(out.str()), "");
  trace.finish();
  EXPECT_EQ(changes(out.str()), "#5000\nspeer_left ,\nb1 -\nb0 .\n1+\n");
}

TEST(VcdTrace, DropsOfOneTimeComeInTheOrderOfTheirCauses) {
  const auto text_of = [](const std::vector<drop_cause>& causes) {
    std::ostringstream out;
    vcd_trace trace(out);
    endpoint_observer& node = trace.add_node("a");
    for (const drop_cause cause : causes) {
      node.on_drop(cause, static_cast<peer_id>(1), static_cast<vector_index>(2), 5 * ns);
    }
    trace.finish();
    return changes(out.str());
  };
  const std::string in_order =
      "#5000\nsno_such_peer ,\nb1 -\nb10 .\n1+\nsmsix_disabled ,\nb1 -\nb10 .\n1+\n";
  EXPECT_EQ(text_of({drop_cause::msix_disabled, drop_cause::no_such_peer}), in_order);
  EXPECT_EQ(text_of({drop_cause::no_such_peer, drop_cause::msix_disabled}), in_order);
}

TEST(VcdTrace, ViewShowsOnlyTheFirstNodes) {
  std::ostringstream out;
  vcd_trace trace(out);
  for (const char* name : {"a", "b", "c"}) {
    trace.add_node(name);
  }
  trace.start();
  std::ostringstream view;
  trace.write_view(view, "x.vcd", 2);
  EXPECT_THAT(view.str(), HasSubstr("[dumpfile] \"x.vcd\"\n"));
  EXPECT_THAT(view.str(), HasSubstr("ivshmem.b.pending[15:0]\n"));
  EXPECT_THAT(view.str(), Not(HasSubstr("ivshmem.c.")));
}

}  // namespace
}  // namespace ivshmem::test
