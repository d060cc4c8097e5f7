"""Lists: filters, order, pages and ``Link``, lag, search, conditional reads."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sandbox_kit import NOW, Kit, R, messages

from ghsync.sandbox.faults import FaultKind, lagging_lists
from ghsync.sandbox.messages import Response, iso


def numbers(reply: Response) -> list[int]:
    """The numbers of the issues in an answer."""
    assert reply.status == 200, reply.body
    return [issue["number"] for issue in reply.json()]


def next_of(reply: Response) -> str | None:
    """The target of ``rel="next"``, or ``None`` on the last page."""
    found = re.search(r'<https://api\.github\.com([^>]*)>; rel="next"', reply.header("link") or "")
    return found[1] if found else None


def walk(kit: Kit, target: str) -> list[list[int]]:
    """Every page of a list by following ``Link``."""
    pages: list[list[int]] = []
    at: str | None = target
    while at is not None:
        reply = kit.ask("GET", at)
        pages.append(numbers(reply))
        at = next_of(reply)
    return pages


def test_link_leads_through_all_pages_under_the_repositorys_id(kit: Kit) -> None:
    """``Link`` points at ``/repositories/ID/issues`` with a cursor, and those URLs are served."""
    for _ in range(7):
        kit.create()
    first = kit.ask("GET", f"{R}/issues?state=all&per_page=3")
    following = next_of(first)
    assert following is not None
    assert re.match(r"/repositories/\d+/issues\?state=all&per_page=3&after=[^&]+&page=2", following)
    assert walk(kit, f"{R}/issues?state=all&per_page=3") == [[7, 6, 5], [4, 3, 2], [1]]


@settings(max_examples=30)
@given(
    count=st.integers(0, 12),
    size=st.integers(1, 5),
    ascending=st.booleans(),
    sort=st.sampled_from(["created", "updated", "comments"]),
)
def test_pages_are_a_partition_of_the_list(
    count: int, size: int, ascending: bool, sort: str
) -> None:
    """Whatever the order and the page size, every issue is on exactly one page."""
    kit = Kit()
    for _ in range(count):
        kit.create()
    direction = "asc" if ascending else "desc"
    found = walk(kit, f"{R}/issues?per_page={size}&direction={direction}&sort={sort}")
    assert [number for page in found for number in page] == sorted(
        range(1, count + 1), reverse=not ascending
    )


def test_an_issue_created_while_paging_neither_repeats_nor_hides_another(kit: Kit) -> None:
    """The cursor names the last issue seen, not an offset."""
    for _ in range(4):
        kit.create()
    first = kit.ask("GET", f"{R}/issues?per_page=2")
    kit.create()
    following = next_of(first)
    assert following is not None
    assert numbers(kit.ask("GET", following)) == [2, 1]


def test_a_large_page_number_wants_a_cursor(kit: Kit) -> None:
    """``page=100`` without a cursor is GitHub's 422."""
    reply = kit.ask("GET", f"{R}/issues?page=100")
    assert (reply.status, "cursor based pagination" in messages(reply)) == (422, True)
    assert kit.ask("GET", f"{R}/issues?after=nonsense").status == 422
    assert kit.ask("GET", f"{R}/labels?page=100").json() == []


def test_filters(kit: Kit) -> None:
    """State, labels, milestone, assignee, creator: each narrows the list."""
    kit.ask("POST", f"{R}/milestones", {"title": "m"})
    kit.create(labels=["a"], milestone=1)
    kit.create(labels=["a", "b"], assignees=["sandbox-user"])
    kit.create()
    kit.person("other").open_issue("by another", now=NOW)
    kit.ask("PATCH", f"{R}/issues/3", {"state": "closed"})
    expected = {
        "": [4, 2, 1],
        "?state=closed": [3],
        "?state=all": [4, 3, 2, 1],
        "?labels=A": [2, 1],
        "?labels=a,b": [2],
        "?labels=unheard-of": [],
        "?milestone=1": [1],
        "?milestone=none": [4, 2],
        "?milestone=*": [1],
        "?assignee=Sandbox-User": [2],
        "?assignee=none": [4, 1],
        "?creator=other": [4],
        "?direction=asc": [1, 2, 4],
        "?mentioned=x&per_page=0": [4, 2, 1],
    }
    for query, wanted in expected.items():
        assert numbers(kit.ask("GET", f"{R}/issues{query}")) == wanted, query
    for query in ("?state=nonsense", "?milestone=77", "?sort=x", "?since=yesterday"):
        assert kit.ask("GET", f"{R}/issues{query}").status == 422


def test_a_list_follows_every_change(kit: Kit) -> None:
    """A list that was read before shows an issue, a state and a label's name as they are now."""
    kit.create(labels=["old"])
    assert numbers(kit.ask("GET", f"{R}/issues?labels=old")) == [1]
    kit.ask("PATCH", f"{R}/labels/old", {"new_name": "new"})
    assert numbers(kit.ask("GET", f"{R}/issues?labels=old")) == []
    assert numbers(kit.ask("GET", f"{R}/issues?labels=new")) == [1]
    kit.ask("PATCH", f"{R}/issues/1", {"state": "closed"})
    assert numbers(kit.ask("GET", f"{R}/issues?labels=new")) == []
    assert numbers(kit.ask("GET", f"{R}/issues?state=all")) == [1]
    kit.create()
    assert numbers(kit.ask("GET", f"{R}/issues?state=all")) == [2, 1]


def test_since_is_inclusive_and_1970_answers_nothing(kit: Kit) -> None:
    """``since`` compares ``updated_at``; the reported trap of a 1970 is there too."""
    kit.create()
    kit.now += 100
    kit.create()
    assert numbers(kit.ask("GET", f"{R}/issues?since={iso(NOW + 100)}")) == [2]
    assert numbers(kit.ask("GET", f"{R}/issues?since={iso(NOW)}")) == [2, 1]
    assert numbers(kit.ask("GET", f"{R}/issues?since=1970-01-01T00:00:00Z")) == []


def test_sorted_by_update_and_comments(kit: Kit) -> None:
    """The most recently changed, and the most discussed, come first."""
    for _ in range(3):
        kit.create()
    kit.now += 60
    kit.ask("POST", f"{R}/issues/2/comments", {"body": "c"})
    assert numbers(kit.ask("GET", f"{R}/issues?sort=updated"))[0] == 2
    assert numbers(kit.ask("GET", f"{R}/issues?sort=comments&direction=asc"))[-1] == 2


@pytest.mark.parametrize("lag", [10.0, 60.0, 600.0])
def test_a_lagging_list_shows_an_older_state(kit: Kit, lag: float) -> None:
    """A list is as it was: an issue that is new, closed or deleted since looks as before."""
    kit.create("one")
    kit.create("two")
    kit.now += lag + 1
    kit.github.faults.install(lagging_lists(lag))
    kit.create("new")
    kit.ask("PATCH", f"{R}/issues/1", {"title": "changed", "state": "closed"})
    kit.person("sandbox-user").delete(2, now=kit.now)
    stale = kit.ask("GET", f"{R}/issues?direction=asc").json()
    assert [(i["number"], i["title"]) for i in stale] == [(1, "one"), (2, "two")]
    assert kit.issue(3)["title"] == "new"
    kit.now += lag
    fresh = kit.ask("GET", f"{R}/issues?state=all").json()
    assert [(i["number"], i["title"], i["state"]) for i in fresh] == [
        (3, "new", "open"), (1, "changed", "closed"),
    ]  # fmt: skip


def test_lag_can_belong_to_a_repository(kit: Kit) -> None:
    """A repository's own lag holds without a fault."""
    kit.create()
    kit.person("sandbox-user").configure(now=NOW, lag=30.0)
    kit.now += 31
    kit.create()
    assert numbers(kit.ask("GET", f"{R}/issues")) == [1]


def test_a_list_can_be_empty_by_mistake(kit: Kit) -> None:
    """A list that answers 200 with nothing, although there is something."""
    kit.create()
    kit.fault(kind=FaultKind.EMPTY_LIST, path="/issues$", method="GET")
    assert numbers(kit.ask("GET", f"{R}/issues")) == []
    assert numbers(kit.ask("GET", f"{R}/issues")) == [1]


def test_search_is_behind(kit: Kit) -> None:
    """The search index knows an issue some seconds after everybody else."""
    kit.create("find me", body="needle")
    query = "/search/issues?q=repo:sandbox/demo+needle+is:issue"
    assert kit.ask("GET", query).json()["total_count"] == 0
    kit.now += 9
    found = kit.ask("GET", query).json()
    assert [item["number"] for item in found["items"]] == [1]
    assert kit.ask("GET", "/search/issues?q=").status == 422


def test_conditional_reads(kit: Kit) -> None:
    """The ETag answers 304 until something changes, and belongs to one token."""
    kit.create()
    etag = kit.ask("GET", f"{R}/issues/1").header("etag")
    assert etag is not None
    asked = {"if-none-match": etag}
    again = kit.ask("GET", f"{R}/issues/1", headers=asked)
    assert (again.status, again.body) == (304, b"")
    assert kit.ask("GET", f"{R}/issues/1", headers={**asked, "authorization": ""}).status == 401
    kit.ask("PATCH", f"{R}/issues/1", {"title": "other"})
    assert kit.ask("GET", f"{R}/issues/1", headers=asked).status == 200
