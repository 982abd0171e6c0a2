"""Every guide runs as written, from the state that it names."""

from __future__ import annotations

import pytest

from support.guide_states import after_build, after_demo, built, with_raw_files
from support.guides import AFTER_BUILD, AFTER_DEMO, WITH_RAW_FILES, Part, parts_run_by

__all__ = ["after_build", "after_demo", "built", "with_raw_files"]

STATES = {AFTER_DEMO: "after_demo", AFTER_BUILD: "after_build", WITH_RAW_FILES: "with_raw_files"}


@pytest.mark.parametrize("part", parts_run_by("test_guides.py"), ids=str)
def test_a_guide_runs_as_written(part: Part, request: pytest.FixtureRequest):
    request.getfixturevalue(STATES[part.start]).follow(part.steps)
