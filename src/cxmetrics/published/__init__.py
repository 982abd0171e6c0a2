"""The one reader of what was published."""
