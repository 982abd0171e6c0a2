"""Models read downwards: staging, entities, intermediate, marts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions

COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
# The last name is the model's; one before it is a package.
REF = re.compile(r"\bref\(\s*(?:['\"]\w+['\"]\s*,\s*)?['\"](\w+)['\"]")
# What a build says of itself may be read off the marts.
ABOVE = ("marts", "build")


def models_below_the_marts_read_no_mart(definitions: Definitions) -> Iterator[Finding]:
    """A mart is an end: what two models need is worked out once, below it, where no change of the mart reaches it."""
    folder = definitions.path("models")
    marts = sorted(file.stem for file in (folder / "marts").rglob("*.sql"))
    for file in sorted(folder.rglob("*.sql")):
        if file.relative_to(folder).parts[0] in ABOVE:
            continue
        name = file.relative_to(definitions.project.root).as_posix()
        text = file.read_text(encoding="utf-8", errors="replace")
        text = COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)
        for reference in REF.finditer(text):
            if reference[1] in marts:
                line = text.count("\n", 0, reference.start()) + 1
                sentence = f"a model below the marts reads the mart {reference[1]}"
                yield Finding(name, line, sentence, "move what it needs into an intermediate model that both read")
