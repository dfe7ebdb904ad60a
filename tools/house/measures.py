# SPDX-License-Identifier: BSD-2-Clause
"""Every measure: its name, what it means, and how it is taken.

A measure is taken of a room, that is of the files of one layer or folder. Its
value is a number or None where it does not apply.
"""
import collections

import graph
import headers
import text
import tree

# `better` is the operator of a limit: '<=' (less is better) or '>='.
Measure = collections.namedtuple("Measure", "name better meaning cure")

MEASURES = [Measure(*line) for line in (
    ("files", "<=", "C and assembly files and headers", ""),
    ("lines", "<=", "their lines, with comments and blanks", ""),
    ("objects", "<=", "compiled files", ""),
    ("floors", "<=", "objects in the longest chain of uses",
     "let a file use the one that does the work, not one in between"),
    ("arrows_up", "<=", "uses that point up in the best order of the objects",
     "hand the upper function down as a hook, or move what is shared below"),
    ("circle", "<=", "objects in the largest circle of uses",
     "cut the circle: hand one function down as a hook, or split a file"),
    ("in_circles", "<=", "objects in circles of uses, all circles together",
     "cut the circle: hand one function down as a hook, or split a file"),
    ("rooms_in_circles", "<=", "sub-folders in circles of uses",
     "move the file that closes the circle to the folder that it belongs to"),
    ("layer_arrows_up", "<=",
     "symbols that a layer takes from a higher one, and no seam declares",
     "declare it in a header below, as a hook that the upper layer sets"),
    ("include_floors", "<=", "headers in the longest chain of includes",
     "include what a file uses itself, not through another header"),
    ("bare_includes", "<=", "includes in quotes that leave out the folder",
     'write the folder too: "vmbus/ring/ring.h"'),
    ("comments_c", ">=", "lines with a comment / non-blank lines of .c files",
     "say at each step of the protocol what it demands there"),
    ("comments", ">=", "the same of all files",
     "say at each step of the protocol what it demands there"),
    ("declared", "<=", "functions declared in headers", ""),
    ("no_contract", "<=", "of them without a comment of their own",
     "say at the declaration what it does, takes, owns and answers"),
    ("long_functions", "<=", f"functions over {text.FUNCTION_LINES} lines",
     "give a step a name and a function of its own"),
    ("long_lines", "<=", f"lines over {text.COLUMNS} columns",
     "let clang-format break the line"),
    ("duplicates", "<=",
     f"stretches of {text.DUPLICATE_LINES} or more equal lines of code",
     "make the two one function, in the lowest layer that suits both"),
    ("booleans", "<=", "booleans in the struct with the most",
     "make the state an enum, with the data of each state beside it"),
    ("unreached", "<=", "external symbols that no image reaches",
     "remove the function, make it static, or name it in tools/lint/exported"),
)]
BY_NAME = {measure.name: measure for measure in MEASURES}


def of_text(sources):
    """{measure: value}, and {measure: places} for those that have places."""
    c_files = [s for s in sources if s.suffix == ".c"]
    structs = sorted(text.booleans(sources), reverse=True)
    places = {
        "no_contract": headers.without_contract(sources),
        "bare_includes": list(headers.bare(sources)),
        "long_functions": text.long_functions(sources),
        "long_lines": text.long_lines(sources),
        "duplicates": text.duplicates(sources),
        "booleans": [f"{n} in {where}" for n, where in structs],
    }
    values = {name: len(found) for name, found in places.items()}
    places["comments_c"] = sorted(f"{text.comment_share([s]):.2f} in {s.path}"
                                  for s in c_files)
    places["comments"] = places["comments_c"]
    values.update({
        "files": len(sources),
        "lines": sum(len(s.lines) for s in sources),
        "include_floors": headers.floors(sources),
        "comments_c": text.comment_share(c_files),
        "comments": text.comment_share(sources),
        "declared": sum(len(list(headers.declarations(s))) for s in sources),
        "booleans": structs[0][0] if structs else 0,
    })
    return values, places


def of_symbols(room, objects):
    """The same, of the uses between the objects of one room."""
    uses = objects.graph(lambda s: s.startswith(room + "/"))
    if not uses:
        return {}, {}
    order = graph.order(uses)
    up = graph.upward(uses, order)
    circles = graph.circles(uses)
    values = {
        "objects": len(uses),
        "floors": graph.floors(uses, order),
        "arrows_up": len(up),
        "circle": len(circles[0]) if circles else 0,
        "in_circles": sum(map(len, circles)),
    }
    places = {"arrows_up": [f"{a} uses {b}" for a, b in up],
              "in_circles": [" ".join(c) for c in circles]}
    places["circle"] = places["in_circles"][:1]
    if room in tree.TOPS:
        of_rooms = graph.circles(objects.room_graph(room))
        values["rooms_in_circles"] = sum(map(len, of_rooms))
        places["rooms_in_circles"] = [" ".join(c) for c in of_rooms]
    return values, places


def take(sources, objects, unreached):
    """Yields (room, measure, value, places) of all rooms, in order."""
    for room, inside in tree.rooms(sources).items():
        values, places = of_text(inside)
        if room not in (tree.IMAGE, tree.PROTOCOL):
            more, where = of_symbols(room, objects)
            values.update(more)
            places.update(where)
        if unreached is not None and room != tree.PROTOCOL:
            mine = [f"{name} of {file}: {whose}" for name, file, whose in
                    unreached if room == tree.IMAGE or
                    file.startswith(room + "/")]
            values["unreached"], places["unreached"] = len(mine), mine
        if room == tree.IMAGE:
            places["layer_arrows_up"] = objects.layer_arrows()
            values["layer_arrows_up"] = len(places["layer_arrows_up"])
        for measure in MEASURES:
            value = values.get(measure.name)
            if value is not None:
                yield room, measure.name, value, places.get(measure.name, [])
