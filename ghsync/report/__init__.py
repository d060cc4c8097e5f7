"""Runs, plans and findings as text, JSON, annotations and markdown; nothing here prints."""
