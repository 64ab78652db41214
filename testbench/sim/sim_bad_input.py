# SPDX-License-Identifier: Apache-2.0
"""Every class of bad input and the one line that answers it."""

NODE = '[[node]]\nname = "n"\ncount = 2\n'
WORK = '[[workload]]\ntype = "pingpong"\n'
SCRIPT = NODE + '[[workload]]\ntype = "script"\nfile = "s.steps"\n'
TIME = 'allowed is a time such as "1.5 us" (ps, ns, us, ms, s), 1 ps to 1 s'
TYPES = '"pingpong", "stream", "broadcast", "ring", "all_to_all", "random", "script"'

# name: (scenario, answer after "s.toml:")
SCENARIOS = {
    "SyntaxError": ("seed = \n", "1: Error while parsing key-value pair: expected value, saw '\\n'"),
    "EmptyFile": ("", "1: nothing to read: allowed is a scenario file that exists and is not empty"),
    "MisspeltTable": ("[[nodes]]\n", '1: nodes: unknown key in the scenario; did you mean "node"?'),
    "MisspeltType": (NODE + '[[workload]]\ntpye = "ring"\n',
                     '5: tpye: unknown key in [[workload]]; did you mean "type"?'),
    "UnknownKeyAtTheTop": ("sead = 1\n" + NODE + WORK, '1: sead: unknown key in the scenario; did you mean "seed"?'),
    "UnknownKeyOfANode": (NODE + "vecotrs = 2\n" + WORK,
                          '4: vecotrs: unknown key in [[node]]; did you mean "vectors"?'),
    "UnknownKeyOfAWorkload": (NODE + WORK + "blocks = 2\n",
                              "6: blocks: unknown key in [[workload]]; allowed are"),
    "NoNode": ("seed = 1\n", "1: the scenario: node is missing: at least one table [[node]] is needed"),
    "NoWorkload": (NODE, "1: the scenario: workload is missing: at least one table [[workload]] "
                         "is needed"),
    "NegativeSeed": ("seed = -1\n" + NODE + WORK,
                     "1: seed = -1: allowed is an integer from 0 to 9223372036854775807"),
    "NoVectors": (NODE + "vectors = 0\n" + WORK,
                  "4: vectors = 0: allowed is an integer from 1 to 2048"),
    "TooManyVectors": (NODE + "vectors = 2049\n" + WORK,
                       "4: vectors = 2049: allowed is an integer from 1 to 2048"),
    "VectorsAsText": (NODE + 'vectors = "2"\n' + WORK,
                      '4: vectors = "2": allowed is an integer from 1 to 2048'),
    "TooManyNodes": ('[[node]]\ncount = 4097\n' + WORK,
                     "2: count = 4097: allowed is an integer from 1 to 4096"),
    "UnknownVariant": (NODE + 'variant = "bell"\n' + WORK,
                       '4: variant = "bell": allowed is one of "plain", "doorbell", "legacy"'),
    "PlainWithVectors": (NODE + 'variant = "plain"\nvectors = 2\n' + WORK,
                         '5: vectors = 2: allowed only with variant "doorbell" or "legacy"'),
    "MsiOfADoorbellDevice": (NODE + "msi = false\n" + WORK,
                             '4: msi = false: allowed only with variant "legacy"'),
    "IoeventfdWithoutMsi": (NODE + 'variant = "legacy"\nmsi = false\nioeventfd = true\n' + WORK,
                            "6: ioeventfd = on: ioeventfd/irqfd requires MSI: allowed is off"),
    "IrqfdWithoutMsi": (NODE + 'variant = "legacy"\nmsi = "off"\nirq_path = "irqfd"\n' + WORK,
                        "6: irq_path = irqfd: ioeventfd/irqfd requires MSI: allowed is event_loop"),
    "MasterJoinsLate": (NODE + 'master = "on"\n' + WORK,
                        "4: master = on: master must connect to the server before any peers: "
                        "allowed is on with ID 0, this is ID 1"),
    "FlagAsNumber": (NODE + "express = 1\n" + WORK,
                     '4: express = 1: allowed is true, false, "on" or "off"'),
    "NodeNameWithABlank": ('[[node]]\nname = "a b"\n' + WORK,
                           '2: name = "a b": allowed are letters, digits, _ and -'),
    "NodeNameTwice": (NODE + '[[node]]\nname = "n1"\n' + WORK,
                      '5: name = "n1": there is a node n1 already; allowed are names that differ'),
    "MemoryNoPowerOfTwo": ('[memory]\nsize = "3 MiB"\n' + NODE + WORK,
                           '2: size = "3 MiB": allowed is a power of two from 4 KiB to 8 GiB'),
    "MemorySizeWithoutSense": ('[memory]\nsize = "much"\n' + NODE + WORK,
                               '2: size = "much": allowed is a size such as "64 KiB" (B, KiB, MiB, '
                               'GiB), 4 KiB to 8 GiB'),
    "MemoryTooSmall": ('[memory]\nsize = "4 KiB"\n' + NODE + '[[workload]]\ntype = "stream"\n',
                       "6: size = 4 KiB: the shared memory is too small for the stream workload, "
                       "which needs 512.125 KiB at offset 0: allowed is 1 MiB or more"),
    "UnknownBacking": ('[memory]\nbacking = "disk"\n' + NODE + WORK,
                       '2: backing = "disk": allowed is one of "anonymous", "memfd", "posix", '
                       '"file", "hugetlbfs"'),
    "BackingWithoutPath": ('[memory]\nbacking = "file"\n' + NODE + WORK,
                           "1: [memory]: path is missing: a file backing needs one"),
    "PathWithoutBacking": ('[memory]\npath = "x"\n' + NODE + WORK,
                           '2: path = "x": allowed only with backing "posix", "file" or '
                           '"hugetlbfs"'),
    "PathThatCannotBe": ('[memory]\nbacking = "file"\npath = "no/where"\n' + NODE + WORK,
                         '1: [memory] path = "no/where": '),
    "NoLatency": ('[fabric]\nlatency = "0 s"\n' + NODE + WORK, '2: latency = "0 s": ' + TIME),
    "LatencyWithoutUnit": ("[fabric]\nlatency = 5\n" + NODE + WORK, "2: latency = 5: " + TIME),
    "UnknownWorkload": (NODE + '[[workload]]\ntype = "pong"\n',
                        '5: type = "pong": allowed is one of ' + TYPES),
    "WorkloadWithoutType": (NODE + "[[workload]]\ncount = 1\n",
                            "4: [[workload]]: type is missing: allowed is one of " + TYPES),
    "UnknownNode": (NODE + WORK + 'nodes = ["n0", "m1"]\n',
                    '6: nodes = "m1": no such node or group; did you mean "n1"?'),
    "OddNumberOfNodes": (NODE + WORK + 'nodes = ["n0"]\n',
                         "6: nodes = 1 of them: allowed for pingpong is 2 or more, in pairs"),
    "NodeTwiceInAWorkload": (NODE + WORK + 'nodes = ["n", "n0"]\n',
                             "6: nodes = [...]: node n0 stands there twice; allowed is once"),
    "VectorThatNobodyHas": (NODE + WORK + "vector = 1\n",
                            "6: vector = 1: allowed is 0 to 0, the vectors of node n0"),
    "VectorUsedTwice": (NODE + WORK + WORK,
                        "6: vector = 0: node n0 waits for it in the workload at line 4 already: "
                        "allowed is one workload per node and vector"),
    "RegionsOverlap": (NODE + "vectors = 2\n" + WORK + WORK + "vector = 1\noffset = 64\n",
                       "10: offset = 64: overlaps the pingpong workload at line 5: allowed is 128 "
                       "or more"),
    "BytesNoMultipleOfBlock": (NODE + '[[workload]]\ntype = "stream"\nbytes = "100 KiB"\n',
                               '6: bytes = "100 KiB": allowed is a multiple of block, 64 KiB'),
    "ScriptWithoutFile": (NODE + '[[workload]]\ntype = "script"\n',
                          "4: [[workload]]: file is missing: a script workload needs one"),
    "ScriptThatIsNotThere": (SCRIPT, '6: file = "s.steps": allowed is a file that exists, beside '
                                     "the scenario or with its path"),
}

# name: (script, answer after "s.steps:")
SCRIPTS = {
    "StepBeforeNode": ("reset\n", "1: reset: allowed before the first step is node NAME"),
    "UnknownNode": ("\nnode n7\n", '2: node = n7: no such node; did you mean "n0"?'),
    "UnknownStep": ("node n0\nrign n1 0\n", '2: rign: unknown step; did you mean "ring"?'),
    "MissingWord": ("node n0\nring n1\n", "2: ring: VECTOR is missing"),
    "OneWordTooMany": ("node n0\nreset now\n", "2: now: allowed is nothing more after reset"),
    "UnknownSpace": ("node n0\nread32 bar3+0\n", "2: bar3+0: allowed is bar0, bar1, bar2 or config, "
                                                 "then +OFFSET, such as bar0+0x0c"),
    "BeyondTheBar": ("node n0\nread32 bar0+0xfd\n", "2: bar0+0xfd: allowed in bar0 are 256 bytes"),
    "UnalignedInConfig": ("node n0\nread32 config+2\n",
                          "2: config+2: allowed in config are 1, 2 or 4 aligned bytes"),
    "ValueTooLarge": ("node n0\nwrite8 bar0+0 256\n",
                      "2: VALUE = 256: allowed is an integer from 0 to 255"),
    "VectorTooLarge": ("node n0\nwait-irq 1\n", "2: VECTOR = 1: allowed is an integer from 0 to 0"),
    "TimeWithoutUnit": ("node n0\ndelay 5\n",
                        "2: TIME = 5: allowed is a time such as 1.5 us (ps, ns, us, ms, s)"),
    "NeitherOnNorOff": ("node n0\nmsix yes\n", "2: msix = yes: allowed is on or off"),
    "RepeatWithoutEnd": ("node n0\nrepeat 2\nreset\n", "2: repeat: its end is missing"),
    "EndWithoutRepeat": ("node n0\nend\n", "2: end: there is no repeat to end"),
    "NoSteps": ("# nothing\n", "1: allowed is a script of at least one step"),
}
