from support.parsed_project import cx_project, semantics

__all__ = ["cx_project", "semantics"]
