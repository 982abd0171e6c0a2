from copied_project import small
from parsed_project import cx_project, semantics, wrong_project
from published_values import inside_published, published_warehouse

__all__ = ["cx_project", "inside_published", "published_warehouse", "semantics", "small", "wrong_project"]
