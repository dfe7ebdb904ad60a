#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The structures of a VHDX that make-image writes are those of [MS-VHDX], whose
names and numbers are written down here once more.

    vhdx_test.py          makes a disk of a small file and looks at it
"""
from __future__ import annotations

import struct
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
sys.path.insert(0, str(TESTS))

import tap  # noqa: E402

REGION_TABLES = (0x30000, 0x40000)   # 2.2.3: two copies of 64 KiB
TABLE_SIZE = 0x10000
BAT = uuid.UUID("2dc27766-f623-4200-9d64-115e9bfd4a08")
METADATA = uuid.UUID("8b7ca206-4790-4b9a-b8fe-575f050f886e")
# 2.6.1.2 and 2.6.2: IsUser, IsVirtualDisk, IsRequired of each known item.
ITEMS = {
    uuid.UUID("caa16737-fa36-4d43-b3b6-33f0aa44e76b"): (0, 0, 1),  # parameters
    uuid.UUID("2fa54224-cd1b-4876-b211-5dbed83bf4b8"): (0, 1, 1),  # size
    uuid.UUID("beca12ab-b2e6-4523-93ef-c309e000c746"): (0, 1, 1),  # identity
    uuid.UUID("8141bf1d-a96f-4709-ba47-f233a8faab5f"): (0, 1, 1),  # logical
    uuid.UUID("cda348c7-445d-4471-9cc9-e9885251c556"): (0, 1, 1),  # physical
}


def disk_bytes() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "program.efi")
        program.write_bytes(b"MZ" + bytes(1000))
        disk = Path(folder, "disk.vhdx")
        subprocess.run([str(ROOT / "tools/images/make-image"), str(program),
                        str(disk)], check=True)
        return disk.read_bytes()


DISK = disk_bytes()


def crc32c(data: bytes) -> int:
    """Castagnoli's, a bit at a time."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def checksum_holds(data: bytes) -> bool:
    stated = struct.unpack_from("<I", data, 4)[0]
    return crc32c(data[:4] + bytes(4) + data[8:]) == stated


def regions(offset: int) -> list[tuple[uuid.UUID, int, int, int]]:
    """GUID, offset, length and flags of each entry."""
    table = DISK[offset:offset + TABLE_SIZE]
    signature, _, count, _ = struct.unpack_from("<4sIII", table)
    assert signature == b"regi", signature
    entries = [struct.unpack_from("<16sQII", table, 16 + 32 * i)
               for i in range(count)]
    return [(uuid.UUID(bytes_le=guid), at, size, flags)
            for guid, at, size, flags in entries]


def test_each_region_entry_is_required() -> None:
    for offset in REGION_TABLES:
        found = regions(offset)
        assert {entry[0] for entry in found} == {BAT, METADATA}, found
        for guid, at, size, flags in found:
            assert flags == 1, f"{guid}: Required is {flags}, expected 1"
            assert at % 0x100000 == 0 and size % 0x100000 == 0, (guid, at, size)


def test_both_region_tables_are_the_same_and_their_checksums_hold() -> None:
    first, second = (DISK[at:at + TABLE_SIZE] for at in REGION_TABLES)
    assert first == second
    assert checksum_holds(first)


def test_the_checksums_of_both_headers_hold() -> None:
    for offset in (0x10000, 0x20000):
        header = DISK[offset:offset + 4096]
        assert header[:4] == b"head" and checksum_holds(header), hex(offset)


def test_each_metadata_item_has_the_bits_of_the_specification() -> None:
    start = next(at for guid, at, _, _ in regions(REGION_TABLES[0])
                 if guid == METADATA)
    signature, _, count = struct.unpack_from("<8sHH", DISK, start)
    assert signature == b"metadata", signature
    found = {}
    for i in range(count):
        guid, _, _, flags = struct.unpack_from("<16sIII", DISK,
                                               start + 32 + 32 * i)
        found[uuid.UUID(bytes_le=guid)] = (flags & 1, flags >> 1 & 1,
                                           flags >> 2 & 1)
    assert found == ITEMS, found


if __name__ == "__main__":
    sys.exit(tap.run(globals()))
