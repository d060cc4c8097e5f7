"""ghsync: planning markdown and GitHub Issues in step."""

from __future__ import annotations

__version__ = "0.1.0"
