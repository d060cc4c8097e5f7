"""Small repositories, one a layout, with what real planning files have in them.

Links between items in both directions, names, numbers, open fences, comments in the frontmatter,
quotes, octal numbers, line ends of Windows, a byte order mark, a missing last line end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository's files, and which of them a person may edit where."""

    files: Mapping[str, bytes]
    new: str
    """Where a person puts a new item, by its number."""
    config: str = ""
    whole: bool = True
    """Whether each item's text is what its file holds, so that a new line of it goes both ways."""


def _bytes(files: Mapping[str, str]) -> dict[str, bytes]:
    return {path: text.encode() for path, text in files.items()}


def _crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


_BODY = """
First of [two](002.md), see [the epic](epic.md#goal "why") and ![plan](plan.png).

- [ ] one @stranger and @octo
- [x] two, fixes #3 and #12
  - [ ] below, Task 2 of `@staticmethod`

| a | b |
|---|---|
| 1 | [x](../other/001.md) |

> quoted  \t
> more

```sh
- [ ] no tick @nobody [x](002.md) #1
```

Last <!-- a comment --> line &amp; more  \t
"""

CCPM: Final = Repository(
    new=".claude/epics/shop/{:03}.md",
    files={
        ".claude/prds/shop.md": b"---\nname: shop\nstatus: backlog\n---\n\n# Shop\n\nWhy. #2\n",
        ".claude/epics/shop/epic.md": _crlf(
            "---\nname: 'Shop'   # the epic\nstatus: in-progress\nprd: .claude/prds/shop.md\n"
            "labels: [big,  \"it's\"]\nx-own: {a: [1, 2]}\n---\n\n# Epic: Shop\n\n"
            "Tasks: [one](001.md), [two](002.md), [ten](010.md).\n\n- [ ] #1\n- [ ] #10\n"
        ),
        ".claude/epics/shop/001.md": (
            "\ufeff---\nname: One\nstatus: open\ndepends_on: []\ngithub: [Will be updated when"
            " synced to GitHub]\nassignee: Jane Doe\nmilestone: v1\n---\n" + _BODY
        ).encode(),
        ".claude/epics/shop/002.md": _crlf(
            "---\nname: Two: the \"second\"\n".replace("Two: the", "Two, the")
            + "status: closed\ndepends_on: [001]\nlabels:\n  - api\n  - ui # both\n---\n" + _BODY
        ),
        ".claude/epics/shop/010.md": (
            b"---\r\nname: Ten\nstatus: Won't Do\r\nupdated: 2025-02-30\n---\n\n\n"
            b"Mixed.\r\nLines.\n\n[loop](010.md) [one](./001.md)\n~~~\nopen fence #1"
        ),
        ".claude/epics/other/epic.md": b"---\nname: Other\n---\n\n[s](../shop/epic.md)\n",
        ".claude/epics/other/001.md": b"---\nname: One\nstatus: open\n---\n",
        ".claude/epics/other/updates/1/x.md": b"No item.\n",
    }
)  # fmt: skip
AUTOPM: Final = Repository(
    new=".claude/epics/epic-001-pay/task-epic-001-{:03}.md",
    files=_bytes(
        {
            ".claude/prds/prd-001-pay.md": "---\nid: prd-001\ntitle: Pay\n---\n\nT.\n",
            ".claude/epics/epic-001-pay/epic.md": (
                "---\nid: epic-001\nprd_id: prd-001\ntitle: Pay\nstatus: planning\n---\n\n"
                "[t](task-epic-001-001.md)\n"
            ),
            ".claude/epics/epic-001-pay/task-epic-001-001.md": (
                "---\nid: task-epic-001-001\nepic_id: epic-001\ntitle: Card\nstatus: pending\n"
                "labels: a, b\ngithub_issue:\n---\n\n# Card\n" + _BODY
            ),
            ".claude/epics/epic-001-pay/task-epic-001-002.md": (
                "---\nid: task-epic-001-002\nepic_id: epic-001\ntitle: Cash\nstatus: completed\n"
                "dependencies: [task-epic-001-001]\n---\n\n## T\n\n@a [c](task-epic-001-001.md)\n"
            ),
        }
    ),
)
BACKLOG: Final = Repository(
    new="backlog/tasks/task-{} - New.md",
    files=_bytes(
        {
            "backlog/config.yml": "project_name: x\n",
            "backlog/tasks/task-1 - Cart-#1.md": (
                "---\nid: task-1\ntitle: 'Cart: add'\nstatus: To Do\nassignee: ['@octo']\n"
                "labels: []\ndependencies: []\npriority: high\n---\n\n## Description\n"
                "<!-- SECTION:DESCRIPTION:BEGIN -->\nText @x.\n<!-- SECTION:DESCRIPTION:END -->\n"
                "\n## Acceptance Criteria\n<!-- AC:BEGIN -->\n- [ ] #1 one\n- [x] #2 two\n"
                "<!-- AC:END -->\n"
            ),
            "backlog/tasks/task-1.1 - Sub.md": (
                "---\nid: task-1.1\ntitle: Sub\nstatus: In Progress\nassignee: []\nlabels:\n"
                "  - web\nparent_task_id: task-1\ndependencies:\n  - task-2\n---\n\ntask-2 #2\n"
            ),
            "backlog/tasks/task-2 - 中文.md": (
                "---\nid: task-2\ntitle: 中文\nstatus: Done\nassignee:\n  - '@jane'\nlabels: [ui]\n"
                "dependencies: []\n---\n\n[s](task-1.1%20-%20Sub.md)\n"
            ),
        }
    ),
)
SPEC_KIT: Final = Repository(
    new="specs/{:03}-new/spec.md",
    files=_bytes(
        {
            "specs/001-shop/spec.md": "# Shop\n\n**Status**: Draft\n\nText [t](tasks.md) @x #1\n",
            "specs/001-shop/tasks.md": (
                "# Tasks\n\n## Phase 1: Setup (P1)\n\n- [ ] T001 [P] Make `@x` in src/a.py\n"
                "  - with care #2\n- [x] T002 [US1] Pay (depends on T001)\n- [ ] **T003** Ship\n\n"
                "### T004: A heading\n\nIts text.\n\n| ID | Title |\n|---|---|\n| T009 | Row |\n"
            ),
        }
    ),
    whole=False,
)
BMAD: Final = Repository(
    new="docs/stories/1.{}.new.md",
    files=_bytes(
        {
            "docs/prd/prd.md": "# The PRD\n\nWhy.\n",
            "docs/epics/epic-1-shop.md": "# Epic 1: Shop\n\nGoal [s](../stories/1.1.cart.md)\n",
            "docs/stories/1.1.cart.md": (
                "# Story 1.1: Cart\n\n## Status\n\nDraft\n\n## Story\n\n**As** @user\n\n- [ ] a\n"
            ),
            "docs/stories/1.2.pay.md": "# Story 1.2: Pay\n\nStatus: done\n\n#1 [c](1.1.cart.md)\n",
            "docs/stories/1.3.ship.md": "# Story 1.3: Ship\n\nNo status.\n\n- [ ] x",
        }
    ),
)
FOLDER: Final = Repository(
    new="docs/tasks/{:03}-new.md",
    files=_bytes(
        {
            "docs/tasks/EPIC-shop.md": "---\ntype: epic\ntitle: Shop\n---\n\n[c](001-cart.md)\n",
            "docs/tasks/001-cart.md": (
                "---\ntitle: \"Cart\"\nstatus: open\nparent: EPIC-shop\nlabels: bug\n---\n" + _BODY
            ),
            "docs/tasks/002-pay.md": "# Pay\n\nText, see [cart](001-cart.md).\n\n- [ ] @x\n",
        }
    )
)  # fmt: skip
EXPORT: Final = Repository(
    new=".plan/issues/new-{}.md",
    files=_bytes(
        {
            ".plan/issues/cart.md": (
                "---\ntitle: Cart\nstate: open\nlabels:\n  - bug\nassignees: []\n---\n\nText @x\n"
            ),
            ".plan/issues/pay.md": (
                "---\ntitle: Pay\nstate: closed\nstate_reason: not_planned\nlabels: []\n---\n\n"
                "[c](cart.md) #1\n\n- [ ] a\n"
            ),
        }
    ),
)
CUSTOM: Final = Repository(
    new="plan/shop/n{}.md",
    config=(
        '[layouts.own]\nepic = ["plan/*/index.md"]\ntask = ["plan/*/*.md"]\n'
        'lists = ["TODO.md"]\n\n[layouts.own.fields]\ntitle = "subject"\nstatus = "phase"\n'
    ),
    files=_bytes(
        {
            "plan/shop/index.md": "---\nsubject: Shop\nphase: open\n---\n\n[a](a.md)\n",
            "plan/shop/a.md": "---\nsubject: A\nphase: done\ntags: [x]\n---\n\nText [b](b.md)\n",
            "plan/shop/b.md": "---\nsubject: B\n---\n\n[a](a.md) @x\n\n- [ ] t\n",
            "TODO.md": "# All\n\n- [ ] T1: Cart\n  Under it.\n  - [ ] T2: Sub\n- [x] [BUG-3] Pay\n",
        }
    ),
    whole=False,
)
ALL: Final[Mapping[str, Repository]] = {
    "ccpm": CCPM,
    "claudeautopm": AUTOPM,
    "backlog": BACKLOG,
    "spec-kit": SPEC_KIT,
    "bmad": BMAD,
    "folder": FOLDER,
    "export": EXPORT,
    "custom": CUSTOM,
}
