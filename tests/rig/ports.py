# SPDX-License-Identifier: BSD-2-Clause
"""`make run PORT=8080:80` and TAP=tap0: the network behind a guest's adapter;
SOCK=/tmp/vm.sock: where its streams of hv_sock go."""
from __future__ import annotations

from pathlib import Path

from debugger import is_free

NUMBERS = range(1, 65536)
SOCKET_PATH_MOST = 107  # bytes; sockaddr_un
Pairs = tuple[tuple[int, int], ...]


def pairs(text: str) -> Pairs | None:
    """Returns (port here, port of the guest) for each HERE:GUEST of a list with
    commas, or None if the text is no such list."""
    found = []
    for item in text.split(","):
        numbers = item.split(":")
        if len(numbers) != 2 or not all(
                number.isascii() and number.isdecimal() and
                int(number) in NUMBERS for number in numbers):
            return None
        found.append((int(numbers[0]), int(numbers[1])))
    return tuple(found)


def misuse(text: str, asks: bool) -> str | None:
    """Returns what is wrong with PORT=, or None. `asks`: also whether the ports
    of this machine are free now."""
    found = pairs(text)
    if found is None:
        return ("expected PORT=HERE:GUEST, with more of them behind commas and "
                f"each number from {NUMBERS[0]} to {NUMBERS[-1]}, found "
                f"PORT={text}: PORT=8080:80 makes port 80 of the guest port "
                "8080 here")
    here = [port for port, _ in found]
    for port in here:
        if here.count(port) > 1:
            return (f"expected each port of this machine once in PORT=, found "
                    f"{port} {here.count(port)} times")
        if asks and not is_free(port):
            return (f"expected a free port of this machine, found that {port} "
                    "is in use or not allowed: name another one, "
                    "PORT=HERE:GUEST")
    return None


def tap_misuse(name: str, port: str | None) -> str | None:
    """Returns what is wrong with TAP=, or None."""
    if port is not None:
        return (f"expected PORT= or TAP=, found PORT={port} and TAP={name}: a "
                "guest on a tap device has an address of its own, so its ports "
                "need no other number")
    if not name.replace("-", "").isalnum() or \
            not Path("/sys/class/net", name, "tun_flags").is_file():
        return (f"expected a tap device of this machine, found TAP={name}: "
                "make one by `ip tuntap add dev tap0 mode tap`, give it an "
                "address or put it in a bridge, and set it up")
    return None


def sock_misuse(path: Path) -> str | None:
    """Returns what is wrong with SOCK=, or None."""
    if path.exists() and not path.is_socket():
        return (f"expected a socket or nothing at SOCK={path}, found something "
                "else: name another path, it is made")
    if not path.absolute().parent.is_dir():
        return (f"expected a folder for SOCK={path}, found none at "
                f"{path.absolute().parent}: make it")
    if len(str(path).encode()) > SOCKET_PATH_MOST:
        return (f"expected at most {SOCKET_PATH_MOST} bytes in SOCK=, found "
                f"{len(str(path).encode())}: name a shorter path")
    return None
