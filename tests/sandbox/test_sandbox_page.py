"""The web page."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_kit import NOW, Kit, R

from ghsync.sandbox import page
from ghsync.sandbox.messages import Response, SandboxRequest
from ghsync.sandbox.page_markdown import rendered


class Tags(HTMLParser):
    """Every tag and attribute, and the text, of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def look(kit: Kit, path: str, *, accept: str = "text/html,*/*") -> Response | None:
    """What a browser gets."""
    request = SandboxRequest(method="GET", target=path, headers={"accept": accept})
    return page.answer(kit.github.state, request)


def html(kit: Kit, path: str) -> str:
    """A page that must be there."""
    reply = look(kit, path)
    assert reply is not None
    assert reply.status == 200
    return reply.body.decode()


def test_only_browsers_get_pages(kit: Kit) -> None:
    """An API client that asks for ``/`` gets the API's root; API paths are never pages."""
    assert look(kit, "/", accept="application/vnd.github+json") is None
    assert look(kit, R) is None
    assert look(kit, f"/api/v3{R}/issues") is None
    assert "No repository yet" in html(kit, "/")


def test_issues_are_a_tree(kit: Kit) -> None:
    """Children stand inside their parent, with state, labels in colour, milestone, assignees."""
    kit.ask("POST", f"{R}/labels", {"name": "urgent", "color": "b60205"})
    kit.ask("POST", f"{R}/milestones", {"title": "v1"})
    parent = kit.create("The epic", labels=["urgent"], milestone=1, assignees=["sandbox-user"])
    kit.create("The task", parent_issue_id=parent["id"])
    kit.ask("PATCH", f"{R}/issues/2", {"state": "closed", "state_reason": "not_planned"})
    text = html(kit, "/")
    assert text.index("The epic") < text.index("The task")
    assert "background:#b60205;color:#fff" in text
    for word in ("v1", "@sandbox-user", "not planned", "1 open, 1 closed"):
        assert word in text
    assert 'href="/sandbox/demo/issues/2"' in text
    assert html(kit, "/sandbox/demo") == html(kit, "/sandbox/demo/issues")


def test_an_issue_as_a_person_sees_it(kit: Kit) -> None:
    """Markdown rendered, the marker invisible, boxes ticked, relations and comments shown."""
    body = (
        "<!-- ghsync:uid=abc key=x -->\n# Goal\n\n- [x] done\n- [ ] todo\n\n| a |\n|---|\n| b |\n"
    )
    epic = kit.create("epic")
    kit.create("task", body=body, parent_issue_id=epic["id"])
    kit.create("child", parent_issue_id=kit.issue(2)["id"])
    person = kit.person("sandbox-user")
    person.block(2, by=1, now=NOW)
    kit.ask("POST", f"{R}/issues/2/comments", {"body": "**bold**"})
    text = html(kit, "/sandbox/demo/issues/2")
    assert "ghsync:uid" not in text
    assert "<h1>Goal</h1>" in text
    assert text.count('type="checkbox"') == 2
    assert text.count("checked") == 1
    for part in ("<table>", "<strong>bold</strong>", "Blocked by", "Sub-issues", "Parent"):
        assert part in text


def test_what_is_not_there(kit: Kit) -> None:
    """A page of its own, with 404."""
    kit.create()
    for path in ("/sandbox/demo/issues/9", "/no/such", "/a/b/c/d", "/sandbox/demo/issues/x"):
        reply = look(kit, path)
        assert reply is not None
        assert reply.status == 404


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        '"><svg/onload=alert(1)>',
        "<!-- a --><script>x</script>",
    ],
)
def test_everything_is_escaped(kit: Kit, attack: str) -> None:
    """No text of a client becomes a tag, an attribute or a script."""
    kit.ask("POST", f"{R}/labels", {"name": attack[:50], "color": "ffffff", "description": attack})
    kit.ask("POST", f"{R}/milestones", {"title": attack})
    kit.create(attack, body=attack, labels=[attack[:50]], milestone=1)
    kit.ask("POST", f"{R}/issues/1/comments", {"body": attack})
    for path in ("/", "/sandbox/demo/issues/1"):
        reply = look(kit, path)
        assert reply is not None
        assert "default-src 'none'" in (reply.header("content-security-policy") or "")
        for tag, attributes in Tags(reply.body.decode()).tags:
            assert tag not in ("script", "svg", "iframe")
            assert not any(name.startswith("on") for name in attributes)
            assert not (attributes.get("href") or "").startswith("javascript")


@given(st.text(alphabet="<!->`~ \nabc[]()x*|\\\"'&;", max_size=80))
def test_no_markdown_makes_a_tag_of_its_own(text: str) -> None:
    """Whatever the text, the only tags are those of markdown."""
    allowed = {
        "p", "ul", "ol", "li", "input", "em", "strong", "code", "pre", "blockquote", "h1", "h2",
        "table", "thead", "tbody", "tr", "th", "td", "a", "img", "br", "hr", "s",
    }  # fmt: skip
    assert {tag for tag, _ in Tags(rendered(text)).tags} <= allowed


def test_comments_are_invisible_but_code_is_not() -> None:
    """An HTML comment is dropped, also over lines; inside a fence it is code."""
    assert "hidden" not in rendered("a <!-- hidden\n\nstill hidden --> b")
    assert "shown" in rendered("```\n<!-- shown -->\n```\n")
    assert "after" in rendered("~~~\n<!-- x\n~~~\nafter")
    assert rendered(None) == ""
