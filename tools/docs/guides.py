# SPDX-License-Identifier: BSD-2-Clause
"""Turns a guide (Markdown as GitHub shows it) into what doxygen understands.

Each heading gets a name of its own, so that links between pages arrive; a link
to a file that is no page becomes the file's path; '@', '\\' and '<' outside of
code are what they look like.
"""
import pathlib
import re

# A heading, a fence, a link, a piece of code.
HEADING = re.compile(r"^(#{1,6}) (.*?)\s*$")
FENCE = re.compile(r"^\s*(```|~~~)")
CODE = re.compile(r"(`+)(.+?)\1", re.S)
LINK = re.compile(r"(!?)\[((?:[^\[\]]|`[^`]*`)*)\]\(([^()\s]*)\)")


def page_name(path):
    """'docs/kmcl-guide.md' -> 'docs-kmcl-guide'"""
    if str(path) == "README.md":
        return "mainpage"  # so doxygen begins with it
    return re.sub(r"[^A-Za-z0-9]+", "-", str(path)[:-len(".md")]).strip("-")


def anchor(heading, used):
    """The anchor that GitHub gives a heading; `used` counts the equal ones."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
    text = re.sub(r"[^\w\- ]", "", text).strip().replace(" ", "-")
    used[text] = used.get(text, -1) + 1
    return text if used[text] == 0 else f"{text}-{used[text]}"


def escaped(text):
    text = text.replace("\\_", "&#95;").replace("\\*", "&#42;")
    return re.sub(r"<(?!!--)", "&lt;",
                  re.sub(r"([@\\]|(?<!\w)#(?=\w))", r"\\\1", text))


class Guide:
    def __init__(self, path, pages):
        self.path, self.pages = pathlib.PurePosixPath(path), pages
        self.level = 0

    def target(self, link):
        """doxygen's name of the page or section that a link means, or None."""
        file, _, section = link.partition("#")
        path = self.resolved(file) if file else str(self.path)
        if path not in self.pages:
            return None
        if not section:
            return page_name(path).replace("mainpage", "index")
        return f"{page_name(path)}--{section}"

    def resolved(self, file):
        parts = []
        for part in (self.path.parent / file).parts:
            if part == ".." and parts:
                parts.pop()
            elif part not in ("..", "."):
                parts.append(part)
        return "/".join(parts)

    def link(self, match):
        bang, label, link = match.groups()
        if bang:
            name = pathlib.PurePosixPath(link).name
            return f'![{escaped(label)}]({name})'
        if re.match(r"[a-z]+:", link):
            return f"[{self.inline(label)}]({link})"
        name = self.target(link)
        if name is None:
            path = self.resolved(link.partition("#")[0])
            plain = label.replace("`", "")
            return (f"`{path}`" if plain.rstrip("/") in path else
                    f"{self.inline(label)} (`{path}`)")
        label = label.replace("`", "").replace('"', "'")
        return f'@ref {name} "{label}"'

    def inline(self, text):
        """One paragraph's text: links first, code as it is, the rest safe."""
        out, at = [], 0
        pattern = re.compile(f"{LINK.pattern}|(?P<code>{CODE.pattern})"
                             .replace(r"\1", r"(?P=ticks)")
                             .replace("(`+)", "(?P<ticks>`+)"), re.S)
        for found in pattern.finditer(text):
            out.append(escaped(text[at:found.start()]))
            whole = found.group(0)
            out.append(whole if found["code"] else LINK.sub(self.link, whole))
            at = found.end()
        return "".join(out) + escaped(text[at:])

    def heading(self, match, used, is_first):
        level, text = match.groups()
        # doxygen wants each level below the one before.
        level = level[:self.level + 1]
        self.level = len(level)
        name = page_name(self.path)
        if not is_first:
            name += "--" + anchor(text, used)
        return f"{level} {self.inline(text)} {{#{name}}}"

    def convert(self, text):
        out, paragraph, used = [], [], {}
        is_fenced, is_first = False, True

        def flush():
            if paragraph:
                out.append(self.inline("\n".join(paragraph)))
                paragraph.clear()

        previous = ""
        for line in text.split("\n"):
            heading = None if is_fenced else HEADING.match(line)
            is_code = (re.match(r" {4,}\S", line) and not paragraph and
                       (not previous or re.match(r" {4,}", previous)))
            if FENCE.match(line) or is_fenced or heading or is_code:
                flush()
                out.append(self.heading(heading, used, is_first)
                           if heading else line)
                if FENCE.match(line):
                    is_fenced = not is_fenced
                is_first = is_first and not heading
            elif not line.strip():
                flush()
                out.append(line)
            else:
                paragraph.append(line)
            previous = line
        flush()
        return "\n".join(out)
