"""
Named tuples that cost little to declare; `trustproof._typing` offers them under the name of `typing.NamedTuple`.

That one compiles the annotation of every field, and a constructor for every class, whenever a module is imported:
together a third of the time of a small run.
"""

from __future__ import annotations

from collections import _tuplegetter  # type: ignore[attr-defined]
from collections.abc import Iterable
from types import CodeType, FunctionType


class Record(tuple):  # type: ignore[type-arg]
    """What all named tuples have in common, as those of the standard library have it."""

    __slots__ = ()
    _fields: tuple[str, ...] = ()

    @classmethod
    def _make(cls, values: Iterable[object]) -> Record:
        made = tuple.__new__(cls, values)
        if len(made) != len(cls._fields):
            raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
        return made

    def _replace(self, /, **changes: object) -> Record:
        made = self._make(map(changes.pop, self._fields, self))
        if changes:
            raise ValueError(f"Got unexpected field names: {[*changes]!r}")
        return made

    def _asdict(self) -> dict[str, object]:
        return dict(zip(self._fields, self, strict=True))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
        return f"{self.__class__.__name__}({shown})"

    def __getnewargs__(self) -> tuple[object, ...]:
        return tuple(self)


class Declared(type):
    """
    Makes a record of a class body: its annotations are the fields, its values their defaults.
    """

    def __new__(cls, name: str, _: tuple[type, ...], body: dict[str, object]) -> type:
        """The class; not an instance of this one, so that it costs nothing to use."""
        annotations = body.get("__annotations__", {})
        assert isinstance(annotations, dict)
        fields = tuple(annotations)
        defaults = {field: body.pop(field) for field in fields if field in body}
        body.update({field: _tuplegetter(number, None) for number, field in enumerate(fields)})
        body.update(
            __slots__=(),
            __match_args__=fields,
            __new__=_constructor(name, fields, tuple(defaults.values())),
            _fields=fields,
            _field_defaults=defaults,
        )
        return type(name, (Record,), body)


#: Number of fields to the code of a constructor.
_CODES: dict[int, CodeType] = {}


def _constructor(name: str, fields: tuple[str, ...], defaults: tuple[object, ...]) -> FunctionType:
    code = _CODES.get(len(fields))
    if code is None:
        names = "".join(f"_{number}, " for number in range(len(fields)))
        # The names of the fields are put in later, so that nothing but numbers is ever in this text.
        code = _CODES[len(fields)] = eval(f"lambda _cls, {names}: new(_cls, ({names}))").__code__  # noqa: S307
    named = code.replace(co_name="__new__", co_qualname=f"{name}.__new__", co_varnames=("_cls", *fields))
    return FunctionType(named, {"new": tuple.__new__}, "__new__", defaults)


NamedTuple = type.__new__(Declared, "NamedTuple", (), {})
