"""The package's dataclass decorator does what the standard one does, later."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import inspect
import pickle
import pkgutil
from typing import Any

import pytest

import ghsync
from ghsync import values

KINDS = (
    {"frozen": True, "slots": True, "kw_only": True},
    {"frozen": True, "slots": True},
    {"slots": True},
    {"slots": True, "kw_only": True},
)


@values.dataclass(frozen=True, slots=True, kw_only=True)
class Pickled:
    """A class that pickle can find."""

    name: str
    tags: tuple[str, ...] = ()


def twins(kind: dict[str, bool]) -> tuple[Any, Any]:
    """The same class, by the standard decorator and by ours."""

    def make(decorate: Any) -> Any:
        class Thing:
            """A thing."""

            name: str
            size: int = 3
            parts: list[str] = dataclasses.field(default_factory=list)
            secret: str = dataclasses.field(default="s", repr=False, compare=False)

        Thing.__qualname__ = "Thing"
        return decorate(**kind)(Thing)

    return make(dataclasses.dataclass), make(values._dataclass)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_ours_behaves_as_the_standard_one(kind: dict[str, bool]) -> None:
    """Signature, defaults, equality, repr, hash, replace and refusal to change are the same."""
    theirs, ours = twins(kind)
    assert str(inspect.signature(theirs)) == str(inspect.signature(ours))
    assert theirs.__init__.__annotations__ == ours.__init__.__annotations__
    assert theirs.__match_args__ == ours.__match_args__
    for cls in (theirs, ours):
        one, same, other = cls(name="a"), cls(name="a", secret="t"), cls(name="b", size=1)
        assert one == same != other
        assert one != ("a", 3, [])
        assert one.parts == []
        assert one.parts is not same.parts
        assert not hasattr(one, "__dict__")
        assert repr(one) == "Thing(name='a', size=3, parts=[])"
        assert dataclasses.asdict(other) == {"name": "b", "size": 1, "parts": [], "secret": "s"}
        assert dataclasses.replace(one, size=9) == cls(name="a", size=9)
        assert copy.deepcopy(one) == one
        with pytest.raises(TypeError):
            cls()
        with pytest.raises(TypeError):
            cls(name="a", colour="red")
        if kind.get("frozen"):
            with pytest.raises(dataclasses.FrozenInstanceError):
                one.name = "b"
            with pytest.raises(dataclasses.FrozenInstanceError):
                del one.name
            assert hash(cls(name="a", parts=())) == hash(cls(name="a", parts=(), secret="t"))
        else:
            one.name = "b"
            assert one.name == "b"
            assert cls.__hash__ is None


def test_what_a_class_defines_itself_is_kept() -> None:
    """A repr of its own stays, and what follows the constructor is called."""

    @values.dataclass(frozen=True, slots=True, kw_only=True)
    class Own:
        """Has both."""

        size: int

        def __post_init__(self) -> None:
            if self.size < 0:
                raise ValueError("negative")

        def __repr__(self) -> str:
            return "own"

    assert repr(Own(size=1)) == "own"
    with pytest.raises(ValueError, match="negative"):
        Own(size=-1)


def test_a_value_survives_pickling() -> None:
    """A frozen, slotted value goes to another process and comes back equal."""
    value = Pickled(name="a", tags=("b",))
    assert pickle.loads(pickle.dumps(value)) == value


def test_methods_are_made_when_they_are_first_used() -> None:
    """Decorating compiles nothing; making an instance compiles its ``__init__`` alone."""
    _, ours = twins(KINDS[0])
    made = {name for name in values._METHODS if inspect.isfunction(vars(ours)[name])}
    assert made == set()
    ours(name="a")
    made = {name for name in values._METHODS if inspect.isfunction(vars(ours)[name])}
    assert made == {"__init__"}


def test_every_class_of_the_package_is_decorated_here() -> None:
    """No module goes back to the decorator that compiles all at once."""
    wrong = []
    for module in pkgutil.walk_packages(ghsync.__path__, "ghsync."):
        if module.name.endswith("__main__") or module.name == "ghsync.values":
            continue
        names = vars(importlib.import_module(module.name))
        if names.get("dataclass") is dataclasses.dataclass:
            wrong.append(module.name)
    assert wrong == []


def test_replace_is_the_standard_one_but_faster() -> None:
    """Changes are made, the rest is kept, what there is not is refused; one field works, too."""

    @values.dataclass(frozen=True, slots=True, kw_only=True)
    class One:
        """One field."""

        size: int

    value = Pickled(name="a", tags=("b",))
    assert values.replace(value, name="c") == dataclasses.replace(value, name="c")
    assert values.replace(One(size=1), size=2) == One(size=2)
    with pytest.raises(TypeError):
        values.replace(value, colour="red")  # type: ignore[call-arg]
