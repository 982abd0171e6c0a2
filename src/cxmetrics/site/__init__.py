"""The documentation site: which metric belongs to service, which to experience, and what each of them says today."""
