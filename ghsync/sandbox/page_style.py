"""The style sheet of the sandbox's web page."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --text: #1f2328; --muted: #59636e; --line: #d1d9e0;
  --back: #fff; --head: #f6f8fa; --link: #0969da; }
@media (prefers-color-scheme: dark) { :root { --text: #f0f6fc; --muted: #9198a1;
  --line: #3d444d; --back: #0d1117; --head: #151b23; --link: #4493f8; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); overflow-wrap: anywhere;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
nav { padding: .75rem 1rem; background: var(--head); border-bottom: 1px solid var(--line); }
main { max-width: 60rem; margin: 0 auto; padding: 0 1rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.25; } h2 { font-size: 1.1rem; }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
.muted, time { color: var(--muted); } .muted { font-weight: normal; }
ul.tree { list-style: none; padding-left: 0; }
ul.tree ul.tree { padding-left: 1.25rem; border-left: 1px solid var(--line); margin-left: .4rem; }
ul.tree li, ul.repos li { padding: .15rem 0; }
.state { border-radius: 1em; padding: .1em .6em; font-size: .75rem; color: #fff;
  white-space: nowrap; }
.state.open { background: #1f883d; } .state.closed { background: #8250df; }
.state.skipped { background: #59636e; }
.label { border-radius: 1em; padding: .1em .6em; font-size: .75rem; border: 1px solid var(--line);
  white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dt { color: var(--muted); } dd { margin: 0; }
article { border: 1px solid var(--line); border-radius: 6px; margin: 1rem 0; }
article header { background: var(--head); padding: .5rem 1rem;
  border-bottom: 1px solid var(--line); border-radius: 6px 6px 0 0; }
.markdown { padding: .25rem 1rem; }
.markdown pre { background: var(--head); padding: .75rem; overflow: auto; border-radius: 6px; }
.markdown code { font: .875em ui-monospace, SFMono-Regular, Menlo, monospace; }
.markdown table { border-collapse: collapse; display: block; overflow: auto; }
.markdown td, .markdown th { border: 1px solid var(--line); padding: .35rem .75rem; }
.markdown blockquote { margin: 0; padding-left: 1rem; border-left: .25rem solid var(--line);
  color: var(--muted); }
.markdown img { max-width: 100%; }
li.todo { list-style: none; } li.todo input { margin: 0 .35em 0 -1.4em; }
"""
