#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the accounts of doorbells that ivshmem-sim keeps. See sim_test.py."""

import json

from sim_fixture import PAIR, SimCase, main


class Accounts(SimCase):
    def test_DoorbellUnderWayAtTheLimitIsNotLost(self):
        limit = '[limits]\ntime = "%s"\n' + PAIR + '[[workload]]\ntype = "script"\nfile = "s.steps"\n'
        run = self.run_text(limit % "9700 ns", "node n0\ndelay 9 us\nring n1 0\n", "--stats", "s.json")
        self.assert_passes(run)
        self.assertIn("+ 0 pending + 1 under way + 0 lost\n", run.stdout)
        total = json.loads((self.folder / "s.json").read_text())["total"]["doorbells"]
        self.assertEqual((total["under_way"], total["lost"]), (1, 0))
        self.assert_books_balance(total)

    def test_EveryPartOfTheDoorbellRegisterIsAccounted(self):
        steps = "node n0\n"
        for offset in range(25):
            for bits, value in ((8, "1"), (16, "1"), (32, "0x10001"), (64, "0x1000000010000")):
                steps += f"write{bits} bar0+{offset} {value}\ndelay 5 us\n"
        _, stats = self.run_script(steps)
        total = stats["total"]["doorbells"]
        self.assertEqual((stats["result"]["ok"], total["issued"], total["rung"]), (True, 32, 31))
        self.assert_books_balance(total)


if __name__ == "__main__":
    main((Accounts,))
