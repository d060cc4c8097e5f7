"""Bodies made fit for GitHub, line by line, and back again.

A body is written for files: its links are paths, its ``#3`` is the third task, its
``@staticmethod`` is Python. In an issue the first is dead, the second links to a stranger's
issue and the third notifies somebody. :func:`ghsync.issuetext.rewrite.to_github` mends that
without touching code and without changing the number of lines;
:func:`ghsync.issuetext.rewrite.to_file` is its exact inverse.
"""
