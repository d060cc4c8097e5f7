"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const root = document.documentElement;

  // ---- light and dark: as the system says, until somebody chooses
  const theme = $("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const named = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
  const kept = (value) => {
    try {
      if (value) localStorage.setItem("ghsync-theme", value);
      return localStorage.getItem("ghsync-theme");
    } catch { return null; } // a file may have no storage
  };
  const choose = (value) => { root.dataset.theme = value; named(); };
  if (["dark", "light"].includes(kept())) root.dataset.theme = kept();
  named();
  theme.hidden = false;
  theme.onclick = () => { choose(isDark() ? "light" : "dark"); kept(root.dataset.theme); };
  system.onchange = named;

  // ---- what is opened for the first time becomes elements; until then it is one text
  const fill = (details) => {
    const held = details.querySelector(":scope>noscript");
    if (!held) return;
    const made = document.createElement("template");
    made.innerHTML = held.textContent;
    held.replaceWith(made.content);
  };
  document.addEventListener("toggle", (event) => fill(event.target), true);

  // ---- the index: one entry a row, made once
  const tree = document.querySelector(".tree");
  if (!tree) return;
  const words = (row) => [...row.querySelectorAll("h3,.lb,.m")].map((e) => e.textContent).join(" ").toLowerCase();
  const items = [...tree.querySelectorAll("li[data-m]")].map((li) => ({
    li,
    it: li.firstElementChild,
    kids: li.children[1],
    above: null,
    words: words(li.firstElementChild.firstElementChild),
    marks: li.dataset.m.split(" "),
    text: null,
    unfolded: null,
  }));
  const byLi = new Map(items.map((item) => [item.li, item]));
  for (const item of items) item.above = byLi.get(item.li.parentElement.closest("li[data-m]")) || null;
  const signs = { amp: "&", lt: "<", gt: ">", quot: '"', "#x27": "'" };
  const textOf = (item) => {
    if (item.text !== null) return item.text;
    const held = item.it.querySelector(":scope>noscript")?.textContent ?? item.it.innerHTML;
    const from = held.indexOf('class="md">');
    const html = from < 0 ? "" : held.slice(from + 11, held.lastIndexOf("<dl>"));
    const plain = html.replace(/<[^>]*>/g, "").replace(/&(amp|lt|gt|quot|#x27);/g, (_, name) => signs[name]);
    return (item.text = plain.toLowerCase());
  };

  // ---- search and filters
  const box = $("q"), deep = $("deep"), count = $("n"), nothing = $("nothing");
  const chips = [...document.querySelectorAll(".chips .chip")];
  const pressed = () => chips.filter((c) => c.ariaPressed === "true").map((c) => c.dataset.f);
  const number = (n) => n.toLocaleString("en");
  let searching = false;

  const apply = () => {
    const asked = box.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const only = pressed();
    const active = asked.length > 0 || only.length > 0;
    const fits = (item) =>
      (!only.length || item.marks.some((m) => only.includes(m))) &&
      asked.every((w) => item.words.includes(w) || (deep.checked && textOf(item).includes(w)));
    let found = 0;
    if (active && !searching) for (const item of items) item.unfolded = item.kids?.open;
    const shown = new Set();
    for (const item of items) {
      const hit = active && fits(item);
      item.hit = hit;
      if (!hit) continue;
      found += 1;
      for (let at = item; at && !shown.has(at); at = at.above) shown.add(at);
    }
    for (const item of items) {
      item.li.hidden = active && !shown.has(item);
      item.it.firstElementChild.classList.toggle("hit", item.hit);
      if (item.kids) {
        if (active) item.kids.open = true;
        else if (searching && item.unfolded !== null) item.kids.open = item.unfolded;
        item.kids.hidden = active;
      }
    }
    for (const item of shown) if (active && item.above) item.above.kids.hidden = false;
    searching = active;
    count.textContent = active
      ? `${number(found)} of ${number(items.length)} issues`
      : `${number(items.length)} issues`;
    nothing.hidden = !active || found > 0;
  };

  const state = () => {
    const hash = new URLSearchParams();
    if (box.value.trim()) hash.set("q", box.value.trim());
    if (pressed().length) hash.set("f", pressed().join(","));
    if (deep.checked) hash.set("deep", "1");
    try { history.replaceState(null, "", `#${hash}`); } catch { /* not from every origin */ }
  };
  let waiting = 0;
  const changed = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { apply(); state(); }, 60);
  };
  box.oninput = changed;
  deep.onchange = changed;
  for (const chip of chips) {
    chip.onclick = () => { chip.ariaPressed = String(chip.ariaPressed !== "true"); apply(); state(); };
  }
  $("unfold").onclick = () => { for (const item of items) if (item.kids) item.kids.open = true; };
  $("fold").onclick = () => {
    for (const item of items) { item.it.open = false; if (item.kids) item.kids.open = false; }
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !/^(INPUT|TEXTAREA)$/.test(event.target.tagName)) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "Escape" && event.target === box && box.value) {
      box.value = "";
      changed();
    }
  });

  // ---- an address: #i12 opens an issue, #q=word&f=create searches
  const show = (item) => {
    if (item.li.hidden) { box.value = ""; for (const c of chips) c.ariaPressed = "false"; apply(); }
    for (let at = item.above; at; at = at.above) if (at.kids) at.kids.open = true;
    fill(item.it);
    item.it.open = true;
    item.li.scrollIntoView({ block: "start" });
    item.it.firstElementChild.focus({ preventScroll: true });
  };
  const go = () => {
    const hash = location.hash.slice(1);
    const target = /^i\d+$/.test(hash) ? byLi.get($(hash)) : null;
    if (target) { show(target); return; }
    if (hash && !hash.includes("=")) return;
    const asked = new URLSearchParams(hash);
    box.value = asked.get("q") ?? "";
    deep.checked = asked.get("deep") === "1";
    const only = (asked.get("f") ?? "").split(",");
    for (const chip of chips) chip.ariaPressed = String(only.includes(chip.dataset.f));
    if (["dark", "light"].includes(asked.get("theme"))) choose(asked.get("theme"));
    apply();
  };
  $("tools").hidden = false;
  addEventListener("hashchange", go);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#i"]');
    const href = link?.getAttribute("href");
    if (href && href === location.hash) { event.preventDefault(); go(); } // the same again
  });
  apply();
  go();
  // The browser's own jump to #i12 comes after this script, and takes the focus away. A search
  // is not done again: it would take away what somebody has typed meanwhile.
  addEventListener("load", () => setTimeout(() => { if (/^#i\d+$/.test(location.hash)) go(); }));
})();
