"""Where the processes below another one listen, as the kernel says (Linux)."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

LISTENING = "0A"


def addresses(words: str, parent: int | None = None) -> tuple[set[str], list[str]]:
    """The addresses at which processes listen whose command has ``words`` in it, and these commands.

    They are ``parent`` (this process if none is named) and all below it.
    """
    listening = dict(_listening())
    found, commands = set(), []
    for process in _below(parent or os.getpid()):
        # A process can end while it is looked at.
        with suppress(OSError):
            command = (process / "cmdline").read_text().replace("\0", " ")
            if words in command:
                commands.append(command)
                ends = [str(file.readlink()) for file in (process / "fd").iterdir()]
                found |= {listening[end] for end in ends if end in listening}
    return found, commands


def _listening() -> Iterator[tuple[str, str]]:
    """What a descriptor of a listening socket is a link to, and the address."""
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == LISTENING:
                yield f"socket:[{columns[9]}]", _address(columns[1].split(":")[0])


def _address(digits: str) -> str:
    """The kernel writes words of four bytes, each of them in the order of this machine."""
    raw = b"".join(bytes.fromhex(digits[at : at + 8])[::-1] for at in range(0, len(digits), 8))
    address = ipaddress.ip_address(raw)
    return str(getattr(address, "ipv4_mapped", None) or address)


def _below(parent: int) -> Iterator[Path]:
    children: dict[int, list[Path]] = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            after_name = (process / "stat").read_text().rpartition(")")[2].split()
            children.setdefault(int(after_name[1]), []).append(process)
    yield Path(f"/proc/{parent}")
    waiting = [parent]
    while waiting:
        for child in children.get(waiting.pop(), []):
            yield child
            waiting.append(int(child.name))
