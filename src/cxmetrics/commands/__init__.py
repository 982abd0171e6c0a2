"""The commands of ``cx``: arguments in, a report out."""
