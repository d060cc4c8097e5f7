"""The fuzzer's targets on what is kept: seeds, all that once broke, and a bounded random sample."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_kept_breaks_nothing(name: str) -> None:
    """Every file of a target's corpus, of which there is at least one."""
    files = sorted((CORPUS / name).iterdir())
    assert files
    for path in files:
        TARGETS[name](path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_pieces_of_what_is_kept_break_nothing(name: str) -> None:
    """A bounded sample: seeds that are cut, joined and sprinkled with bytes."""
    seeds = [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]
    piece = st.sampled_from(seeds).flatmap(
        lambda seed: st.tuples(st.integers(0, len(seed)), st.integers(0, len(seed))).map(
            lambda cut: seed[min(cut) : max(cut)]
        )
    )
    parts = st.lists(st.one_of(piece, st.binary(max_size=8)), max_size=6).map(b"".join)

    @settings(max_examples=150)
    @given(parts)
    def holds(data: bytes) -> None:
        TARGETS[name](data)

    holds()
