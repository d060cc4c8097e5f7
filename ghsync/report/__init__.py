"""The rendering of values: rich, JSON, markdown, annotations."""
