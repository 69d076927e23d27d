"""
Packages whose names are imported when somebody asks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping


def lazily(package: str, names: Mapping[str, str]) -> Callable[[str], object]:
    """
    A ``__getattr__`` for a package: a program that uses little of it waits for little.

    Args:
        package: its ``__name__``.
        names: name to the module that has it.
    """

    def found(name: str) -> object:
        from importlib import import_module

        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(names[name]), name)

    return found
