from support.copied_project import small
from support.parsed_project import cx_project, semantics, semantics_manifest, wrong_project
from support.published_values import inside_published, published_warehouse

__all__ = [
    "cx_project",
    "inside_published",
    "published_warehouse",
    "semantics",
    "semantics_manifest",
    "small",
    "wrong_project",
]
