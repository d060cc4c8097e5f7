"""Layouts: (path, text) to items, one file per convention."""
