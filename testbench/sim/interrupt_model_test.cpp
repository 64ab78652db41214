// SPDX-License-Identifier: Apache-2.0
//
// What a device does with interrupts, as the random workload foresees it.
#include "interrupt_model.h"

#include <gtest/gtest.h>

namespace ivshmem::sim::test {
namespace {

constexpr picoseconds latency = 1000;

device_properties properties_of(interrupt_path path) {
  device_properties properties;
  properties.variant = device_variant::doorbell;
  properties.vectors = 2;
  properties.irq_path = path;
  return properties;
}

TEST(InterruptModel, UnmaskedVectorInterruptsAtArrival) {
  interrupt_model model(properties_of(interrupt_path::event_loop), latency);
  model.ring(1, 7);
  model.advance(1006);
  EXPECT_EQ(model.interrupts(1), 0U);
  model.advance(1007);
  EXPECT_EQ(model.interrupts(1), 1U);
  EXPECT_EQ(model.latest(1), 1007U);
}

TEST(InterruptModel, MaskedVectorPendsOnceAndComesOutWithTheUnmask) {
  interrupt_model model(properties_of(interrupt_path::event_loop), latency);
  model.set_masked(0, true, 0);
  model.ring(0, 1);
  model.ring(0, 2);
  EXPECT_EQ(model.read_pending(0, 2000), 1U);
  model.set_masked(0, false, 3000);
  EXPECT_EQ(model.interrupts(0), 1U);
  EXPECT_EQ(model.latest(0), 3000U);
  EXPECT_EQ(model.read_pending(0, 3001), 0U);
}

TEST(InterruptModel, EventLoopLosesWhileMsixIsOffAndIrqfdKeeps) {
  interrupt_model lossy(properties_of(interrupt_path::event_loop), latency);
  interrupt_model latching(properties_of(interrupt_path::irqfd), latency);
  for (interrupt_model* model : {&lossy, &latching}) {
    model->set_msix(false, false, 0);
    model->ring(0, 1);
    model->set_msix(true, false, 5000);
  }
  EXPECT_EQ(lossy.interrupts(0), 0U);
  EXPECT_EQ(lossy.drops(drop_cause::msix_disabled), 1U);
  EXPECT_EQ(latching.interrupts(0), 1U);
}

TEST(InterruptModel, MessageIsLostWithoutBusMasteringExceptWhenInjected) {
  interrupt_model bus(properties_of(interrupt_path::event_loop), latency);
  interrupt_model injected(properties_of(interrupt_path::irqfd), latency);
  for (interrupt_model* model : {&bus, &injected}) {
    model->set_bus_master(false, 0);
    model->ring(0, 1);
    model->advance(5000);
  }
  EXPECT_EQ(bus.drops(drop_cause::bus_master_off), 1U);
  EXPECT_EQ(injected.interrupts(0), 1U);
}

}  // namespace
}  // namespace ivshmem::sim::test
