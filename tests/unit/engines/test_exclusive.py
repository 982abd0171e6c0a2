"""One build at a time, and what a dead one left."""

import getpass
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cxmetrics.engines.exclusive import exclusive
from cxmetrics.errors import CxError
from support.full_disk import unwritable
from support.programs import start_program

HOLDER = """
import sys, time
from pathlib import Path
from cxmetrics.engines.exclusive import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "warehouse" / "build" / "building.lock"


def held(lock: Path) -> subprocess.Popen[str]:
    """A process that holds a lock until it is killed."""
    holder = start_program([sys.executable, "-c", HOLDER, str(lock)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_who_holds_a_lock_and_since_when_is_said(lock: Path):
    before = time.time()
    with held(lock) as holder:
        with pytest.raises(CxError) as failed, exclusive(lock):
            pass
        holder.kill()
    said = re.fullmatch(
        r"another build is at work in this warehouse: process (\d+) of (.+) on (.+), since (.+) UTC", failed.value.what
    )
    assert said is not None
    assert said.groups()[:3] == (str(holder.pid), getpass.getuser(), socket.gethostname())
    since = time.mktime(time.strptime(said.group(4), "%Y-%m-%d %H:%M:%S")) - time.timezone
    assert before - 1 <= since <= time.time()
    assert failed.value.exit_code == 2
    assert "wait until it has ended" in failed.value.next_step


def test_the_lock_of_a_killed_process_is_taken_over(lock: Path):
    with held(lock) as holder:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert str(holder.pid) in lock.read_text()
    with exclusive(lock):
        assert f'"process": {os.getpid()}' in lock.read_text()
        assert str(holder.pid) not in lock.read_text()
    assert lock.read_text() == ""


def test_a_refused_build_leaves_the_name_of_the_holder(lock: Path):
    with exclusive(lock):
        text = lock.read_text()
        for _ in range(2):
            with pytest.raises(CxError, match=f"process {os.getpid()} of"), exclusive(lock):
                pass
        assert lock.read_text() == text


def test_a_holder_that_could_not_sign_still_holds(lock: Path):
    with exclusive(lock):
        lock.write_text("")
        with pytest.raises(CxError, match=r"at work in this warehouse\n"), exclusive(lock):
            pass


def test_a_folder_that_cannot_be_written_is_named_with_what_to_do(tmp_path: Path, lock: Path):
    with (
        unwritable(tmp_path),
        pytest.raises(CxError, match="cannot write in the warehouse: ") as failed,
        exclusive(lock),
    ):
        pass
    assert failed.value.file == str(lock.parent)
    assert "CX_WAREHOUSE" in failed.value.next_step


@pytest.mark.parametrize("is_old", [False, True], ids=["new", "of before"])
def test_no_other_user_gets_at_a_lock(lock: Path, is_old: bool):
    if is_old:
        lock.parent.mkdir(parents=True)
        lock.touch()
        lock.parent.chmod(0o777)
        lock.chmod(0o644)
    with exclusive(lock):
        assert [stat.S_IMODE(path.stat().st_mode) for path in (lock.parent, lock)] == [0o700, 0o600]
