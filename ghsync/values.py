"""The dataclass decorator of this package: the standard one, its methods made when first used.

The standard decorator compiles six functions a class, which is 1.4 ms for a frozen one; with some
two hundred classes that was half of what a short command cost, most of it for classes that the
command never made an instance of. Here ``__init__``, ``__repr__`` and ``__eq__`` do the same and
are compiled when somebody first asks for them; ``__hash__`` needs no compiling.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

T = TypeVar("T")
_METHODS: Final = ("__init__", "__repr__", "__eq__")


class _Made:
    """Stands in a signature for a default that is made anew for each instance."""

    def __repr__(self) -> str:
        return "<factory>"


_MADE: Final = _Made()


class _Later:
    """A method that takes its own place when it is first looked up."""

    def __init__(self, home: type, name: str, *, frozen: bool) -> None:
        self._home = home
        self._name = name
        self._frozen = frozen

    def __get__(self, instance: object, owner: type) -> Any:
        """Compile the method, leave it to the class, and bind it."""
        method = _compiled(self._home, self._name, frozen=self._frozen)
        setattr(self._home, self._name, method)
        return method if instance is None else method.__get__(instance, owner)


def _compiled(home: type, name: str, *, frozen: bool) -> Any:
    """The method that the standard decorator would have given the class."""
    if name == "__init__":
        return _init(home, frozen=frozen)
    twin = dataclasses.make_dataclass(
        home.__name__,
        [(field.name, field.type, _again(field)) for field in dataclasses.fields(home)],
        namespace={"__qualname__": home.__qualname__, "__module__": home.__module__},
        init=False,
        repr=name == "__repr__",
        eq=name == "__eq__",
    )
    return vars(twin)[name]


def _init(home: type, *, frozen: bool) -> Any:
    """``__init__``; the standard one of a frozen class comes with two more functions to compile.

    A frozen, slotted class is filled through its slots, in half the time of ``object.__setattr__``.
    """
    fields = dataclasses.fields(home)
    known: dict[str, Any] = {"_set": object.__setattr__, "_made": _MADE}
    assign = "_set(self, {0!r}, {1})" if frozen else "self.{0} = {1}"
    if frozen and "__slots__" in vars(home):
        assign = "_set_{0}(self, {1})"
        known |= {f"_set_{field.name}": getattr(home, field.name).__set__ for field in fields}
    heads: dict[bool, list[str]] = {False: ["self"], True: []}
    lines = []
    for field in fields:
        name = value = field.name
        default = f"_of_{name}"
        if not field.init:
            raise TypeError(f"{home.__qualname__}.{name}: init=False is not done here")
        if field.default is not dataclasses.MISSING:
            known[default] = field.default
            heads[field.kw_only is True].append(f"{name}={default}")
        elif field.default_factory is not dataclasses.MISSING:
            known[default] = field.default_factory
            heads[field.kw_only is True].append(f"{name}=_made")
            value = f"{default}() if {name} is _made else {name}"
        else:
            heads[field.kw_only is True].append(name)
        lines.append(assign.format(name, value))
    if hasattr(home, "__post_init__"):
        lines.append("self.__post_init__()")
    head = ", ".join([*heads[False], *(["*", *heads[True]] if heads[True] else [])])
    body = "\n  ".join(lines or ["pass"])
    source = f"def make({', '.join(known)}):\n def __init__({head}):\n  {body}\n return __init__"
    made: dict[str, Any] = {}
    exec(source, vars(sys.modules[home.__module__]), made)  # noqa: S102 (as the standard one does)
    method = made["make"](**known)
    method.__qualname__ = f"{home.__qualname__}.__init__"
    method.__annotations__ = {field.name: field.type for field in fields} | {"return": None}
    return method


def _hasher(home: type) -> Callable[[object], int]:
    """``__hash__``; a function at once, since the standard decorator looks at it in a default."""
    names: list[str] = []

    def __hash__(self: object) -> int:  # noqa: N807 (it becomes the method)
        if not names:
            names.extend(
                field.name
                for field in dataclasses.fields(home)
                if (field.compare if field.hash is None else field.hash)
            )
        return hash(tuple([getattr(self, name) for name in names]))

    return __hash__


def _again(field: dataclasses.Field[Any]) -> Any:
    """The same field for another class; a ``Field`` can belong to one only."""
    given: dict[str, Any] = {
        "init": field.init,
        "repr": field.repr,
        "hash": field.hash,
        "compare": field.compare,
        "kw_only": field.kw_only,
    }
    if field.default is not dataclasses.MISSING:
        given["default"] = field.default
    if field.default_factory is not dataclasses.MISSING:
        given["default_factory"] = field.default_factory
    return dataclasses.field(**given)


def _no_set(self: object, name: str, value: object) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _no_delete(self: object, name: str) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[object]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _restore(self: Any, state: list[object]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)


def _dataclass(
    *, frozen: bool = False, slots: bool = False, kw_only: bool = False
) -> Callable[[type[T]], type[T]]:
    """What `dataclasses.dataclass` does, as far as this package uses it."""

    def made(given: type[T]) -> type[T]:
        own = vars(given)
        if given.__doc__ is None:
            given.__doc__ = given.__name__  # else the standard decorator spells out the signature
        home = dataclasses.dataclass(
            init=False, repr=False, eq=False, slots=slots, kw_only=kw_only
        )(given)
        for name in _METHODS:
            if name not in own:
                setattr(home, name, _Later(home, name, frozen=frozen))
        if not frozen:
            home.__hash__ = None  # type: ignore[assignment]
            return home
        if "__hash__" not in own:
            home.__hash__ = _hasher(home)  # type: ignore[assignment]
        parts = {"__setattr__": _no_set, "__delattr__": _no_delete}
        if slots:
            parts |= {"__getstate__": _state, "__setstate__": _restore}
        for name, method in parts.items():
            setattr(home, name, method)
        return home

    return made


@cache
def _reader(cls: Any) -> tuple[tuple[str, ...], Callable[[object], Any]]:
    """The names of a class's fields, and what reads them all at once."""
    names = tuple(field.name for field in dataclasses.fields(cls))
    return names, attrgetter(*names)


def _replace(value: Any, **changes: object) -> Any:
    """What `dataclasses.replace` does, in a quarter of the time; for loops over all items."""
    cls: Any = type(value)
    names, read = _reader(cls)
    if len(names) < 2:  # an attrgetter of one name gives no tuple
        return dataclasses.replace(value, **changes)
    return cls(**(dict(zip(names, read(value), strict=True)) | changes))


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import replace as replace
else:
    dataclass = _dataclass
    replace = _replace
