from parsed_project import cx_project, semantics, wrong_project
from published_values import inside_published, published_warehouse

__all__ = ["cx_project", "inside_published", "published_warehouse", "semantics", "wrong_project"]
