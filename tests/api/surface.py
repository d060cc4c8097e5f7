"""The public API as text: what a user of the library relies on, one line each.

    python tests/api/surface.py > tests/api/public.txt

Names, signatures, the fields of every value that a public function takes or gives, the members of
enumerations, the errors with their codes and exit codes.
"""

from __future__ import annotations

import dataclasses
import enum
import importlib
import inspect
import pkgutil
import re
import sys
import types
import typing
from collections.abc import Iterator

import ghsync
from ghsync.errors import GhsyncError

_INNER = frozenset({"Run.bound", "Pulled.after"})
"""Fields that the package hands on to itself."""


def surface() -> str:
    """The whole text."""
    lines = ["# made by `make api`; do not edit", ""]
    values: dict[str, object] = {}
    for name in sorted(ghsync.__all__):
        thing = getattr(ghsync, name)
        lines += described(name, thing)
        for each in mentioned(thing):
            collect(each, values)
    named = {id(getattr(ghsync, name)) for name in ghsync.__all__}
    lines += ["", "# values that these take or give"]
    for name, thing in sorted(values.items()):
        if id(thing) not in named:
            lines += described(name, thing)
    lines += ["", "# errors: code, class, exit code"]
    lines += [f"{code} {name} {exit_code}" for code, name, exit_code in errors()]
    return "\n".join(lines) + "\n"


def described(name: str, thing: object) -> list[str]:
    """One name: a function's signature, a class's fields, an enumeration's members."""
    if inspect.isfunction(thing):
        return [f"{name}{signature(thing)}"]
    if isinstance(thing, type) and issubclass(thing, GhsyncError):
        bases = ", ".join(base.__name__ for base in thing.__bases__)
        arguments = signature(thing.__init__) if "__init__" in vars(thing) else ""
        return [f"{name}({bases}): {thing.code} {int(thing.exit_code)} {arguments}".rstrip()]
    if isinstance(thing, type) and issubclass(thing, enum.Enum):
        members = ", ".join(f"{member.name}={member.value!r}" for member in thing)
        return [f"{name}: {members}"]
    if isinstance(thing, type):
        return [f"{name}:", *(f"    {line}" for line in contents(thing))]
    if typing.get_args(thing):
        return [f"{name} = {' | '.join(sorted(told(each) for each in typing.get_args(thing)))}"]
    return [f"{name} = {thing!r}" if name != "__version__" else f"{name}: str"]


def contents(cls: type) -> Iterator[str]:
    """The fields and public methods of a class."""
    if dataclasses.is_dataclass(cls):
        for field in outer(cls):
            default = "" if required(field) else " = …"
            yield f"{field.name}: {field.type}{default}"
    elif typing.is_typeddict(cls):
        for name, kind in cls.__annotations__.items():
            yield f"{name}: {kind.__forward_arg__ if hasattr(kind, '__forward_arg__') else kind}"
    elif cls is ghsync.Token:
        yield f"__init__{signature(cls.__init__)}"
    for name, value in sorted(vars(cls).items()):
        if name.startswith("_"):
            continue
        if isinstance(value, property) and value.fget is not None:
            yield f"{name}: {inspect.signature(value.fget).return_annotation}"
        elif inspect.isfunction(value):
            yield f"{name}{signature(value)}"


def outer(cls: type) -> list[dataclasses.Field[object]]:
    """The fields that users read."""
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]
    return [field for field in fields if f"{cls.__name__}.{field.name}" not in _INNER]


def required(field: dataclasses.Field[object]) -> bool:
    """Whether a caller must give it."""
    missing = dataclasses.MISSING
    return field.default is missing and field.default_factory is missing


def signature(function: object) -> str:
    """A signature with its annotations as they are written."""
    assert callable(function)
    made = inspect.signature(function)
    words, star = [], False
    for parameter in made.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not star:
            words, star = [*words, "*"], True
        lead = "**" if parameter.kind is parameter.VAR_KEYWORD else ""
        noted = parameter.annotation is not parameter.empty
        words.append(f"{lead}{parameter.name}{f': {parameter.annotation}' if noted else ''}")
        if parameter.default is not parameter.empty:
            value = parameter.default
            named = isinstance(value, enum.Enum)
            words[-1] += f" = {f'{type(value).__name__}.{value.name}' if named else repr(value)}"
    return f"({', '.join(words)}) -> {made.return_annotation}"


def told(thing: object) -> str:
    """A type's name."""
    return thing.__name__ if isinstance(thing, type) else str(thing)


# ------------------------------------------------------------------------------ reach


def mentioned(thing: object) -> Iterator[object]:
    """What a public name is made of: its parameters, its result, its fields."""
    if inspect.isfunction(thing):
        words = " ".join(str(p.annotation) for p in inspect.signature(thing).parameters.values())
        words += f" {inspect.signature(thing).return_annotation}"
        yield from known(words, sys.modules[thing.__module__])
    elif isinstance(thing, type | types.UnionType) or typing.get_args(thing):
        yield thing


def known(words: str, module: types.ModuleType) -> Iterator[object]:
    """The classes of ghsync among the words of an annotation."""
    for word in sorted(set(re.findall(r"[A-Za-z_]\w*", words))):
        found = getattr(module, word, None) or getattr(sys.modules["ghsync.model"], word, None)
        if found is None and word in ghsync.__all__:
            found = getattr(ghsync, word)
        if found is not None:
            yield found


def collect(thing: object, found: dict[str, object]) -> None:
    """A value's class, and those of its fields."""
    for member in typing.get_args(thing):
        collect(member, found)
    if not isinstance(thing, type) or not thing.__module__.startswith("ghsync"):
        return
    if thing.__name__ in found or issubclass(thing, GhsyncError):
        return
    if not (dataclasses.is_dataclass(thing) or issubclass(thing, enum.Enum)):
        return
    found[thing.__name__] = thing
    if dataclasses.is_dataclass(thing):
        home = sys.modules[thing.__module__]
        for field in outer(thing):
            for each in known(str(field.type), home):
                collect(each, found)


def errors() -> list[tuple[str, str, int]]:
    """Every class of the family that a user can meet: code, name, exit code."""
    return sorted((cls.code, cls.__name__, int(cls.exit_code)) for cls in family())


def family() -> set[type[GhsyncError]]:
    """The classes themselves."""
    for module in pkgutil.walk_packages(ghsync.__path__, "ghsync."):
        if not module.name.startswith(("ghsync.__main__", "ghsync.examples")):
            importlib.import_module(module.name)
    todo: list[type[GhsyncError]] = [GhsyncError]
    found: set[type[GhsyncError]] = set()
    while todo:
        cls = todo.pop()
        todo += cls.__subclasses__()
        if cls.__module__.startswith("ghsync"):
            found.add(cls)
    return found


if __name__ == "__main__":
    print(surface(), end="")
