"""Models and sources: described, and declared as they are."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.project import PROJECT_FILE

OPENING = "One row per "


def models_are_described(definitions: Definitions) -> Iterator[Finding]:
    """The first thing to know about a table is what one of its rows is, and the place to look is the .yml beside it."""
    # In a file that cannot be read a model looks undescribed.
    unread = {problem.file for problem in definitions.problems}
    for file in sorted(definitions.path("models").rglob("*.sql")):
        name = file.relative_to(definitions.project.root)
        beside = name.with_suffix(".yml").as_posix()
        model = definitions.models.get(file.stem)
        if model is None and beside not in unread:
            yield Finding(name.as_posix(), 1, "the model is not described in any .yml file", f"describe it in {beside}")
        elif model is not None and model.file != beside:
            sentence = f"the model {model.name} is not described in the file of its name beside its SQL"
            yield Finding(model.file, model.line, sentence, f"move the description to {beside}", model.file, [beside])
    for model in definitions.models.values():
        if not model.description.startswith(OPENING):
            sentence = f"the description of {model.name} does not open with '{OPENING}...'"
            yield Finding(model.file, model.line, sentence, "say first what one row is")


def sources_provide_what_they_declare(definitions: Definitions) -> Iterator[Finding]:
    """dbt_project.yml says which entities a source provides, models/staging which it really does."""
    settings = definitions.project.settings
    declared = definitions.project.vars.get("source_entities")
    declared = declared if isinstance(declared, dict) else {}
    folders = definitions.project.source_names
    for source in sorted({*declared, *folders}):
        line = settings.line(("vars", "source_entities", source))
        if source not in folders:
            sentence = f"there is no folder models/staging/{source}"
            yield Finding(PROJECT_FILE, line, sentence, "add its models, or remove it", source, list(folders))
            continue
        files = sorted(definitions.path("models", "staging", source).glob(f"stg_{source}__*.sql"))
        provided = [file.stem.removeprefix(f"stg_{source}__") for file in files]
        entities = declared.get(source) or []
        for entity in sorted({*entities, *provided}):
            if entity not in provided:
                sentence = f"the source '{source}' declares an entity it has no model for"
                help = f"write models/staging/{source}/stg_{source}__{entity}.sql, or remove the entity"
                yield Finding(PROJECT_FILE, line, sentence, help, entity, provided)
            elif entity not in entities:
                sentence = f"the source '{source}' has a model for '{entity}', which it does not declare"
                yield Finding(PROJECT_FILE, line, sentence, "add it to source_entities: without it nothing reads it")
    for index, source in enumerate(definitions.project.vars.get("sources") or []):
        if source not in declared:
            line = settings.line(("vars", "sources", index))
            help = "name a source of source_entities"
            yield Finding(PROJECT_FILE, line, "the source does not exist", help, source, list(declared))
