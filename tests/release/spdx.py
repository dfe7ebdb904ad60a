# SPDX-License-Identifier: BSD-2-Clause
"""What an SPDX 2.3 document in JSON must have, as far as ours uses it.

Source: the specification's sections 6 (document), 7 (packages), 8 (files),
10 (other licences) and 11 (relationships).
"""
from __future__ import annotations

import re
from typing import Any, Iterator

ID = re.compile(r"SPDXRef-[A-Za-z0-9.-]+")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
DIGITS = {"SHA1": 40, "SHA256": 64}
# Of SPDX's list of licences, those that NOTICES can lead to.
KNOWN = {"BSD-2-Clause", "BSD-3-Clause", "MIT", "X11", "GPL-3.0-or-later"}
EXCEPTIONS = {"GCC-exception-3.1"}
RELATIONS = {"DESCRIBES", "CONTAINS", "STATIC_LINK", "BUILD_DEPENDENCY_OF",
             "GENERATED_FROM"}


def problems(doc: dict[str, Any]) -> Iterator[str]:
    """Everything that is wrong with the document, a line each."""
    yield from _head(doc)
    own = {entry.get("licenseId") for entry in
           doc.get("hasExtractedLicensingInfos", [])}
    for entry in doc.get("hasExtractedLicensingInfos", []):
        if not re.fullmatch(r"LicenseRef-[A-Za-z0-9.-]+",
                            entry.get("licenseId", "")):
            yield f"licenseId {entry.get('licenseId')}"
        if len(entry.get("extractedText", "")) < 40:
            yield f"{entry.get('licenseId')}: no text"
    for entry in doc.get("packages", []):
        yield from _package(entry, own)
    for entry in doc.get("files", []):
        yield from _file(entry)
    yield from _relations(doc)


def _head(doc: dict[str, Any]) -> Iterator[str]:
    for key, value in (("spdxVersion", "SPDX-2.3"),
                       ("dataLicense", "CC0-1.0"),
                       ("SPDXID", "SPDXRef-DOCUMENT")):
        if doc.get(key) != value:
            yield f"{key} is {doc.get(key)}, not {value}"
    if not doc.get("name"):
        yield "the document has no name"
    space = doc.get("documentNamespace", "")
    if not re.fullmatch(r"[a-z][a-z0-9+.-]*:[^#\s]+", space):
        yield f"documentNamespace '{space}' is no URI without fragment"
    made = doc.get("creationInfo", {})
    if not MOMENT.fullmatch(made.get("created", "")):
        yield "creationInfo.created is no moment in UTC"
    if not all(re.match(r"(Tool|Person|Organization): \S", c)
               for c in made.get("creators", [""])):
        yield "creationInfo.creators names nobody"


def _licence(text: str, own: set[Any]) -> bool:
    if text in ("NOASSERTION", "NONE"):
        return True
    for part in re.split(r" (?:AND|OR) ", text):
        name, _, exception = part.partition(" WITH ")
        if name not in KNOWN | own or exception not in EXCEPTIONS | {""}:
            return False
    return True


def _checksums(entry: dict[str, Any]) -> Iterator[str]:
    for sum_ in entry.get("checksums", []):
        length = DIGITS.get(sum_.get("algorithm", ""), -1)
        if not re.fullmatch(r"[0-9a-f]{%d}" % max(length, 1),
                            sum_.get("checksumValue", "")):
            yield f"{entry.get('SPDXID')}: checksum {sum_}"


def _package(entry: dict[str, Any], own: set[Any]) -> Iterator[str]:
    name = entry.get("name")
    for key in ("name", "versionInfo", "downloadLocation"):
        if not entry.get(key):
            yield f"package {name} has no {key}"
    if entry.get("filesAnalyzed", True):
        yield f"package {name}: files analyzed, but no verification code"
    for key in ("licenseConcluded", "licenseDeclared"):
        if not _licence(entry.get(key, ""), own):
            yield f"package {name}: {key} {entry.get(key)} is not known"
    yield from _checksums(entry)


def _file(entry: dict[str, Any]) -> Iterator[str]:
    if not entry.get("fileName", "").startswith("./"):
        yield f"file name {entry.get('fileName')}"
    if "SHA1" not in {s.get("algorithm") for s in entry.get("checksums", [])}:
        yield f"file {entry.get('fileName')} has no SHA1"
    yield from _checksums(entry)


def _relations(doc: dict[str, Any]) -> Iterator[str]:
    entries = [doc, *doc.get("packages", []), *doc.get("files", [])]
    ids = [entry.get("SPDXID", "") for entry in entries]
    for one in ids:
        if not ID.fullmatch(one) or ids.count(one) > 1:
            yield f"SPDXID '{one}' is malformed or used twice"
    linked = set()
    for entry in doc.get("relationships", []):
        pair = {entry.get("spdxElementId"), entry.get("relatedSpdxElement")}
        linked |= pair
        if not pair <= set(ids):
            yield f"relationship between {pair}: no such element"
        if entry.get("relationshipType") not in RELATIONS:
            yield f"relationship {entry.get('relationshipType')}"
    for one in ids:
        if one not in linked:
            yield f"{one} is related to nothing"
