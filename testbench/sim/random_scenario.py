# SPDX-License-Identifier: Apache-2.0
"""Makes scenarios for ivshmem-sim from a seed: platforms, trees, variants and workloads of all kinds."""

import random


def platform(dice):
    return (f'[platform]\nclock = "{dice.choice((3, 4, 8, 10))} ns"\n'
            f"beat_bytes = {dice.choice((8, 16, 32))}\nmemory_latency = {dice.choice((1, 8, 20))}\n"
            f'[fabric]\nlatency = "{dice.choice(("5 ns", "37 ns", "200 ns", "1 us", "3 us"))}"\n')


def topology(dice, nodes):
    link = (f"link = {{generation = {dice.randint(1, 4)}, lanes = {dice.choice((1, 4, 8))}, "
            f'propagation = "{dice.choice((0, 5, 7))} ns"}}\n')
    kind = dice.choice(("direct", "links", "tree", "tree"))
    if kind == "direct":
        return ""
    if kind == "links":
        return "[topology]\n" + link
    return (f'[topology]\nkind = "tree"\nports = {dice.randint(2, 4)}\n'
            f"nodes_per_host = {dice.randint(1, nodes)}\n"
            f'switch_latency = "{dice.choice((0, 33, 100))} ns"\n' + link)


def groups_of_nodes(dice, left):
    """Tables of nodes, and the set of variants in them."""
    text, variants = "", set()
    while left:
        count = dice.randint(1, left)
        left -= count
        variant = dice.choice(("doorbell", "doorbell", "doorbell", "legacy", "intx", "plain"))
        variants.add(variant)
        text += f'[[node]]\nname = "g{left}"\ncount = {count}\n'
        text += f'variant = "{"legacy" if variant == "intx" else variant}"\n'
        if variant == "intx":
            text += "msi = false\nioeventfd = false\n"
        if variant != "plain":
            text += f"vectors = {dice.choice((2, 4, 8))}\n"
        text += f"dmi = {dice.choice(('true', 'false'))}\n"
    return text, variants


def workload(dice, kinds, vector):
    kind = dice.choice(kinds)
    text = f'[[workload]]\ntype = "{kind}"\ngap = "{dice.choice((1, 10, 100, 1000))} ns"\n'
    if kind == "stream":
        text += (f"bytes = 16384\nblock = {dice.choice((256, 1024, 4096))}\n"
                 f"slots = {dice.choice((1, 2, 4))}\n")
    else:
        text += f"count = {dice.randint(5, 40)}\n"
    if kind != "random":
        text += (f'vector = {vector}\npoll = "{dice.choice((300, 1000))} ns"\n'
                 f'start = "{dice.choice((0, 1))} us"\n')
    return text


def scenario(seed):
    """The text of a scenario file; the same for the same seed."""
    dice = random.Random(seed)
    nodes = 2 * dice.randint(1, 4)  # some workloads need pairs
    head = f"seed = {seed}\n" + platform(dice) + topology(dice, nodes)
    tables, variants = groups_of_nodes(dice, nodes)
    kinds = ["pingpong", "stream", "broadcast", "ring"]
    if "plain" not in variants:
        kinds.append("all_to_all")
    if variants.isdisjoint({"plain", "intx"}) and dice.random() < 0.4:
        return head + tables + workload(dice, kinds, 0) + workload(dice, kinds, 1)
    return head + tables + workload(dice, kinds + ["random"], 0)
