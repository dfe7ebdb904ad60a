"""What callgrind counted for each scenario of bench.c.

A scenario is a function count_NAME; its figure is the cost, with everything
below, of the calls it makes to the ring (not of the loop around them).
"""
import collections
import re


def calls_below(path):
    """{calling function: {called function: [calls, instructions]}}"""
    names = {}
    result = collections.defaultdict(lambda: collections.defaultdict(
        lambda: [0, 0]))
    caller = called = None
    calls = 0

    def name(text):
        match = re.match(r"\((\d+)\)(?: (.*))?", text)
        number, given = match.groups()
        if given:
            names[number] = given.split("'")[0]
        return names[number]

    for line in open(path, encoding="ascii", errors="replace"):
        if line.startswith("fn="):
            caller = name(line[3:].strip())
        elif line.startswith("cfn="):
            called = name(line[4:].strip())
        elif line.startswith("calls="):
            calls = int(line[6:].split()[0])
        elif calls:
            entry = result[caller][called]
            entry[0] += calls
            entry[1] += int(line.split()[1])
            calls = 0
    return result


def figures(path):
    """{NAME: instructions of all calls that count_NAME made to the ring}"""
    found = {}
    for caller, below in calls_below(path).items():
        if caller.startswith("count_"):
            found[caller[len("count_"):]] = sum(
                cost for called, (_, cost) in below.items()
                if called.startswith("ring_"))
    return found


if __name__ == "__main__":
    import sys
    rounds = int(sys.argv[2])
    for scenario, cost in sorted(figures(sys.argv[1]).items()):
        print(scenario, cost / rounds)
