#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of ivshmem-sim's platforms: timing modes, topologies, faults. See sim_test.py."""

import json

from sim_fixture import SimCase, main

MODELS = ("functional", "tlm-lt", "tlm-cycle")
TREE = '[topology]\nkind = "tree"\nports = 2\n'
LINK = "[topology]\nlink = { lanes = 1 }\n"


def nodes(count, keys=""):
    return f'[[node]]\nname = "n"\ncount = {count}\n{keys}'


def workload(kind, **keys):
    values = "".join(f"{k} = {json.dumps(v)}\n" for k, v in keys.items())
    return f'[[workload]]\ntype = "{kind}"\n{values}'


def fault(at, kind, **keys):
    values = "".join(f"{k} = {json.dumps(v)}\n" for k, v in keys.items())
    return f'[[fault]]\nat = "{at}"\nkind = "{kind}"\n{values}'


class PlatformCase(SimCase):
    def stats_of(self, text, *options):
        run = self.run_text(text, None, "--stats", "s.json", *options)
        stats = json.loads((self.folder / "s.json").read_text())
        self.assert_books_balance(stats["total"]["doorbells"])
        return run, stats


class Models(PlatformCase):
    def test_EveryWorkloadRunsInEveryModelAndTopology(self):
        mixed = (nodes(4, "vectors = 6\n") + '[[node]]\nname = "old"\ncount = 3\n'
                 'variant = "legacy"\nmsi = false\n[[node]]\nname = "mute"\nvariant = "plain"\n'
                 '[[node]]\nname = "player"\ncount = 3\nvectors = 4\n')
        some = ["n"]
        work = (workload("pingpong", nodes=some, count=20) +
                workload("stream", nodes=some, vector=1, block="1 KiB", bytes="16 KiB") +
                workload("broadcast", nodes=some, vector=2, count=20) +
                workload("ring", nodes=some, vector=3, count=20) +
                workload("all_to_all", nodes=some, vector=4, count=20) +
                workload("pingpong", nodes=["old0", "mute"], count=20) +
                workload("pingpong", nodes=["old1", "old2"], count=20) +
                workload("random", nodes=["player"], count=300))
        for topology in ("", LINK, TREE):
            for model in MODELS:
                run, stats = self.stats_of(topology + mixed + work, "--model", model)
                self.assert_passes(run)
                self.assertEqual(stats["scenario"]["model"], model)

    def test_TheOptionGoesBeforeTheScenario(self):
        text = '[platform]\nmodel = "tlm-lt"\n' + nodes(2) + workload("pingpong", count=2)
        self.assertIn("model tlm-lt", self.run_text(text).stdout)
        self.assertIn("model tlm-cycle", self.run_text(text, None, "--model", "tlm-cycle").stdout)

    def test_LatencyGrowsByTheWayOfTheWriteAndTheMessage(self):
        text = nodes(2) + workload("pingpong", count=3)

        def latency(model, before):
            _, stats = self.stats_of(before + text, "--model", model)
            return stats["total"]["latency_ps"]["min"]
        self.assertEqual(latency("functional", TREE), 1_000_000)
        bare = [latency(model, "") for model in MODELS[1:]]
        self.assertTrue(all(1_000_000 < one < 1_100_000 for one in bare), bare)
        # To the cycle, the doorbell also waits until the memory has confirmed the write before it.
        self.assertLessEqual(0, bare[1] - bare[0])
        self.assertLessEqual(bare[1] - bare[0], 20_000)
        for way in (LINK, TREE):
            self.assertGreater(latency("tlm-lt", way), bare[0])
        slow = "[topology]\nlink = { lanes = 1, propagation = \"1 us\" }\n"
        self.assertGreater(latency("tlm-cycle", slow), latency("tlm-cycle", LINK) + 1_980_000)

    def test_AFasterClockAndWiderBeatsSaveTime(self):
        def simulated(platform):
            text = (platform + nodes(2, "dmi = false\n") +
                    workload("stream", block="4 KiB", bytes="64 KiB", gap="0 s"))
            return self.stats_of(text, "--model", "tlm-cycle")[1]["result"]["simulated_ps"]
        usual = simulated("")
        self.assertLess(simulated('[platform]\nclock = "2 ns"\n'), usual)
        self.assertLess(simulated("[platform]\nbeat_bytes = 32\n"), usual)
        self.assertGreater(simulated("[platform]\nmemory_latency = 500\n"), usual)

    def test_TheSlowestPlatformsWorkToo(self):
        limit = '[limits]\ntime = "1000000 s"\n'
        text = nodes(2) + workload("pingpong", count=2)
        for platform in ('[platform]\nclock = "10 ms"\n',
                         '[topology]\nlink = { propagation = "1 s" }\n'):
            self.assert_passes(self.run_text(limit + platform + text, None, "--model", "tlm-cycle"))

    def test_SameScenarioSameTraceAndStatisticsInEveryModel(self):
        for example in ("faults", "tree"):
            for model in MODELS:
                seen = set()
                for _ in range(2):
                    self.assert_passes(self.sim(
                        "run", self.source / "examples" / f"{example}.toml", "--quiet", "--model",
                        model, "--trace", "t.vcd", "--stats", "s.json"))
                    stats = json.loads((self.folder / "s.json").read_text())
                    stats.pop("wall")
                    seen.add(((self.folder / "t.vcd").read_bytes(), json.dumps(stats)))
                self.assertEqual(len(seen), 1)


class Topology(PlatformCase):
    def test_TreesOfEverySizeDeliverEveryDoorbell(self):
        for count, ports in ((2, 2), (3, 2), (9, 2), (33, 32), (83, 2)):
            run, stats = self.stats_of(f'[topology]\nkind = "tree"\nports = {ports}\n' +
                                       nodes(count) + workload("ring", count=2))
            self.assert_passes(run)
            self.assertEqual(stats["scenario"]["hosts"], 1)
            self.assertEqual(stats["total"]["doorbells"]["delivered"], 2 * count)

    def test_MoreNodesThanASegmentHoldsGetMoreHosts(self):
        run, stats = self.stats_of(TREE + "nodes_per_host = 3\n" + nodes(8) +
                                   workload("all_to_all"))
        self.assert_passes(run)
        self.assertEqual(stats["scenario"]["hosts"], 3)
        self.assertIn("tree of 3 hosts", run.stdout)

    def test_LargeMemoriesHaveRoomInTheWindow(self):
        self.assert_passes(self.run_text(
            TREE + '[memory]\nsize = "8 GiB"\n' + nodes(40) + workload("all_to_all")))

    def test_AThousandNodesAreSetUpFastAndSmall(self):
        run, stats = self.stats_of((self.source / "examples" / "ring_1024.toml").read_text())
        self.assert_passes(run)
        wall = stats["wall"]
        self.assertLess(wall["node_bytes"], 64 * 1024)  # holds in builds without sanitizers
        self.assertGreater(wall["elaboration_seconds"], 0)


class Faults(PlatformCase):
    def test_LinkThatIsDownLosesDoorbellsInBothDirections(self):
        text = (TREE + nodes(4) + workload("all_to_all", count=100) +
                fault("5 us", "link_down", node="n1") + fault("15 us", "link_up", node="n1"))
        for model in MODELS:
            run, stats = self.stats_of(text, "--model", model)
            self.assert_passes(run)
            dropped = stats["nodes"][1]["doorbells"]["dropped"]
            self.assertGreater(dropped["link_down"], 5)
            self.assertGreater(dropped["message_link_down"], 5)
            self.assertEqual(stats["links"]["lost_writes"],
                             dropped["link_down"] + dropped["message_link_down"])
            for other in (0, 2, 3):
                self.assertEqual(sum(stats["nodes"][other]["doorbells"]["dropped"].values()), 0)

    def test_LinkOfASwitchConcernsAllBelowIt(self):
        run, stats = self.stats_of(TREE + nodes(4) + workload("all_to_all", count=50) +
                                   fault("5 us", "link_down", link="host0.switch2"))
        self.assert_passes(run)
        lost = [n["doorbells"]["dropped"]["link_down"] > 0 for n in stats["nodes"]]
        self.assertEqual(lost, [False, False, True, True])

    def test_PoisonedWritesAreCountedWhereTheyWouldHaveArrived(self):
        for model in MODELS:
            run, stats = self.stats_of(
                LINK + nodes(2) + workload("all_to_all", count=100) +
                fault("5 us", "poison_writes", node="n0", count=7), "--model", model)
            self.assert_passes(run)
            dropped = stats["nodes"][0]["doorbells"]["dropped"]
            self.assertEqual(dropped["poisoned"] + dropped["message_poisoned"], 7)
            self.assertEqual(stats["links"]["poisoned"], 7)

    def test_LostCompletionIsReadAgain(self):
        for model in MODELS:
            run, stats = self.stats_of(
                LINK + nodes(2, "dmi = false\n") + workload("pingpong", count=50) +
                fault("20 us", "lose_completions", node="n0", count=2), "--model", model)
            self.assert_passes(run)
            self.assertEqual(stats["links"]["lost_completions"], 2)
            self.assertEqual(stats["total"]["doorbells"]["delivered"], 100)

    def test_NodeThatIsResetOrLeavesComesBackAndIsRungAgain(self):
        for model in MODELS:
            run, stats = self.stats_of(
                TREE + nodes(3) + workload("all_to_all", count=100) +
                fault("5 us", "node_reset", node="n0") + fault("6 us", "node_leave", node="n2") +
                fault("12 us", "node_join", node="n2"), "--model", model)
            self.assert_passes(run)
            total = stats["total"]["doorbells"]
            self.assertGreater(total["dropped"]["peer_left"], 5)
            self.assertGreater(stats["nodes"][2]["doorbells"]["dropped"]["sender_gone"], 10)
            self.assertGreater(stats["nodes"][2]["doorbells"]["delivered"], 40)

    def test_NodeThatJoinsBehindALinkThatIsDownIsSetUpWhenItComesUp(self):
        run, stats = self.stats_of(
            LINK + nodes(2) + workload("all_to_all", count=300) +
            fault("2 us", "node_leave", node="n1") + fault("3 us", "link_down", node="n1") +
            fault("4 us", "node_join", node="n1") + fault("5 us", "link_up", node="n1"))
        self.assert_passes(run)
        self.assertGreater(stats["nodes"][1]["doorbells"]["delivered"], 200)

    def test_DelayedDoorbellsTakeLongerAndAreNotLost(self):
        run, stats = self.stats_of(
            nodes(2) + workload("pingpong", count=20) +
            fault("5 us", "delay_doorbells", latency="3 us") +
            fault("30 us", "delay_doorbells", latency="0 s"))
        self.assert_passes(run)
        latency = stats["total"]["latency_ps"]
        self.assertEqual((latency["min"], latency["max"]), (1_000_000, 4_000_000))
        self.assertEqual(stats["total"]["doorbells"]["delivered"], 40)

    def test_PartitionCutsGroupsApartUntilItHeals(self):
        run, stats = self.stats_of(
            nodes(4) + workload("all_to_all", count=100) +
            fault("5 us", "partition", groups=[["n0", "n1"], ["n2", "n3"]]) +
            fault("15 us", "heal"))
        self.assert_passes(run)
        cut = [n["doorbells"]["dropped"]["partitioned"] for n in stats["nodes"]]
        self.assertEqual(len(set(cut)), 1, cut)
        self.assertTrue(60 <= cut[0] <= 70, cut)

    def test_ProgramThatAFaultStopsIsAConsequenceNotAFailure(self):
        run, stats = self.stats_of(
            nodes(2) + workload("pingpong", count=50) +
            fault("5 us", "partition", groups=[["n0"], ["n1"]]))
        self.assert_passes(run)
        self.assertEqual(stats["result"]["consequence_count"], 2)
        self.assertIn("pingpong: waits for n", stats["result"]["consequences"][0])
        self.assertIn("all else explained by faults", run.stdout)

    def test_FaultThatLosesNothingExcusesNothing(self):
        self.write("s.steps", "node n2\ndelay 20 us\nbus-master off\nnode n3\ndelay 1 us\n")
        run = self.run_text(
            nodes(4) + workload("pingpong", nodes=["n2", "n3"], count=50) +
            '[[workload]]\ntype = "script"\nfile = "s.steps"\n' +
            fault("5 us", "delay_doorbells", latency="1 us"))
        self.assert_fails(run, "pingpong: waits for")

    def test_FaultsExcuseNoFailedExpectationOfAScript(self):
        self.write("s.steps", "node n2\ndelay 9 us\nexpect32 bar0+0x08 9\n")
        run = self.run_text(
            LINK + nodes(3) + workload("all_to_all", nodes=["n0", "n1"], count=50) +
            '[[workload]]\ntype = "script"\nfile = "s.steps"\n' +
            fault("2 us", "link_down", node="n0"))
        self.assert_fails(run, "s.steps:3: bar0+0x8: expected 0x9, seen 0x2")


if __name__ == "__main__":
    main((Models, Topology, Faults))
