# SPDX-License-Identifier: BSD-2-Clause
"""Graphs: {node: set of the nodes that it uses}. All results are the same in
each run: ties are broken by name."""


def circles(graph):
    """The strongly connected components of more than one node, largest first
    (Tarjan's algorithm, without recursion)."""
    index, low, stack, inside, found = {}, {}, [], set(), []
    for root in sorted(graph):
        if root in index:
            continue
        work = [(root, iter(sorted(graph[root])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        inside.add(root)
        while work:
            node, rest = work[-1]
            for other in rest:
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    inside.add(other)
                    work.append((other, iter(sorted(graph[other]))))
                    break
                if other in inside:
                    low[node] = min(low[node], index[other])
            else:
                work.pop()
                if work:
                    above = work[-1][0]
                    low[above] = min(low[above], low[node])
                if low[node] == index[node]:
                    at = stack.index(node)
                    component = stack[at:]
                    del stack[at:]
                    inside.difference_update(component)
                    if len(component) > 1:
                        found.append(sorted(component))
    return sorted(found, key=lambda c: (-len(c), c))


def order(graph):
    """Nodes from the top down, so that few arrows point up: nodes that nobody
    uses first, nodes that use nobody last, and from a circle the node that
    uses most and is used least (Eades, Lin and Smyth, 1993)."""
    left = set(graph)
    top, bottom = [], []

    def degree(node):
        out = len(graph[node] & left)
        into = sum(1 for other in left if node in graph[other])
        return out, into

    while left:
        degrees = {node: degree(node) for node in sorted(left)}
        sinks = [n for n, (out, _) in degrees.items() if not out]
        sources = [n for n, (_, into) in degrees.items() if not into]
        if sinks:
            bottom[:0] = sinks
            left.difference_update(sinks)
        elif sources:
            top += sources
            left.difference_update(sources)
        else:
            node = max(degrees, key=lambda n: degrees[n][0] - degrees[n][1])
            top.append(node)
            left.discard(node)
    return settle(graph, top + bottom)


def settle(graph, nodes):
    """Moves single nodes as long as fewer arrows point up after it."""
    improved = True
    while improved:
        improved = False
        for node in sorted(graph):
            best, least = nodes, len(upward(graph, nodes))
            rest = [n for n in nodes if n != node]
            if not least:
                return nodes
            for at in range(len(nodes)):
                moved = rest[:at] + [node] + rest[at:]
                arrows = len(upward(graph, moved))
                if arrows < least:
                    best, least, improved = moved, arrows, True
            nodes = best
    return nodes


def upward(graph, nodes):
    """The arrows that point up in this order, as (from, to)."""
    position = {node: at for at, node in enumerate(nodes)}
    return [(a, b) for a in nodes for b in sorted(graph[a])
            if position[b] < position[a]]


def floors(graph, nodes):
    """The longest chain of arrows that point down in this order."""
    position = {node: at for at, node in enumerate(nodes)}
    height = {}
    for node in reversed(nodes):
        height[node] = 1 + max((height[b] for b in graph[node]
                                if position[b] > position[node]), default=0)
    return max(height.values(), default=0)
