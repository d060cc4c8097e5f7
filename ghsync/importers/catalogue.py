"""Which files are records of which tool, and how each is read."""

from __future__ import annotations

from ghsync.importers import ccpm, claudeautopm, jsontext, planpilot, singlefiles
from ghsync.importers.records import Record, Tool

_MAPS = frozenset({"sync-map.json", "epic-sync-map.json"})


def known(path: str) -> bool:
    """Whether a file is called as a record of one of the tools is."""
    name = path.rpartition("/")[2]
    return (
        name in _MAPS
        or name in (".task-mapping.txt", "github-mapping.md")
        or singlefiles.is_planhub(path)
        or singlefiles.is_gh_issue_sync(path)
    )


def read(path: str, text: str, tool: Tool | None = None) -> tuple[Record, ...]:
    """The records of one file, by its shape; ``tool`` decides where a name does not.

    What cannot be read is a record that says why. Azure's twins of the maps hold no issues.
    """
    name = path.rpartition("/")[2].casefold()
    if singlefiles.is_planhub(path):
        return singlefiles.read_planhub(path, text)
    if singlefiles.is_gh_issue_sync(path):
        return singlefiles.read_gh_issue_sync(path, text)
    if name.endswith(".json"):
        return _json(path, text, tool)
    if name.endswith(".txt"):
        return claudeautopm.read_task_mapping(path, text)
    if name == "github-mapping.md" or (name.endswith(".md") and tool is Tool.CCPM):
        return ccpm.read(path, text)
    wrong = "no record of a tool that is known; name the tool with --from"
    return (Record(tool=tool or Tool.CCPM, path=path, line=1, text=name, wrong=wrong),)


def _json(path: str, text: str, tool: Tool | None) -> tuple[Record, ...]:
    found = jsontext.parse(text)
    if isinstance(found, str):
        return (
            Record(
                tool=tool or Tool.CLAUDEAUTOPM,
                path=path,
                line=1,
                text=path.rpartition("/")[2],
                wrong=found,
            ),
        )
    if planpilot.is_map(found):
        return planpilot.read_map(path, text, found)
    return claudeautopm.read_map(path, text, found)
