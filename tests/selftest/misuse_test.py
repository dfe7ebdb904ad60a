#!/usr/bin/env python3
"""Wrong words on a command line end at once, with a status and a message
that says what was found and what was expected."""
from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
sys.path[:0] = [str(TESTS), str(TESTS / "rig")]

import hosts  # noqa: E402
import l1  # noqa: E402
import tap  # noqa: E402

RUN = (sys.executable, "tests/rig/run.py", "--image", "Makefile")


def refused(command: tuple[str, ...], status: int, *words: str) -> None:
    """The command must end so and say all of that, in few lines."""
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(command, cwd=ROOT, env=clean, timeout=60,
                          capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == status, (done.returncode, said)
    assert len(said.splitlines()) < 8, said
    for word in words:
        assert word in said, (word, said)


def refused_make(*words: str, says: tuple[str, ...]) -> None:
    """So must make, which answers 2 to everything."""
    refused(("make", "-s", *words), 2, "found", "expected", *says)


def refused_run(*options: str, says: tuple[str, ...]) -> None:
    """So must the command behind `make run`."""
    refused((*RUN, *options), 2, *says)


def test_make_refuses_an_application_that_is_none() -> None:
    refused_make("APP=nonsense", says=("nonsense", "appliance", "app/NAME"))
    refused_make("APP=disk offers", says=("one of",))
    refused_make("APP=", says=("found nothing",))


def test_make_refuses_suites_that_are_none() -> None:
    refused_make("test", "SUITES=ring nonsense", says=(
        "found nonsense,", "bus-faults"))
    refused_make("test", "SUITES=", says=("found nothing",))
    refused_make("suite-nonsense", says=("bus-faults",))
    refused(("make", "-s", "suite-ring-nonsense"), 2, "ring-nonsense")


def test_make_refuses_benchmarks_and_fuzzers_that_are_none() -> None:
    refused_make("bench", "BENCHES=nonsense", says=("found nonsense,", "ring"))
    refused_make("fuzz", says=("FUZZER", "hostmsg"))
    refused_make("fuzz", "FUZZER=nonsense", says=("found nonsense,", "ring"))
    refused_make("fuzz", "FUZZER=ring kmcl", says=("one of",))


def test_make_refuses_seconds_that_are_none() -> None:
    refused_make("test", "SUITES=ring", "TEST_SECONDS=long",
                 says=("'long'", "whole seconds"))


def test_make_refuses_a_build_folder_that_cannot_be() -> None:
    refused_make("BUILD=Makefile/x", says=("Makefile ", "BUILD=FOLDER"))


def test_mutants_of_no_table_are_a_failure() -> None:
    refused_make("suite-mutants", "MUTANTS=nothing like it",
                 says=("nothing like it", "tests/mutants/ring.tsv"))
    refused_make("mutants-sweep", "FILES=kmcl/nonsense.c",
                 says=("kmcl/nonsense.c", "FILES="))
    refused_make("mutants-sweep", "FILES=kmcl/send app/offers",
                 says=("app/offers/", "SWEEP_SUITES="))


def test_make_passes_arguments_on_with_their_quotes() -> None:
    done = subprocess.run(
        ["make", "-ns", "run", "HOST=tcg", "ARGS=it's $$HOME"], cwd=ROOT,
        capture_output=True, text=True, check=True)
    assert r"--args='it'\''s $HOME'" in done.stdout, done.stdout[-500:]


def test_make_images_packs_the_program_that_is_named() -> None:
    refused_make("images", "IMAGE=build/vmbare.elf", "-o", "build/vmbare.elf",
                 says=("IMAGE=build/vmbare.elf", "FILE.efi"))
    done = subprocess.run(
        ["make", "-ns", "images", "IMAGE=build/app-disk.efi"], cwd=ROOT,
        capture_output=True, text=True, check=True)
    for kind in ("vhdx", "vhd", "iso"):
        assert f"build/app-disk.{kind}" in done.stdout, done.stdout[-500:]
    assert "vmbare.vhdx" not in done.stdout and "next:" in done.stdout


def test_make_refuses_a_door_that_is_none() -> None:
    refused_make("run", "BOOT=bios", says=("found bios", "uefi or direct"))
    refused_make("run", "BOOT=uefi direct", says=("found uefi direct",))


def test_run_refuses_firmware_for_an_image_without() -> None:
    with tempfile.NamedTemporaryFile(suffix=".elf") as image:
        for option in (("--firmware", "12"), ("--screen",),
                       ("--without-disk",)):
            refused((sys.executable, "tests/rig/run.py", "--image",
                     image.name, "--host", "tcg", *option), 2,
                    "expected BOOT=uefi", option[0])


def test_run_refuses_values_that_cannot_be() -> None:
    refused_run("--smp", "0", says=("expected SMP=1", "found SMP=0"))
    refused_run("--smp", "x", says=("'x'", "docs/testing.md"))
    refused_run("--mem", "1", says=("expected MEM=64", "found MEM=1"))
    refused_run("--timeout", "0", says=("expected TIMEOUT=", "found 0"))
    refused_run("--host", "nonsense", says=("'nonsense'", "'minihv'"))
    refused_run("--nonsense", says=("--nonsense", "docs/testing.md"))


def test_run_refuses_options_that_the_host_does_not_look_at() -> None:
    refused_run("--host", "tcg", "--hv", "hv-time",
                says=("expected HOST=auto or kvm or nested with --hv",
                      "found HOST=tcg"))
    refused_run("--host", "minihv", "--devices", "", says=("--devices",))
    refused_run("--host", "minihv", "--conf", "x.conf",
                says=("--conf", "found HOST=minihv"))
    refused_run("--host", "nested", "--config", "strict=1",
                says=("expected HOST=minihv with --config",))


def test_run_refuses_ports_that_cannot_be() -> None:
    on = ("--host", "minihv", "--port")
    for text in ("80", "8080:", ":80", "8080:80,", "0:80", "8080:65536",
                 "a:80", "-1:80", "1:2:3", "\N{SUPERSCRIPT TWO}:80"):
        refused_run(*on[:2], f"--port={text}", says=(
            "expected PORT=HERE:GUEST", f"found PORT={text}"))
    refused_run(*on, "8080:80,8080:81", says=("once", "found 8080 2 times"))
    refused_run("--host", "nested", "--port", "8080:80", says=(
        "expected HOST=minihv with --port",))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused_run(*on, f"{port}:80", says=(f"that {port} is in use",
                                             "PORT=HERE:GUEST"))


def test_run_refuses_what_can_be_no_socket() -> None:
    on = ("--host", "minihv")
    refused_run(*on, "--sock=/etc/passwd", says=("found something else",))
    refused_run(*on, "--sock=/nowhere/at/all", says=(
        "expected a folder", "found none at /nowhere/at"))
    refused_run(*on, f"--sock=/tmp/{'x' * 103}", says=("found 108",))
    refused_run("--host", "tcg", "--sock=/tmp/vm", says=(
        "expected HOST=minihv with --sock",))


def test_run_refuses_what_is_no_tap_device() -> None:
    for name in ("nosuch0", "lo", "", "../net/lo", "tap 0"):
        refused_run("--host", "minihv", f"--tap={name}", says=(
            "expected a tap device", f"found TAP={name}", "ip tuntap add"))
    refused_run("--host", "minihv", "--tap=tap0", "--port=8080:80", says=(
        "expected PORT= or TAP=",))
    refused_run("--host", "nested", "--tap=tap0", says=(
        "expected HOST=minihv with --tap",))


def test_make_passes_ports_on() -> None:
    done = subprocess.run(
        ["make", "-ns", "run", "HOST=minihv", "PORT=8080:80,2222:22"],
        cwd=ROOT, capture_output=True, text=True, check=True)
    assert "--port='8080:80,2222:22'" in done.stdout, done.stdout[-500:]


def test_run_refuses_what_gdb_and_qemu_cannot_use() -> None:
    refused_run("--gdb", "80", says=("expected GDB=1", "found GDB=80"))
    refused_run("--gdb", "yes", says=("found GDB=yes",))
    refused_run("--gdb", "1", says=("symbols for gdb in Makefile.elf",))
    refused_run("--qemu", "/no/such/qemu", says=(
        "expected a program as QEMU=", "/no/such/qemu"))
    refused_run("--qemu-args", "-d 'int", says=(
        "expected words of a shell as QEMU_ARGS=", "-d 'int"))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused_run("--gdb", str(taken.getsockname()[1]), says=(
            "is in use", "GDB=PORT"))


# run.py on a machine that reaches no mirror.
OFFLINE = """
import sys
sys.path[:0] = ["tests", "tests/rig"]
import fetch, l1, run
def kit():
    raise fetch.FetchError("no mirror answers")
l1.kit = kit
sys.exit(run.main())
"""


def test_a_host_that_must_be_downloaded_says_so() -> None:
    refused((sys.executable, "-c", OFFLINE, "--image", "Makefile", "--host",
             "tcg"), 7, "no mirror answers", "HOST=minihv needs none")


def no_network() -> l1.Kit:
    raise AssertionError("it was asked for")


def test_minihv_needs_no_download() -> None:
    name, _ = hosts.choose("minihv", no_network)
    hosts.make(name, no_network, [], print).close()


def test_minihv_alone_refuses_files_that_are_not_there() -> None:
    refused((sys.executable, "tests/minihv/run.py", "build/nonsense.efi"), 2,
            "expected a file, found no build/nonsense.efi")


def test_a_seed_is_a_number() -> None:
    refused_make("suite-kmcl-model", "SEED=abc", "-o",
                 "build/kmcl/model/model", says=("'abc'",))


def test_a_case_that_is_none_is_no_success() -> None:
    refused((sys.executable, "tests/system/system.py", "power", "--images",
             "build", "--lying-images", "build", "--only", "nonsense"),
            2, "found no case of power with 'nonsense'", "they are:")


def test_tables_of_several_hosts_share_no_machine() -> None:
    refused((sys.executable, "tests/system/system.py", "power", "tcg",
             "--images", "build", "--lying-images", "build"), 2,
            "expected tables of one host", "tcg for tcg")


def test_tools_tell_how_they_are_used() -> None:
    for tool in ("tools/images/make-image", "tools/newlib", "tools/lint/tap",
                 "tools/check-names", "tools/check-variables", "tools/alive",
                 "tools/compile-each"):
        refused((tool,), 2, f"usage: {tool}")
    for tool in ("tools/images/settle", "tests/bench/table"):
        refused((tool,), 1, f"usage: {tool}")


def test_deps_knows_its_purposes() -> None:
    refused(("tools/deps",), 1, "usage", "images")
    refused(("tools/deps", "nonsense"), 1, "nonsense")


def test_deps_names_the_purposes_that_there_are() -> None:
    for words in ((), ("nosuch",)):
        done = subprocess.run([str(ROOT / "tools/deps"), *words],
                              capture_output=True, text=True, check=False)
        assert done.returncode != 0 and not done.stdout, done
        for purpose in ("build", "run", "services", "net", "http", "lint"):
            assert f" {purpose}" in done.stderr, (purpose, done.stderr)
    assert "found nosuch" in done.stderr, done.stderr


if __name__ == "__main__":
    sys.exit(tap.run(globals()))
