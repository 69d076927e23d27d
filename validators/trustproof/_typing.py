"""
What modules need of `typing` when they run, which is next to nothing.

Importing `typing` itself takes longer than reading a small template. To type checkers, all of this is `typing`.
"""

from __future__ import annotations

#: Type checkers take a variable of this name to be true.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any as Any
    from typing import ClassVar as ClassVar
    from typing import Final as Final
    from typing import Generic as Generic
    from typing import NamedTuple as NamedTuple
    from typing import NoReturn as NoReturn
    from typing import Protocol as Protocol
    from typing import TextIO as TextIO
    from typing import TypeAlias as TypeAlias
    from typing import TypeGuard as TypeGuard
    from typing import TypeVar as TypeVar
    from typing import cast as cast
else:
    from trustproof._records import NamedTuple as NamedTuple

    class _Form:
        """Stands where an annotation or the base of a class stands; a subscript changes nothing."""

        def __class_getitem__(cls, _):
            return cls

        def __init__(self, *_, **__):
            pass

    Any = ClassVar = Final = Generic = NoReturn = Protocol = TextIO = TypeAlias = TypeGuard = TypeVar = _Form

    def cast(_, value):
        """The value, of which a type checker is told another type."""
        return value
