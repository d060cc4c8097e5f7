"""The page of a run in a real Chromium: it works, it can be read, and it asks nobody for anything.

Skipped where there is no Chromium or Chrome; ``make browser`` installs one. All tests share one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from browser import devtools
from browser.devtools import Browser
from report import report_samples as samples
from report.test_html_markdown import HOSTILE as BODIES
from report.test_html_page import HOSTILE as WORDS
from report.test_html_page import LINKS

from ghsync.model import Item, Key, Kind, OpResult, Run, Status
from ghsync.report.html import page

MANY = 2000
CHROMIUM = devtools.found()
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium or google-chrome on the PATH (make browser)"
)

MARKDOWN = """# Goal

Text with `code`, #2, @octocat and https://example.com/a-rather-long-address/that/does/not/end.

| a | b | right |
|---|---|------:|
| 1 | 2 | 3 |

- [ ] one
- [x] two

> [!WARNING]
> Mind the gap.

```
a line of code that is a good deal longer than the screen of any telephone, and then some more of it
```

![picture](https://example.com/x.png) [other](002.md)
"""
CONTRAST = """(() => {
  const parse = (c) => [...c.match(/[\\d.]+/g).map(Number), 1].slice(0, 4);
  const over = (a, b) => [0, 1, 2].map((i) => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
  const part = (v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const light = (c) => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
  const back = (e) => {
    const stack = [];
    for (let at = e; at; at = at.parentElement) {
      stack.push(parse(getComputedStyle(at).backgroundColor));
    }
    return stack.reverse().reduce((under, c) => over(c, under), [255, 255, 255, 1]);
  };
  const poor = new Set();
  let seen = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement, words = walker.currentNode.data.trim();
    if (!words || e.closest("script,svg,.vh") || !e.checkVisibility()) continue;
    seen += 1;
    const ground = back(e), ink = over(parse(getComputedStyle(e).color), ground);
    const [a, b] = [light(ground), light(ink)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) poor.add(`${e.tagName}.${e.className} ${ratio.toFixed(2)} ${words}`);
  }
  return [seen, [...poor]];
})()"""
OPEN_ALL = """(async () => {
  for (const d of document.querySelectorAll("details")) d.open = true;
  await new Promise((r) => requestAnimationFrame(() => setTimeout(r, 30)));
  for (const d of document.querySelectorAll("details")) d.open = true;
})()"""
SHOWN = """[...document.querySelectorAll(".it h3")]
  .filter((e) => !e.closest("[hidden],.kids:not([open])")).map((e) => e.textContent)"""


def rich() -> Run:
    """A push with one of each outcome, dependencies, and a text with all that markdown has."""
    run = samples.pushed()
    first, second = samples.ITEMS[2].key, samples.ITEMS[3].key

    def told(item: Item) -> Item:
        if item.key == samples.ITEMS[0].key:
            return replace(item, body=MARKDOWN)
        return replace(item, blocked_by=(first,)) if item.key == second else item

    return replace(run, items=tuple(told(item) for item in run.items))


def hostile() -> Run:
    """Items whose titles, labels and texts try to get out of the page."""
    texts = [*WORDS, *BODIES]
    items = tuple(
        samples.item(f"k{at}", Kind.TASK, text[:200], labels=(text[:50], "task"))
        for at, text in enumerate(texts)
    )
    items = tuple(replace(i, body=text) for i, text in zip(items, texts, strict=True))
    return samples.run(
        items=items,
        results=tuple(
            OpResult(operation=samples.create(i), status=Status.PENDING) for i in items
        ),
        plan=replace(
            samples.PLAN, operations=tuple(samples.create(i) for i in items), skipped=(),
            conflicts=(), numbers={},
        ),
    )  # fmt: skip


def many() -> Run:
    """Epics of 25 tasks each, 2,000 items in all."""
    items: list[Item] = []
    for at in range(MANY):
        epic = f"epics/e{at // 25:02}/epic"
        own = not at % 25
        key = epic if own else f"epics/e{at // 25:02}/{at % 25:03}"
        kind, title = (Kind.EPIC, f"Epic {at // 25}") if own else (Kind.TASK, f"Task {at}")
        before = (Key(items[-1].key),) if at % 25 > 1 else ()
        made = samples.item(key, kind, title, None if own else epic, blocked_by=before)
        items.append(replace(made, body=f"Text of *{at}*.\n\n- [ ] word{at}"))
    plan = replace(
        samples.PLAN,
        operations=tuple(samples.create(item) for item in items[::2]),
        skipped=(), conflicts=(), numbers={}, unchanged=tuple(i.key for i in items[1::2]),
    )  # fmt: skip
    results = tuple(OpResult(operation=o, status=Status.PENDING) for o in plan.operations)
    return samples.run(items=tuple(items), results=results, plan=plan, findings=())


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The pages, as addresses of files."""
    folder = tmp_path_factory.mktemp("pages")
    made = {"rich": rich(), "dry": samples.run(), "hostile": hostile(), "many": many()}
    for name, run in made.items():
        (folder / f"{name}.html").write_text(page(run, now=samples.NOW, links=LINKS), "utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in made}


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all tests, with an empty profile and no name that resolves."""
    assert CHROMIUM is not None
    with ExitStack() as stack:
        profile = tmp_path_factory.mktemp("profile")
        try:
            started = stack.enter_context(devtools.browser(CHROMIUM, profile))
        except (devtools.BrowserError, OSError) as error:
            pytest.skip(f"{CHROMIUM} does not start: {error}")  # a stub, or a library is missing
        yield started


def quiet(browser: Browser, url: str) -> None:
    """The page has asked for itself alone, and nothing was refused or went wrong."""
    assert browser.complaints == []
    assert [asked.partition("#")[0] for asked in browser.requests] == [url.partition("#")[0]]


def search(browser: Browser, words: str) -> None:
    """Put words into the search."""
    browser.run(f"q.value = {words!r}, q.dispatchEvent(new Event('input'))")


def counted(browser: Browser, words: str) -> None:
    """Wait until this is what the search has found."""
    browser.until(f"n.textContent === {words!r}")


@pytest.mark.parametrize("name", ["rich", "dry", "hostile"])
@pytest.mark.parametrize("width", [1280, 360])
def test_a_page_is_quiet_and_fits(
    chromium: Browser, pages: dict[str, str], name: str, width: int
) -> None:
    """With everything opened: no request, no violation, no error, no sideways scrolling."""
    chromium.open(pages[name], width=width, height=800)
    chromium.run(OPEN_ALL)
    assert chromium.run("document.documentElement.scrollWidth") <= width
    assert chromium.run("typeof window.hacked") == "undefined"
    assert chromium.run('document.querySelectorAll("noscript").length') == 0
    quiet(chromium, pages[name])


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", ["rich", "dry"])
def test_everything_can_be_read(
    chromium: Browser, pages: dict[str, str], name: str, dark: bool
) -> None:
    """Contrast AA of every text that is seen, light and dark."""
    chromium.open(pages[name], dark=dark)
    chromium.run(OPEN_ALL)
    seen, poor = chromium.run(CONTRAST)
    assert poor == []
    assert seen > 150


def test_the_colours_follow_the_system_until_somebody_chooses(
    chromium: Browser, pages: dict[str, str]
) -> None:
    """Dark where the system is, and the button turns it."""
    back = "getComputedStyle(document.body).backgroundColor"
    chromium.open(pages["dry"], dark=True)
    assert chromium.run(back) == "rgb(13, 17, 23)"
    assert chromium.run("theme.textContent") == "Light"
    chromium.scheme(dark=False)
    assert chromium.run(back) == "rgb(255, 255, 255)"
    chromium.run("theme.click()")
    assert (chromium.run(back), chromium.run("theme.textContent")) == ("rgb(13, 17, 23)", "Light")
    chromium.run("localStorage.clear()")


def test_searching_by_keyboard(chromium: Browser, pages: dict[str, str]) -> None:
    """``/`` goes to the search; what is found is shown below its parents, and counted aloud."""
    chromium.open(pages["dry"])
    chromium.type("/")
    assert chromium.run("document.activeElement.id") == "q"
    chromium.type("cookie")
    chromium.until("location.hash === '#q=cookie'")  # "cook" alone finds as many
    counted(chromium, "1 of 11 issues")
    assert chromium.run(SHOWN) == ["Login for customers", "Login", "Session cookie"]
    assert chromium.run("n.role || n.getAttribute('role')") == "status"
    chromium.press("Escape", 27)
    counted(chromium, "11 issues")
    assert len(chromium.run(SHOWN)) == 11
    for asked, number, found in (
        ("#5", 1, "Session cookie"),
        ("epics/search", 3, "Index"),
        ("BACKEND", 1, "Store passwords with argon2"),
        ("nothing like it", 0, None),
    ):
        search(chromium, asked)
        counted(chromium, f"{number} of 11 issues")
        assert found is None or found in chromium.run(SHOWN)
    assert chromium.run("nothing.checkVisibility()")
    quiet(chromium, pages["dry"])


def test_filtering_by_what_happens(chromium: Browser, pages: dict[str, str]) -> None:
    """A filter shows the issues that it names; two show both; the address keeps them."""
    chromium.open(pages["rich"])
    chromium.run("""document.querySelector('[data-f=failed]').click()""")
    assert chromium.run("n.textContent") == "1 of 11 issues"
    assert chromium.run(SHOWN)[-1] == "Rate limit"
    chromium.run("""document.querySelector('[data-f=conflict]').click()""")
    assert chromium.run("n.textContent") == "2 of 11 issues"
    assert chromium.run("location.hash") == "#f=failed%2Cconflict"
    chromium.open(f"{pages['rich']}#q=rate&f=failed,conflict&theme=dark")
    assert chromium.run(SHOWN) == ["Login for customers", "Login", "Rate limit"]
    assert chromium.run("[...document.querySelectorAll('[aria-pressed=true]')].length") == 2
    assert chromium.run("getComputedStyle(document.body).backgroundColor") == "rgb(13, 17, 23)"
    chromium.run("localStorage.clear()")


def test_searching_in_texts(chromium: Browser, pages: dict[str, str]) -> None:
    """The texts are searched only where that is asked for."""
    chromium.open(f"{pages['rich']}#q=mind+the+gap")
    assert chromium.run("n.textContent") == "0 of 11 issues"
    chromium.run("deep.click()")
    counted(chromium, "1 of 11 issues")


def test_an_issue_opens_by_keyboard_and_by_address(
    chromium: Browser, pages: dict[str, str]
) -> None:
    """A row is a button to the keyboard; a link to an issue unfolds what it is in."""
    chromium.open(pages["rich"])
    chromium.run("document.querySelector('.it>summary').focus()")
    chromium.type("\r")
    chromium.until("document.querySelector('.it .md')")
    assert "Mind the gap." in chromium.run("document.querySelector('.md').textContent")
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert chromium.run(outline) != "none"
    chromium.run("document.querySelector('.issue dl a[href^=\"#i\"]').click()")
    chromium.until("location.hash.startsWith('#i')")
    chromium.until("document.querySelector(location.hash).firstElementChild.open")
    chromium.open(f"{pages['many']}#i1490")
    chromium.until("document.activeElement.querySelector('h3').textContent === 'Task 1489'")
    assert chromium.run("n.textContent") == "2,000 issues"
    top = chromium.run("document.activeElement.getBoundingClientRect().top")
    assert 0 <= top < 400


def test_two_thousand_issues(chromium: Browser, pages: dict[str, str]) -> None:
    """Closed issues and folded pictures are no elements, so a search is a matter of rows."""
    chromium.open(pages["many"])
    assert chromium.run("document.querySelectorAll('li[data-m]').length") == MANY
    assert chromium.run("document.querySelectorAll('*').length") < 15 * MANY
    assert chromium.run("n.textContent") == "2,000 issues"
    chromium.type("/")
    chromium.type("task 1999")
    counted(chromium, "1 of 2,000 issues")
    assert chromium.run(SHOWN) == ["Epic 79", "Task 1999"]
    search(chromium, "no such word")
    counted(chromium, "0 of 2,000 issues")
    chromium.run("deep.click()")
    search(chromium, "word1234")
    counted(chromium, "1 of 2,000 issues")
    assert chromium.run(SHOWN) == ["Epic 49", "Task 1234"]
    search(chromium, "")
    counted(chromium, "2,000 issues")
    assert len(chromium.run(SHOWN)) == 80
    chromium.run("unfold.click()")
    assert len(chromium.run(SHOWN)) == MANY
    chromium.view(360, 800)
    assert chromium.run("document.documentElement.scrollWidth") <= 360
    quiet(chromium, pages["many"])


def test_without_a_script(chromium: Browser, pages: dict[str, str]) -> None:
    """Tree, texts and pictures are there; what would need the script is not shown."""
    chromium.open(pages["rich"], script=False)
    chromium.call("DOM.enable")
    root = chromium.call("DOM.getDocument", depth=0)["root"]["nodeId"]

    def found(selector: str) -> int:
        return len(chromium.call("DOM.querySelectorAll", nodeId=root, selector=selector)["nodeIds"])

    assert found(".tree li[data-m]") == 11
    assert found(".it .md .alert") == 1
    assert found("svg.graph a") == 2
    assert found("#tools[hidden]") == found("#theme[hidden]") == 1
    quiet(chromium, pages["rich"])


def test_a_picture_leads_to_its_issue(chromium: Browser, pages: dict[str, str]) -> None:
    """A node of the graph is a link with a name."""
    chromium.open(pages["rich"])
    name = chromium.run("document.querySelector('svg a title').textContent")
    assert name == "Store passwords with argon2"
    chromium.run(
        "document.querySelector('svg a').dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    chromium.until("document.querySelector('li:target')?.firstElementChild.open")
    assert chromium.run("document.querySelector('li:target h3').textContent") == name
