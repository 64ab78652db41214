// SPDX-License-Identifier: Apache-2.0
//
// The table of properties: a row for each, and what is made of a row.
#include "ivshmem/model/property_table.h"

#include <gtest/gtest.h>

#include <set>

#include "device_bench.h"

namespace ivshmem::test {
namespace {

TEST(PropertyTable, HasARowForEachEnumeratorUnderItsOwnName) {
  const std::array<std::string_view, 9> names{"variant",  "msi",  "vectors", "ioeventfd",  "master",
                                              "irq_path", "qemu", "express", "hot_plugged"};
  static_assert(names.size() == std::tuple_size_v<decltype(property_table)>);
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(property_table[i].name, names[i]);
    EXPECT_EQ(find_property(names[i]), &row_of(static_cast<property>(i)));
  }
  EXPECT_EQ(row_of(property::hot_plugged).name, "hot_plugged") << "the last enumerator";
  EXPECT_EQ(find_property("size"), nullptr);
  EXPECT_EQ(find_property(""), nullptr);
}

TEST(PropertyTable, EachRowReadsAndWritesAMemberOfItsOwn) {
  for (const property_row& changed : property_table) {
    device_properties properties;
    const std::uint64_t other =
        changed.get(properties) == changed.most ? changed.least : changed.most;
    changed.set(properties, other);
    for (const property_row& row : property_table) {
      const std::uint64_t expected = &row == &changed ? other : row.get(device_properties{});
      EXPECT_EQ(row.get(properties), expected) << changed.name << " was set, read: " << row.name;
    }
  }
}

TEST(PropertyTable, EveryNameOfAChoiceIsItsEnumerator) {
  const property_row& variant = row_of(property::variant);
  device_properties properties;
  variant.set(properties, *variant.choice("legacy"));
  EXPECT_EQ(properties.variant, device_variant::legacy);
  const property_row& master = row_of(property::master);
  master.set(properties, *master.choice("auto"));
  EXPECT_EQ(properties.master, master_mode::automatic);
  EXPECT_EQ(master.value_text(properties), "auto");
  master.set(properties, *master.choice("on"));
  EXPECT_EQ(properties.master, master_mode::on);
  const property_row& path = row_of(property::irq_path);
  path.set(properties, *path.choice("irqfd"));
  EXPECT_EQ(properties.irq_path, interrupt_path::irqfd);
  const property_row& qemu = row_of(property::qemu);
  qemu.set(properties, *qemu.choice("11.1"));
  EXPECT_EQ(properties.qemu, qemu_version::v11_1);
  for (const std::string_view wrong : {"", "Legacy", "legac", "2"}) {
    EXPECT_EQ(variant.choice(wrong), std::nullopt) << wrong;
  }
}

TEST(PropertyTable, ARowSaysWhatItTakes) {
  EXPECT_EQ(row_of(property::vectors).allowed(), "1 to 2048");
  EXPECT_EQ(row_of(property::vectors).rule(),
            "The number of MSI-X vectors is invalid: must be from 1 to 2048");
  EXPECT_EQ(row_of(property::msi).allowed(), "off, on");
  EXPECT_EQ(row_of(property::msi).rule(), "must be off or on");
  EXPECT_EQ(row_of(property::master).rule(), "must be off, on or auto");
  EXPECT_EQ(row_of(property::qemu).rule(), "must be 7.2 or 11.1");
}

TEST(PropertyTable, TheEdgesOfARowAreAllowedAndTheirNeighboursAreNot) {
  for (const property_row& row : property_table) {
    EXPECT_TRUE(row.is_allowed(row.least)) << row.name;
    EXPECT_TRUE(row.is_allowed(row.most)) << row.name;
    EXPECT_FALSE(row.is_allowed(row.most + 1)) << row.name;
    EXPECT_FALSE(row.is_allowed(row.least - 1)) << row.name;
  }
}

TEST(PropertyTable, EnumeratorsThatThereAreNotAreRefusedWhateverTheVariant) {
  for (const property_row& row : property_table) {
    if (row.kind != parameter_kind::choice) {
      continue;
    }
    device_properties properties;
    row.set(properties, row.most + 1);
    const auto checked = check(properties, min_memory_bytes, peer_id{});
    ASSERT_FALSE(checked) << row.name;
    EXPECT_EQ(checked.error().text(),
              std::string(row.name) + " = " + std::to_string(row.most + 1) + ": " + row.rule());
  }
}

TEST(PropertyTable, IoeventfdIsOffByDefaultWhereTheDeviceHasIntx) {
  const property_row& row = row_of(property::ioeventfd);
  device_properties properties = doorbell_of(1);
  EXPECT_EQ(default_value(row, properties), 1U);
  properties.variant = device_variant::legacy;
  EXPECT_EQ(default_value(row, properties), 1U) << "MSI-X";
  properties.msi = false;
  EXPECT_EQ(default_value(row, properties), 0U);
  EXPECT_EQ(default_value(row_of(property::vectors), doorbell_of(7)), 7U) << "of what is given";
}

TEST(PropertyTable, ARowIsForTheVariantsThatHaveWhatItIsAbout) {
  using set = std::set<std::string_view>;
  const auto of = [](device_variant variant) {
    set names;
    for (const property_row& row : property_table) {
      if (holds(row.variants, variant)) {
        names.insert(row.name);
      }
    }
    return names;
  };
  EXPECT_EQ(of(device_variant::plain), (set{"variant", "master", "express", "hot_plugged"}));
  EXPECT_EQ(of(device_variant::doorbell), (set{"variant", "vectors", "ioeventfd", "master",
                                               "irq_path", "qemu", "express", "hot_plugged"}));
  EXPECT_EQ(of(device_variant::legacy).size(), property_table.size());
}

}  // namespace
}  // namespace ivshmem::test
