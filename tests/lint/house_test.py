#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Does tools/house measure what it says? Each test gives it a small tree, a
graph or a text whose measures can be counted by hand."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tools/house"))

import graph  # noqa: E402
import headers  # noqa: E402
import measures  # noqa: E402
import objects as guest  # noqa: E402
import reach  # noqa: E402
import table  # noqa: E402
import text  # noqa: E402
import tree  # noqa: E402


class Tree(unittest.TestCase):
    """A tree in a folder of its own."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        self.addCleanup(self.folder.cleanup)

    def write(self, path, content):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")

    def read(self, **files):
        for name, content in files.items():
            self.write(name.replace("__", "/").replace("_c", ".c").replace(
                "_h", ".h"), content)
        return tree.read(self.root)

    def compile(self, *paths):
        for path in paths:
            target = self.root / "build/guest" / (path + ".o")
            target.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["gcc", "-ffunction-sections", "-c",
                            self.root / path, "-o", target], check=True)


class Graphs(unittest.TestCase):
    def test_circles_are_found_largest_first(self):
        self.assertEqual(graph.circles({
            "a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": {"d"},
            "f": {"a"}}), [["a", "b", "c"], ["d", "e"]])

    def test_a_chain_has_a_floor_for_each_node_and_no_arrow_up(self):
        uses = {"a": {"b"}, "b": {"c"}, "c": set()}
        order = graph.order(uses)
        self.assertEqual(order, ["a", "b", "c"])
        self.assertEqual(graph.floors(uses, order), 3)
        self.assertEqual(graph.upward(uses, order), [])

    def test_a_circle_has_one_arrow_up(self):
        uses = {"a": {"b"}, "b": {"c"}, "c": {"a"}}
        self.assertEqual(len(graph.upward(uses, graph.order(uses))), 1)


class Texts(Tree):
    def test_a_line_with_a_part_of_a_comment_counts_as_comment(self):
        found = self.read(arch__x_c="/* one\n * two */\n\nint x; // three\n"
                          'char *y = "/* none */";\n')
        self.assertEqual(text.comment_share(found), 3 / 4)

    def test_five_equal_lines_are_a_duplicate_and_four_are_none(self):
        lines = [f"    call({n});\n" for n in range(5)]
        self.read(arch__x_c="".join(lines), hv__y_c="".join(lines[:4]))
        self.assertEqual(text.duplicates(tree.read(self.root)), [])
        self.write("hv/y.c", "".join(lines))
        self.assertEqual(text.duplicates(tree.read(self.root)),
                         ["hv/y.c:1 as arch/x.c:1"])

    def test_booleans_of_one_struct_are_counted(self):
        found = self.read(arch__x_h="struct s {\n    bool a, b;\n"
                          "    int c;\n    bool d; /* bool */\n};\n")
        self.assertEqual(list(text.booleans(found)),
                         [(3, "struct s of arch/x.h")])


class Headers(Tree):
    def test_each_function_needs_a_comment_of_its_own(self):
        found = self.read(arch__x_h="/* What f does. */\nint f(void);\n"
                          "int g(int a,\n      int b);\nint h(void); /* h */\n"
                          "/* ---- heading ---- */\nvoid i(void);\n"
                          "static inline int j(void)\n{\n    return k(1);\n}\n")
        self.assertEqual(headers.without_contract(found),
                         ["arch/x.h: g", "arch/x.h: i"])

    def test_a_function_type_carries_the_contract_of_its_function(self):
        found = self.read(kmcl__x_h="/* What F does. */\ntypedef int FN_F(int "
                          "a);\nFN_F F;\n")
        self.assertEqual(list(headers.declarations(found[0])), [("F", True)])

    def test_floors_follow_the_longest_chain_of_includes(self):
        found = self.read(arch__x_c='#include "arch/y.h"\n',
                          arch__y_h='#include "arch/z.h"\n', arch__z_h="\n")
        self.assertEqual(headers.floors(found), 3)

    def test_an_include_must_name_the_folder_that_there_is(self):
        found = self.read(arch__x_c='#include "y.h"\n#include "arch/y.h"\n',
                          arch__y_h="\n", app__one__x_c='#include "own.h"\n',
                          app__one__own_h="\n")
        self.assertEqual(list(headers.bare(found)), ["arch/x.c: y.h"])


class Symbols(Tree):
    def build(self, **files):
        sources = self.read(**files)
        self.compile(*(s.path for s in sources if s.suffix == ".c"))
        return sources, guest.Objects(self.root / "build/guest", sources)

    def test_a_circle_of_two_objects_is_measured(self):
        _, objects = self.build(
            arch__x_c="void b(void);\nvoid a(void)\n{\n    b();\n}\n",
            arch__y_c="void a(void);\nvoid b(void)\n{\n    a();\n}\n")
        values, _ = measures.of_symbols("arch", objects)
        self.assertEqual((values["objects"], values["circle"],
                          values["arrows_up"]), (2, 2, 1))

    def test_a_call_of_a_higher_layer_is_an_arrow_up_unless_declared_below(
            self):
        files = {"arch__x_c": "void b(void);\nvoid a(void)\n{\n    b();\n}\n",
                 "hv__y_c": "void b(void)\n{\n}\n"}
        self.assertEqual(self.build(**files)[1].layer_arrows(),
                         ["b of hv/y.c by arch/x.c"])
        files["arch__seam_h"] = "void b(void);\n"
        self.assertEqual(self.build(**files)[1].layer_arrows(), [])

    def reach(self, exported, **files):
        sources, objects = self.build(**files)
        self.write("tools/lint/exported", exported)
        names = reach.Exported(self.root / reach.EXPORTED, sources,
                               self.root)
        image = self.root / "build/guest/app/one/main.c.o"
        found, reached = reach.unreached(self.root, self.root / "build/guest",
                                         objects, [image], names)
        return [line.split(": ", 1)[1].split(":")[0] for line in
                reach.errors(found, reached, objects, names)]

    FILES = {
        "app__one__main_c": "int main(void)\n{\n    return 0;\n}\n",
        "arch__x_c": "void below(void)\n{\n}\nvoid used(void)\n{\n"
                     "    below();\n}\n",
        "tests__t_c": "used();\n",
    }

    def test_what_no_image_holds_is_named_with_who_reaches_it(self):
        self.assertEqual(self.reach("", **self.FILES),
                         ["below is reached by nobody",
                          "used is reached by tests only"])

    def test_a_listed_name_reaches_what_it_uses(self):
        self.assertEqual(self.reach("used\ta reason\n", **self.FILES), [])

    def test_a_line_without_a_reason_or_without_need_is_an_error(self):
        self.assertEqual(len(self.reach("used\n", **self.FILES)), 1)
        self.assertIn("no file of the image defines gone", self.reach(
            "used\ta reason\ngone\ta reason\n", **self.FILES)[0])


class Limits(Tree):
    def failures(self, values, limits):
        self.write("now", values)
        self.write("limits", limits)
        return list(table.failures(table.read(self.root / "now"),
                                   table.read_limits(self.root / "limits")))

    def test_a_worse_value_fails_and_says_what_to_do(self):
        found = self.failures("arch\tcircle\t3\n", "arch\tcircle\t2\t0\n")
        self.assertEqual(len(found), 1)
        self.assertIn("found 3, the limit is 2: cut the circle", found[0])

    def test_a_share_must_not_shrink(self):
        limit = "image\tcomments\t0.20\t0.20\n"
        self.assertEqual(self.failures("image\tcomments\t0.21\n", limit), [])
        self.assertEqual(
            len(self.failures("image\tcomments\t0.19\n", limit)), 1)

    def test_a_limit_of_something_that_is_not_measured_fails(self):
        self.assertIn("nothing was measured",
                      self.failures("", "nowhere\tcircle\t2\t0\n")[0])


if __name__ == "__main__":
    unittest.main()
