// SPDX-License-Identifier: Apache-2.0
//
// The tables of what the parts of a platform take.
#include "ivshmem/tlm/config_table.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "ivshmem/tlm/report.h"
#include "told.h"

namespace ivshmem::test {
namespace {

/// Calls `body` with each configuration's defaults.
template <class Body>
void each_config(Body body) {
  body(timing_config{});
  body(pcie::link_config{});
  body(pcie::packet_switch_config{});
  body(pcie::root_complex_config{});
}

/// A value that the row takes and that is not `than`.
std::uint64_t another(const parameter& row, std::uint64_t than) {
  if (row.kind == parameter_kind::duration) {
    return than + 1'000'000;  // 1 ns
  }
  return than == row.most ? row.least : row.most;
}

template <class Config>
void rows_have_members_of_their_own(const Config& usual) {
  std::set<std::string_view> names;
  for (const config_row<Config>& changed : rows_of<Config>()) {
    EXPECT_TRUE(names.insert(changed.name).second) << changed.name;
    Config config;
    const std::uint64_t other = another(changed, changed.get(config));
    changed.set(config, other);
    for (const config_row<Config>& row : rows_of<Config>()) {
      EXPECT_EQ(row.get(config), &row == &changed ? other : row.get(usual))
          << changed.name << " was set, read: " << row.name;
    }
  }
}

template <class Config>
void defaults_are_taken(const Config& usual) {
  for (const config_row<Config>& row : rows_of<Config>()) {
    EXPECT_TRUE(row.is_allowed(row.get(usual))) << row.name;
  }
  EXPECT_EQ(told([&] { checked("here", usual); }), "none");
}

template <class Config>
void wrong_values_are_replaced(const Config& usual) {
  using sc_core::sc_report_handler;
  for (const config_row<Config>& row : rows_of<Config>()) {
    const bool has_below = row.least != 0;
    if (!has_below && row.is_open()) {
      continue;  // takes every value
    }
    const std::uint64_t wrong = has_below ? row.least - 1 : row.most + 1;
    Config config;
    row.set(config, wrong);
    ASSERT_EQ(row.get(config), wrong) << row.name;
    EXPECT_EQ(told([&] { checked("here", config); }),
              std::string(row.name) + " = " + row.value_text(wrong) + ": " + row.rule());
    sc_report_handler::set_actions(report_type::parameter, sc_core::SC_DO_NOTHING);
    EXPECT_EQ(row.get(checked("here", config)), row.get(usual)) << row.name;
    sc_report_handler::set_actions(report_type::parameter, sc_core::SC_DEFAULT_ERROR_ACTIONS);
  }
}

TEST(ConfigTable, EachRowReadsAndWritesAMemberOfItsOwn) {
  each_config([](const auto& usual) { rows_have_members_of_their_own(usual); });
}

TEST(ConfigTable, TakesItsOwnDefaults) {
  each_config([](const auto& usual) { defaults_are_taken(usual); });
}

TEST(ConfigTable, WhatARowDoesNotTakeIsReportedAndReplaced) {
  each_config([](const auto& usual) { wrong_values_are_replaced(usual); });
}

TEST(ConfigTable, SayWhatTheyTake) {
  const auto timing = rows_of<timing_config>();
  EXPECT_EQ(timing["mode"].allowed(), "functional, tlm_lt, tlm_cycle");
  EXPECT_EQ(timing["clock_period"].allowed(), "above 0");
  EXPECT_EQ(timing["clock_period"].value_text(timing_config{}), "4 ns");
  EXPECT_EQ(timing["beat_bytes"].allowed(), "8, 16, 32");
  EXPECT_EQ(timing["memory_latency_cycles"].allowed(), "1 or more");
  EXPECT_EQ(timing["memory_write_latency_cycles"].allowed(), "1 to 64");
  const auto link = rows_of<pcie::link_config>();
  EXPECT_EQ(link["propagation"].allowed(), "0 or more");
  EXPECT_EQ(link["posted_headers"].value_text(pcie::link_config{}), "32");
  EXPECT_EQ(rows_of<pcie::root_complex_config>()["completion_timeout"].value_text(
                pcie::root_complex_config{}),
            "10 ms");
}

TEST(ConfigTable, NamesOfAChoiceAreItsEnumerators) {
  for (const timing_mode mode :
       {timing_mode::functional, timing_mode::tlm_lt, timing_mode::tlm_cycle}) {
    timing_config config;
    const auto& row = rows_of<timing_config>()["mode"];
    row.set(config, *row.choice(to_string(mode)));
    EXPECT_EQ(config.mode, mode);
  }
  pcie::root_complex_config root;
  const auto& unclaimed = rows_of<pcie::root_complex_config>()["unclaimed"];
  unclaimed.set(root, *unclaimed.choice("zeros"));
  EXPECT_EQ(root.unclaimed, pcie::unclaimed_access::zeros);
  unclaimed.set(root, *unclaimed.choice("error"));
  EXPECT_EQ(root.unclaimed, pcie::unclaimed_access::error);
}

TEST(ConfigTable, TimesAreExact) {
  const sc_core::sc_time odd(1234567891.0, sc_core::SC_PS);
  EXPECT_EQ(femtoseconds(odd), 1'234'567'891'000U);
  EXPECT_EQ(time_of(femtoseconds(odd)), odd);
  EXPECT_EQ(time_of(1'499), sc_core::sc_time(1, sc_core::SC_PS));
  EXPECT_EQ(time_of(1'500), sc_core::sc_time(2, sc_core::SC_PS));
  EXPECT_EQ(femtoseconds(sc_core::sc_max_time()), ~std::uint64_t{0}) << "as long as can be said";
}

}  // namespace
}  // namespace ivshmem::test
