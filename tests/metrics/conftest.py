from support.parsed_project import cx_project, semantics, semantics_manifest

__all__ = ["cx_project", "semantics", "semantics_manifest"]
