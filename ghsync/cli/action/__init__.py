"""The step of GitHub Actions: inputs in, one command, GitHub's file commands out.

``action.yml`` starts ``python -I -m ghsync.cli.action``; it has no other logic.
"""
