from parsed_project import cx_project, semantics, wrong_project

__all__ = ["cx_project", "semantics", "wrong_project"]
