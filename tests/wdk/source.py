#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compiles driver source: the samples here and against mingw-w64's DDK, and what
cannot exist, which must end in an error that says what to do.

    source.py BUILD    TAP
"""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import tap  # noqa: E402

BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build")
DRIVERS = ROOT / "tests/wdk/driver"
COMMON = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Wno-multichar",
          "-Wno-unknown-pragmas", "-O2", "-fsyntax-only"]
OURS = ["gcc", *COMMON, f"-I{ROOT / 'wdk/include'}",
        f"-I{ROOT / 'kmcl/include'}", f"-I{ROOT / 'app/include'}"]
DDK = "/usr/x86_64-w64-mingw32/include/ddk"
MINGW = ["x86_64-w64-mingw32-gcc", *COMMON, f"-I{ROOT / 'tests/wdk/windows'}",
         "-isystem", DDK]


def compiled(command, source):
    """What the compiler says of a text; empty: it takes it."""
    run = subprocess.run([*command, "-x", "c", "-"], input=source, text=True,
                         capture_output=True, check=False)
    assert bool(run.stderr) == bool(run.returncode), run.stderr
    return run.stderr


def sample(command, name):
    run = subprocess.run([*command, str(DRIVERS / name)], text=True,
                         capture_output=True, check=False)
    assert not run.returncode, run.stderr


def refused(body, message):
    source = ("#include <ntddk.h>\nVOID f(PDRIVER_OBJECT d);\n"
              f"VOID f(PDRIVER_OBJECT d) {{ (void)d; {body} }}\n")
    said = compiled([*OURS, "-fshort-wchar"], source)
    assert message in said, f"expected '{message}', found:\n{said}"


def test_VSC_compiles_here():
    sample([*OURS, "-fshort-wchar"], "vsc.c")


def test_VSP_compiles_here():
    sample([*OURS, "-fshort-wchar"], "vsp.c")


def test_VSC_compiles_unchanged_against_the_DDK_of_mingw_w64():
    sample(MINGW, "vsc.c")


def test_VSP_compiles_unchanged_against_the_DDK_of_mingw_w64():
    sample(MINGW, "vsp.c")


def test_what_only_vmbare_has_is_no_part_of_the_samples():
    for name in ("vsc.c", "vsp.c", "vsproto.h"):
        text = (DRIVERS / name).read_text()
        for word in ("Wdk", "wdk", "vmbare", "kmcl_"):
            assert word not in text, f"{name}: {word}"


def test_without_short_wchar_the_flag_is_named():
    assert "-fshort-wchar" in compiled(OURS, "#include <ntddk.h>\n")


def test_each_header_stands_alone():
    for name in ("ntddk.h", "wdm.h", "ntifs.h", "initguid.h", "wdf.h",
                 "VmbusKernelModeClientLibApi.h"):
        said = compiled([*OURS, "-fshort-wchar"], f"#include <{name}>\n")
        assert not said, f"{name}: {said}"


def test_try_is_refused():
    refused("__try { } __except (1) { }", "there is no __try here")


def test_dispatch_routines_are_refused():
    refused("d->MajorFunction[0] = NULL;", "there are no IRPs here")


def test_irps_threads_files_and_the_registry_are_refused():
    for call, message in (
            ("IoCompleteRequest();", "there are no IRPs here"),
            ("PsCreateSystemThread();", "IoQueueWorkItem"),
            ("ZwCreateFile();", "use libc's"),
            ("ZwOpenKey();", "options"),
            ("IoAttachDeviceToDeviceStack();", "no stack of devices"),
            ("ProbeForRead();", "no user mode")):
        refused(call, message)


def symbols(image):
    listed = subprocess.run(["nm", "--defined-only", str(BUILD / image)],
                            text=True, capture_output=True, check=True).stdout
    return {line.split()[-1] for line in listed.splitlines()}


COMPANION = {"wdk_seam", "wdk_lock", "WdkRunDriver", "DbgPrint", "KeSetEvent",
             "KeWaitForMultipleObjects", "ExAllocatePoolWithTag", "WdkFormat"}


def test_an_image_of_a_driver_has_the_companion():
    assert COMPANION - {"WdkRunDriver"} <= symbols("test-wdk.elf")
    assert "WdkRunDriver" in symbols("test-wdk-client.elf")


def test_an_image_of_another_application_has_nothing_of_it():
    for image in ("app-offers.elf", "app-disk.elf", "vmbare.elf"):
        found = {name for name in symbols(image)
                 if name in COMPANION or name.startswith(("wdk_", "Wdk"))}
        assert not found, f"{image}: {found}"


if __name__ == "__main__":
    sys.exit(tap.run(globals()))
