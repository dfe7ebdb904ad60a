#!/usr/bin/env python3
"""The rig's own parts, without starting a machine."""
from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "rig"), str(TESTS / "minihv")]

import fetch  # noqa: E402
import host  # noqa: E402
import l1  # noqa: E402
import minihv_host  # noqa: E402
import nested  # noqa: E402
import patch  # noqa: E402
import tap  # noqa: E402
from channel import Socket  # noqa: E402
from console import EscapeFilter  # noqa: E402
from cpio import Archive  # noqa: E402
from guest import Guest, Place, command  # noqa: E402
from qmp import Qmp, QmpError  # noqa: E402

PLACE = Place("qemu", "/fw", "/a.efi", "/esp", "/trace", "null", "null", "null")


def names_in(archive: bytes) -> list[str]:
    """Names of a newc archive, read independently of the writer."""
    names, at = [], 0
    while at < len(archive):
        assert archive[at:at + 6] == b"070701", archive[at:at + 6]
        size = int(archive[at + 54:at + 62], 16)
        length = int(archive[at + 94:at + 102], 16)
        names.append(archive[at + 110:at + 110 + length - 1].decode())
        at = (at + 110 + length + 3) // 4 * 4
        at = (at + size + 3) // 4 * 4
    return names


def test_the_archive_has_parents_before_children_once() -> None:
    archive = Archive()
    archive.file("a/b/x", "text")
    archive.file("a/b/y", b"12345", executable=True)
    archive.symlink("a/z", "/a/b/x")
    assert names_in(archive.bytes()) == [
        "a", "a/b", "a/b/x", "a/b/y", "a/z", "TRAILER!!!"]


def test_a_payload_stores_each_image_once() -> None:
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "x.efi"
        image.write_bytes(b"MZ" * 50000)
        guests = [Guest(image, cmdline=str(n)) for n in range(20)]
        data = nested.payload(guests)
    assert len(data) < 200_000, len(data)
    assert "payload/19/esp/EFI/BOOT/BOOTX64.EFI" in names_in(data)


def test_screen_control_is_dropped_in_any_portions() -> None:
    stream = (b"\x1b[2J\x1b[01;01Hone\r\n\x1b[=3htwo \x1b[1mb\x1b[0m\n"
              b"up 1\rup 2\n")
    for size in range(1, len(stream)):
        screen = EscapeFilter()
        got = b"".join(screen.feed(stream[at:at + size])
                       for at in range(0, len(stream), size))
        assert got == b"one\ntwo b\nup 1\rup 2\n", (size, got)


def mirror_of(name: str, text: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        etc = Path(folder)
        (etc / "sources.list.d").mkdir()
        (etc / name).write_text(text)
        return fetch.find_mirror(etc)


def test_the_mirror_comes_from_the_apt_sources() -> None:
    assert mirror_of("sources.list", "# deb http://no/debian x main\n"
                     "deb [arch=amd64] http://a.example/debian bookworm main"
                     ) == "http://a.example/debian"
    assert mirror_of("sources.list.d/x.sources",
                     "Types: deb\nURIs: https://b.example/pub/debian/\n"
                     ) == "https://b.example/pub/debian/"


def test_no_mirror_says_what_to_do() -> None:
    try:
        mirror_of("sources.list", "deb http://a.example/other x main\n")
    except fetch.FetchError as error:
        assert "apt sources" in str(error)
    else:
        raise AssertionError("took a mirror that is none of Debian")


def test_two_builders_take_turns_and_clear_what_was_left() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "tmp.1").mkdir()
        inside: list[int] = []

        def build() -> None:
            with fetch.locked(folder):
                assert not (folder / "tmp.1").exists()
                inside.append(1)
                assert sum(inside) == 1, "two at a time"
                time.sleep(0.1)
                inside.append(-1)
        builders = [threading.Thread(target=build) for _ in range(2)]
        for builder in builders:
            builder.start()
        for builder in builders:
            builder.join()
        assert len(inside) == 4, inside


def test_a_binary_of_another_shape_is_not_patched() -> None:
    try:
        patch.with_quick_balloon(b"nothing of that kind" * 100)
    except patch.PatchError:
        return
    raise AssertionError("patched what it did not recognise")


def test_the_wait_of_the_balloon_is_changed_in_one_place() -> None:
    add = b"\x48\x81\xc0" + (50_000).to_bytes(4, "little")
    code = b"\x90" * 40 + add + b"\x90" * 40
    changed = patch.with_quick_balloon(code)
    assert changed == code.replace(add[3:], (500).to_bytes(4, "little"))
    try:
        patch.with_quick_balloon(code + code)
    except patch.PatchError:
        return
    raise AssertionError("took one of two places")


def test_the_command_line_is_what_was_asked_for() -> None:
    line = command(Guest(Path("x"), cmdline="exit a=b", smp=2, memory=6144,
                         hv=("hv-vpindex",), cpu="-x2apic"), PLACE)
    text = " ".join(line)
    assert "-cpu host,kvm=off,hv-vpindex,-x2apic" in text
    assert "-smp 2 -m 6144M" in text
    assert line[line.index("-append") + 1] == "exit a=b"
    assert "-device vmbus-bridge -device hv-balloon" in text


def test_plain_qemu_gets_no_hyper_v() -> None:
    place = Place("qemu", "/fw", "/a", "/e", "/t", "null", "null", "null",
                  ("tcg",))
    text = " ".join(command(Guest(Path("x"), serial=False), place))
    assert "hv-" not in text and "vmbus-bridge" not in text
    assert "-serial" not in text and "-nodefaults" in text


def test_a_process_dies_with_the_one_that_started_it() -> None:
    code = (f"import sys; sys.path.insert(0, {str(TESTS / 'rig')!r})\n"
            "import host, os, signal\n"
            "p = host.spawn(['sleep', '60']); print(p.pid, flush=True)\n"
            "os.kill(os.getpid(), signal.SIGKILL)\n")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True,
                          text=True, check=False)
    child = Path("/proc") / done.stdout.strip()
    for _ in range(1200):
        if not child.exists() or "Z" in (child / "stat").read_text():
            return
        time.sleep(0.1)
    raise AssertionError("the child lives on")


def test_end_process_ends_a_stubborn_group() -> None:
    process = host.spawn(["sh", "-c", "trap '' TERM; echo; sleep 9999 & wait"],
                         stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()  # from here on it does not care
    host.end_process(process, patience=0.3)
    assert process.poll() is not None


def outer_that_dies(words: str) -> tuple[int, int, str]:
    """Run a guest on an outer machine that dies with these words. Starts,
    counted aborts, and the error."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "image").write_bytes(b"MZ")
        (folder / "base.cpio").write_bytes(b"")
        qemu = folder / "qemu-outer"
        qemu.write_text(f"#!/bin/sh\necho x >> {folder}/starts\n"
                        f"echo '{words}' >&2\nexit 134\n")
        qemu.chmod(0o755)
        guest = Guest(folder / "image")
        machine = nested.Nested(l1.Kit(folder), [guest])
        try:
            machine.run(guest)
        except host.HostFailed as error:
            starts = len((folder / "starts").read_text().splitlines())
            return starts, machine.known_aborts, str(error)
        finally:
            machine.close()
    raise AssertionError("a dead machine ran a guest")


def test_the_known_abort_is_tried_again_twice() -> None:
    starts, aborts, error = outer_that_dies(
        "ERROR:tcg_handle_interrupt: assertion failed: (bql_locked())")
    assert (starts, aborts) == (3, 2), (starts, aborts)
    assert "assertion failed" in error


def test_another_death_is_not_tried_again() -> None:
    starts, aborts, error = outer_that_dies("Segmentation fault")
    assert (starts, aborts) == (1, 0), (starts, aborts)
    assert "Segmentation fault" in error


def test_an_answer_that_arrives_behind_qemus_end_counts() -> None:
    with tempfile.TemporaryDirectory() as folder:
        channel = Socket(Path(folder) / "qmp")
        qemu = socket.socket(socket.AF_UNIX)
        qemu.connect(str(Path(folder) / "qmp"))

        def end_late() -> None:
            qemu.recv(100)
            time.sleep(0.5)
            qemu.sendall(b'{"return": {}}\n')
            qemu.close()

        late = threading.Thread(target=end_late)
        late.start()
        assert Qmp(channel, lambda: True).command("quit") == {}
        late.join()
        try:
            Qmp(channel, lambda: True).command("stop")
            raise AssertionError("no error of a command without an answer")
        except (QmpError, OSError):
            pass
        channel.close()


def test_ports_become_a_network_that_forwards_them() -> None:
    with tempfile.TemporaryDirectory() as folder:
        line = forwarding(((8080, 80), (2222, 22)), Path(folder))
        text = (Path(folder) / "conf").read_text()
    assert "user,id=net0,hostfwd=tcp:127.0.0.1:8080-:80" \
           ",hostfwd=tcp:127.0.0.1:2222-:22" in line, line
    assert "devices=echo,heartbeat,storage,network\n" in text, text


def test_without_ports_there_is_no_network() -> None:
    with tempfile.TemporaryDirectory() as folder:
        line = forwarding((), Path(folder))
        text = (Path(folder) / "conf").read_text()
    assert "-netdev" not in line and "devices" not in text, (line, text)


def test_ports_need_the_network_among_the_devices() -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            forwarding(((8080, 80),), Path(folder), "devices=echo")
            raise AssertionError("no error of ports without a network")
        except host.HostFailed as error:
            assert "found devices=echo" in str(error), error
        assert forwarding(((8080, 80),), Path(folder), "devices=echo,network")


def forwarding(ports: tuple[tuple[int, int], ...], folder: Path,
               config: str = "") -> list[str]:
    """Returns the command line of minihv's QEMU for a guest with these."""
    image = folder / "image"
    image.write_text("not empty")
    guest = Guest(image, ports=ports, config=config)
    ((_, line),) = minihv_host.Minihv(image).lines(guest, folder)
    return line


def test_minihv_says_how_much_memory_it_needs() -> None:
    machine = minihv_host.Minihv(Path(__file__))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "image").write_text("not empty")
        assert machine.lines(Guest(folder / "image", memory=80), folder)
        try:
            machine.lines(Guest(folder / "image", memory=79), folder)
            raise AssertionError("no error of too little memory")
        except host.HostFailed as error:
            assert "expected MEM=80" in str(error), error
            assert "found MEM=79" in str(error), error


class MinihvThatSays(minihv_host.Minihv):
    """A host whose runs end with these statuses and logs, one after another."""

    def __init__(self, *runs: tuple[int, str]) -> None:
        super().__init__(Path("no-image"))
        self.runs = list(runs)

    def _run_once(self, *_: object) -> host.Result:
        status, log = self.runs.pop(0)
        return host.Result(status, "", [], [], False, log, 0.0, {})


def test_a_run_that_qemu_breaks_is_repeated_and_counted() -> None:
    machine = MinihvThatSays((47, "minihv: QEMU failed: this and that\n"),
                             (33, "all is well"), (0, "never asked for"))
    assert machine.run(Guest(Path("image"))).status == 33
    assert (machine.known_aborts, len(machine.runs)) == (1, 1)


def test_a_run_that_qemu_always_breaks_is_repeated_twice() -> None:
    broken = (47, "minihv: QEMU failed: this and that\n")
    machine = MinihvThatSays(broken, broken, broken, (33, "never asked for"))
    assert machine.run(Guest(Path("image"))).status == 47
    assert (machine.known_aborts, len(machine.runs)) == (2, 1)


def test_a_run_that_the_guest_breaks_is_not_repeated() -> None:
    for status, log in ((45, "minihv: guest misbehaved: triple fault"),
                        (45, "minihv: QEMU failed: says the guest"),
                        (47, "minihv: failed: no HPET")):
        machine = MinihvThatSays((status, log), (33, "never asked for"))
        assert machine.run(Guest(Path("image"))).status == status
        assert (machine.known_aborts, len(machine.runs)) == (0, 1)


if __name__ == "__main__":
    sys.exit(tap.run(globals()))
