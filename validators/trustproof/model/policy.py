"""
Policy documents as values: statements, principals, conditions.

The names are the elements' names in the IAM policy grammar:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from trustproof.model.text import Text

#: Keys and indices that lead from the root of a template (or policy) to a value in it.
Path: TypeAlias = "tuple[str | int, ...]"


class Made(str):
    """
    Ends a path to what a function makes there: the text that is made, empty where that is not known. It leads to what
    of the function says it.
    """

    __slots__ = ()


def written_part(path: Path) -> Path:
    """A path without what a function makes at its end."""
    return path[:-1] if path and isinstance(path[-1], Made) else path


ALLOW = "Allow"
DENY = "Deny"


class Guard(NamedTuple):
    """
    Something that must hold in a deployment for a statement to exist.

    `value` is a bool for a CloudFormation condition, and text for a parameter with that value.
    """

    name: str
    value: bool | str


class Principal(NamedTuple):
    """
    One entry of a ``Principal`` or ``NotPrincipal`` element.

    `kind` is ``AWS``, ``Service``, ``Federated``, ``CanonicalUser``, or ``*`` for the bare ``"Principal": "*"``
    (then `value` is ``*`` too).
    """

    kind: str
    value: Text


class Condition(NamedTuple):
    """
    One condition: operator and key as written, and the operands, which are alternatives.

    Booleans and numbers are kept as the text IAM compares (``true``, ``3600``).
    """

    operator: str
    key: str
    operands: tuple[Text, ...]
    #: Where the operands stand.
    path: Path = ()


class Statement(NamedTuple):
    """
    One statement. Of each ``X``/``NotX`` pair at most one is not None.
    """

    effect: str
    principals: tuple[Principal, ...] | None = None
    not_principals: tuple[Principal, ...] | None = None
    actions: tuple[Text, ...] | None = None
    not_actions: tuple[Text, ...] | None = None
    resources: tuple[Text, ...] | None = None
    not_resources: tuple[Text, ...] | None = None
    conditions: tuple[Condition, ...] = ()
    sid: str | None = None
    #: Reasons why a part of this statement could not be read (an unexpanded macro, an imported Action …).
    #: Such a part may be anything: the statement may then match more or fewer requests than its other elements say.
    unreadable: tuple[str, ...] = ()
    #: All of them must hold for the statement to exist.
    guards: tuple[Guard, ...] = ()
    #: Where the statement stands.
    path: Path = ()
    #: Whether its effect is not written out: a parameter, mapping or condition gives it.
    effect_is_given: bool = False


class Policy(NamedTuple):
    """
    A policy document.

    `version` is None where the document has none; only ``2012-10-17`` makes ``${...}`` a policy variable.
    """

    statements: tuple[Statement, ...]
    version: str | None = "2012-10-17"
    path: Path = ()

    @property
    def has_variables(self) -> bool:
        """Whether ``${...}`` in this document is a policy variable rather than literal text."""
        return self.version == "2012-10-17"
