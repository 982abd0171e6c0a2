"""The salt of a project: random, made once, and nobody else's."""

from __future__ import annotations

import hmac
import shutil
import stat
from pathlib import Path

import pytest

from cxmetrics.errors import CxError
from cxmetrics.inputs.salt import salt_of
from support.programs import run_program
from support.raw_inputs import DECLARATION, HEADER, Inputs
from support.workplace import ROOT

GUARD = "{name: status, data_type: string, config: {meta: {cx: {personal: hash}}}}"


@pytest.fixture(autouse=True)
def no_salt_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CX_SALT", raising=False)


def test_every_project_has_a_random_salt_of_its_own_that_only_its_owner_reads(tmp_path: Path):
    projects = [tmp_path / "one", tmp_path / "two"]
    for root in projects:
        root.mkdir()
    made = [salt_of(root) for root in projects]
    for root, salt in zip(projects, made, strict=True):
        file = root / ".cx" / "salt"
        assert salt.made == file
        assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)) == (0o600, 0o700)
        assert len(bytes.fromhex(salt.key.decode())) == 32
        assert {path.name for path in file.parent.iterdir()} == {"salt", ".gitignore"}
        again = salt_of(root)
        assert (again.key, again.made) == (salt.key, None)
        assert salt.key.decode() not in repr(salt)
    assert made[0].key != made[1].key


def test_git_ignores_it_whatever_the_project_ignores(tmp_path: Path):
    run_program(["git", "init", "-q", tmp_path], check=True)
    salt_of(tmp_path)
    run_program(["git", "add", "--all"], cwd=tmp_path, check=True)
    staged = run_program(["git", "status", "--short"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert staged.stdout == ""
    ignored = run_program(["git", "check-ignore", "-q", ".cx/salt"], cwd=ROOT, check=False)
    assert ignored.returncode == 0


def test_what_is_in_the_environment_takes_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = salt_of(tmp_path).made
    assert file is not None
    # So a salt moves to another machine, or one before is used once more.
    monkeypatch.setenv("CX_SALT", file.read_text())
    assert salt_of(tmp_path / "elsewhere").key == file.read_text().strip().encode()
    assert not (tmp_path / "elsewhere").exists()


def test_a_salt_that_can_be_guessed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CX_SALT", "cxmetrics")
    with pytest.raises(CxError, match="fewer than 16 characters") as caught:
        salt_of(tmp_path)
    assert "token_hex" in str(caught.value)
    assert "got:" not in str(caught.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_salt_that_others_may_read_is_refused(tmp_path: Path, mode: int):
    file = salt_of(tmp_path).made
    assert file is not None
    file.chmod(mode)
    with pytest.raises(CxError, match="others may read the salt"):
        salt_of(tmp_path)


def test_a_salt_that_is_a_link_is_refused(tmp_path: Path):
    file = salt_of(tmp_path).made
    assert file is not None
    shutil.move(file, tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CxError, match="cannot be read or written"):
        salt_of(tmp_path)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path):
    (tmp_path / ".cx").write_text("a file")
    with pytest.raises(CxError, match="cannot be read or written") as caught:
        salt_of(tmp_path)
    assert "set CX_SALT" in str(caught.value)


def test_a_load_hashes_with_the_salt_of_the_project_and_says_when_it_made_one(shop: Inputs):
    shop.give("tickets.csv", HEADER + "1,2024-01-01,Erika,1\n")
    assert shop.load().notes == ()
    # Nothing is hashed, so no salt is needed.
    assert not (shop.project.root / ".cx").exists()
    shop.declare(DECLARATION.replace("{name: status, data_type: string}", GUARD))
    (note,) = shop.load().notes
    file = shop.project.root / ".cx" / "salt"
    assert str(file) in note and "keep a copy" in note
    assert file.read_text().strip() not in note
    digits = hmac.new(file.read_text().strip().encode(), b"Erika", "sha256").hexdigest()[:18]
    assert shop.query("select status from raw_shop.tickets") == [(f"hashed_{digits}",)]
    assert shop.load().notes == ()
    shutil.rmtree(shop.project.warehouse)
    shop.load()
    assert shop.query("select status from raw_shop.tickets") == [(f"hashed_{digits}",)]


def test_no_query_of_a_source_can_read_the_salt(shop: Inputs):
    asked = (
        "- {expectation: unexpected_rows_expectation, unexpected_rows_query: select _cx_row from {batch}"
        " where exists (select inner_pad from temp.cx_key)}"
    )
    shop.declare(
        DECLARATION.replace("{name: status, data_type: string}", GUARD).replace(
            "- {expectation: expect_column_values_to_be_between, column: minutes, min_value: 0}",
            asked.replace("query: select", "query: 'select").replace("cx_key)}", "cx_key)'}"),
        )
    )
    shop.give("tickets.csv", HEADER + "1,2024-01-01,open,1\n")
    with pytest.raises(CxError, match="cx_key"):
        shop.load()
