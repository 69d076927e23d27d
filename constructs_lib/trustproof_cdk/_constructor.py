"""
Arguments that a constructor does not have or cannot do without, and scopes that are none: said in the words of the
person who wrote them.

The CDK hands arguments on to another process, and what is wrong with them comes back as an error of that process.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import re
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import aws_cdk as cdk

from trustproof_cdk._arguments import arguments, known_later, messages
from trustproof_cdk._arguments.nodes import node_of
from trustproof_cdk._roles.role import RoleOptions
from trustproof_cdk.trusted import Trusted

_C = TypeVar("_C", bound=type)
_V = TypeVar("_V")
_A = TypeVar("_A", bound="Callable[..., Any]")

_NOT_GIVEN: Any = object()
#: What docstrings leave unsaid, since every construct has them.
_OF_EVERY_CONSTRUCT = {
    "scope": "the construct that it is made in, like a Stack",
    "construct_id": "a text that no other construct in the scope has",
}


def construct(cls: _C) -> _C:
    """
    Decorate a construct: its constructor refuses what it does not know, and names what was meant or is missing.

    Raises:
        TypeError: (the constructor) an argument of another name, none where one is needed, no construct as the scope,
            or no text as the id.
    """
    made = cls.__init__  # type: ignore[misc]
    known, needed = _parameters(made), _needed(made)

    @functools.wraps(made)
    def __init__(  # noqa: N807
        self: Any, scope: Any = _NOT_GIVEN, construct_id: Any = _NOT_GIVEN, *positional: Any, **given: Any
    ) -> None:
        with _in_words(lambda: f"{cls.__name__} {_path(scope, construct_id)}"), known_later.noted() as notes:
            _refuse_unknown(cls.__name__, known, given)
            _refuse_unnamed(cls.__name__, positional)
            placed = {"scope": scope, "construct_id": construct_id}
            present = [*given, *(name for name, value in placed.items() if value is not _NOT_GIVEN)]
            _refuse_missing(cls.__name__, cls.__doc__, needed, present)
            _refuse_no_construct(scope)
            if isinstance(scope, cdk.Stage):
                raise TypeError(
                    f"scope must be a Stack, or in one, got {arguments.described(scope)}, which has stacks in it"
                )
            if not isinstance(construct_id, str) or not construct_id:
                raise TypeError(f"construct_id must be a text that is not empty, got {construct_id!r}")
            made(self, scope, construct_id, **given)
            known_later.look_again(self, [*_noted_before(given.values()), *notes])

    cls.__init__ = __init__  # type: ignore[misc]
    return cls


def plugin(cls: _C) -> _C:
    """
    Decorate a class that has no scope, likewise.

    Raises:
        TypeError: (the constructor) an argument of another name, without one, or none where one is needed.
    """
    made = cls.__init__  # type: ignore[misc]
    known, needed = _parameters(made), _needed(made)

    @functools.wraps(made)
    def __init__(self: Any, *positional: Any, **given: Any) -> None:  # noqa: N807
        _refuse_unknown(cls.__name__, known, given)
        _refuse_unnamed(cls.__name__, positional)
        _refuse_missing(cls.__name__, cls.__doc__, needed, given)
        with _in_words():
            made(self, **given)

    cls.__init__ = __init__  # type: ignore[misc]
    return cls


def function(made: _A) -> _A:
    """Decorate a function that people call, likewise."""
    known, needed = _parameters(made), _needed(made)
    in_order = list(inspect.signature(made).parameters)

    @functools.wraps(made)
    def called(*positional: Any, **given: Any) -> Any:
        _refuse_unknown(f"{made.__name__}()", known, given)
        _refuse_missing(f"{made.__name__}()", made.__doc__, needed, [*given, *in_order[: len(positional)]])
        if in_order[:1] == ["scope"]:
            _refuse_no_construct(given.get("scope", *positional[:1]))
        with _in_words(lambda: f"{made.__name__}(){_of_construct([*positional, *given.values()])}"):
            return made(*positional, **given)

    return called  # type: ignore[return-value]


def _noted_before(given: Iterable[Any]) -> Iterator[known_later.Noted]:
    """The tokens in who is trusted, who was made before the construct."""
    for one in given:
        for trusted in one if isinstance(one, (list, tuple)) else (one,):
            if isinstance(trusted, Trusted):
                yield from trusted.noted


@contextmanager
def _in_words(whose: Callable[[], str] = str) -> Iterator[None]:
    """
    What is wrong with a value that only a deployment knows, without the text that stands for it; and where, as a note.

    Args:
        whose: what is made or called, with the path of its construct: a stack trace shows a line, which may be that of
            a loop. Nothing is noted where it is empty, or where what is inside of it has noted something.
    """
    try:
        yield
    except (TypeError, ValueError) as error:
        said = messages.plain(str(error))
        found = error if said == str(error) or type(error) not in (TypeError, ValueError) else type(error)(said)
        if (place := whose()) and not getattr(error, "__notes__", ()):
            found.add_note(f"in {place}")
        for note in getattr(error, "__notes__", ()) if found is not error else ():
            found.add_note(note)
        if found is error:
            raise
        raise found from None


def _path(scope: Any, construct_id: Any) -> str:
    """The path of a construct that is not made; of what is no scope nothing."""
    node = node_of(scope)
    around = "" if node is None else node.path
    return "/".join(str(part) for part in (around, construct_id) if part and part is not _NOT_GIVEN)


def _of_construct(given: Iterable[Any]) -> str:
    """The path of the first construct among some arguments, to end what is called; empty where there is none."""
    node = next((found for one in given if (found := node_of(one)) is not None), None)
    return "" if node is None else f" of {node.path}"


def renamed_argument(value: _V | None, name: str, old_value: _V | None, old_name: str) -> _V | None:
    """
    The value of an argument that had another name.

    Raises:
        TypeError: both are given.
    """
    if old_value is None:
        return value
    if value is not None:
        raise TypeError(f"{name} and {old_name} are the same argument, got both: leave {old_name} out")
    # Of the caller of the constructor: this function, the constructor, its check, and what calls it in jsii.
    warnings.warn(f"{old_name} is deprecated: its name is {name}", DeprecationWarning, stacklevel=5)
    return old_value


def _refuse_no_construct(scope: Any) -> None:
    if isinstance(scope, type) or (not hasattr(type(scope), "node") and node_of(scope) is None):
        raise TypeError(f"scope must be a construct like a Stack, got {arguments.described(scope)}")


def _parameters(made: Callable[..., Any]) -> list[str]:
    found = inspect.signature(made).parameters.values()
    named = [one.name for one in found if one.kind is inspect.Parameter.KEYWORD_ONLY]
    if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in found):
        named += RoleOptions.__annotations__
    positional = [one.name for one in found if one.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    return [*named, *(name for name in positional if name != "self")]


def _needed(made: Callable[..., Any]) -> list[str]:
    """The arguments without a default."""
    named = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    found = inspect.signature(made).parameters.values()
    return [one.name for one in found if one.kind in named and one.default is one.empty and one.name != "self"]


def _refuse_missing(whose: str, said: str | None, needed: list[str], present: Collection[str]) -> None:
    missing = [name for name in needed if name not in present]
    if missing:
        raise TypeError(f"{whose} needs {'; and '.join(_with_purpose(name, said) for name in missing)}")


def _with_purpose(name: str, said: str | None) -> str:
    """An argument and what it is for, by the first sentence of its entry in a docstring."""
    entry = re.search(rf"^ +{name}: (.*(?:\n {{8,}}.*)*)", inspect.cleandoc(said or ""), re.MULTILINE)
    sentence = "" if entry is None else " ".join(entry[1].split()).replace("``", "'")
    purpose = _OF_EVERY_CONSTRUCT.get(name) or re.split(r"(?<!e\.g)\.(?: |$)", sentence, maxsplit=1)[0]
    return f"{name!r}{f', {purpose}' if purpose else ''}"


def _refuse_unnamed(whose: str, positional: tuple[Any, ...]) -> None:
    if positional:
        raise TypeError(f"{whose} takes its arguments by name, got {positional[0]!r} without one")


def _refuse_unknown(whose: str, known: list[str], given: dict[str, Any]) -> None:
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            meant = f"; did you mean {near[0]!r}?" if near else f"; it has {', '.join(sorted(known))}"
            raise TypeError(f"{whose} has no argument {name!r}{meant}")
