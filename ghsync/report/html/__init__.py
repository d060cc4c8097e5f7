"""A run as one page of HTML that needs nothing else: no network, no other file, no script.

:func:`page` makes it; :mod:`.entries` says what each issue is, the others how it looks.
"""

from ghsync.report.html.assemble import Links, page

__all__ = ["Links", "page"]
