#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each property of docs/properties.md is a key of a [[node]], with the values of its row."""

from sim_fixture import SimCase, main

WORK = '[[workload]]\ntype = "pingpong"\ncount = 1\n'
# A partner that rings nobody, so that the other node may be of any variant.
PARTNER = '[[node]]\nname = "partner"\nvariant = "plain"\n'


class Properties(SimCase):
    def rows(self):
        """name: (default, allowed values, variants)"""
        page = (self.source / "docs" / "properties.md").read_text(encoding="utf-8")
        rows = [[cell.strip() for cell in line.split("|")[1:-1]]
                for line in page.splitlines() if line.startswith("| `")]
        every = rows[0][2].split(", ")
        return {row[0].strip("`"): (row[1], row[2], every if row[3] == "all" else row[3].split(", "))
                for row in rows}

    def check(self, variant, *lines):
        keys = "".join(line + "\n" for line in lines)
        self.write("s.toml", f'[[node]]\nvariant = "{variant}"\n{keys}{PARTNER}{WORK}')
        return self.sim("check", "s.toml")

    def line_of(self, name, value):
        return f"{name} = {value}" if value.isdigit() else f'{name} = "{value}"'

    def test_EachValueOfThePageIsAccepted(self):
        rows = self.rows()
        self.assertEqual(len(rows), 9)
        for name, (_, allowed, variants) in rows.items():
            values = allowed.split(" to ") if " to " in allowed else allowed.split(", ")
            self.assertGreater(len(values), 1)
            for value in values:
                for variant in [value] if name == "variant" else variants:
                    lines = [] if name == "variant" else [self.line_of(name, value)]
                    with self.subTest(name=name, value=value, variant=variant):
                        self.assert_passes(self.check(variant, *lines))

    def test_WhatIsNotOnThePageIsRefused(self):
        for name, (_, allowed, variants) in self.rows().items():
            wrong = "2049" if " to " in allowed else "nonsense"
            lines = [self.line_of(name, wrong)]
            if name == "variant":
                continue  # sim.BadInput.UnknownVariant
            run = self.check(variants[0], *lines)
            with self.subTest(name=name):
                self.assertEqual(run.returncode, 2)
                self.assertIn(f"s.toml:3: {name} = ", run.stderr)
                self.assertEqual(run.stderr.count("\n"), 1)

    def test_AKeyThatMeansNothingInAVariantIsRefused(self):
        for name, (default, _, variants) in self.rows().items():
            for variant in {"plain", "doorbell", "legacy"} - set(variants):
                run = self.check(variant, self.line_of(name, default))
                named = " or ".join(f'"{one}"' for one in variants)
                with self.subTest(name=name, variant=variant):
                    self.assertEqual(run.returncode, 2)
                    self.assertIn(f"needs variant {named}", run.stderr)

    def test_ANodeThatComesByHotPlugBeginsWithDecodingOn(self):
        steps = "node n0\n  leave\n  join\n  expect16 config+4 0x{:04x}\n"
        for flag, command in ("true", 3), ("false", 0):
            before = (f'[[node]]\nname = "n"\ncount = 2\nhot_plugged = {flag}\n'
                      '[[workload]]\ntype = "script"\nfile = "s.steps"\n')
            self.assert_passes(self.run_text(before, steps.format(command)))


if __name__ == "__main__":
    main((Properties,))
