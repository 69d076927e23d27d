"""
What a plan does to what other inputs of the run say, of which nothing is in its own policies.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from trustproof.model.text import GENERATED_NAME, Symbol, Symbolic, Text

#: What an ARN of IAM says of where it is, as far as that is written.
_PLACE = re.compile(r"arn:([\w-]+):iam::(\d{12})?")
_SOME_ACCOUNT = "0" * 12


class MovedAccount(NamedTuple):
    """An account that is put below another unit of its organization."""

    account: str
    #: The id of the unit or root that it is in then, empty for one that nobody knows; None where it leaves.
    to: str | None


class WithdrawnControl(NamedTuple):
    """A control policy that says something else then, or is attached to less: what others say of it is how it was."""

    #: The address of what a plan changes.
    address: str
    #: The id and name of the policy.
    known_as: tuple[str, ...]
    #: What it is detached from; None for everything.
    target: str | None = None


class ReplacedPrincipal(NamedTuple):
    """
    A user or role that is made anew, or deleted: what names the old one by its ARN names nobody then.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """

    #: None where it is not known.
    account: str | None
    #: ``user`` or ``role``.
    kind: str
    path: str
    name: str

    def may_be(self, arn: Text) -> bool:
        """Whether an ARN may be its own."""
        parts = (arn,) if isinstance(arn, str) else arn.parts
        if any(isinstance(part, Symbol) and part.holds == GENERATED_NAME for part in parts):
            return False
        said = _PLACE.match("".join(part if isinstance(part, str) else "<" for part in parts))
        account = self.account or (said and said[2]) or _SOME_ACCOUNT
        own = f"arn:{said[1] if said else 'aws'}:iam::{account}:{self.kind}{self.path}{self.name}"
        if isinstance(parts[-1], str) and not own.endswith(parts[-1]):
            # Many are asked about, and most end otherwise.
            return False
        return re.fullmatch("".join(map(_pattern, parts)), own, re.DOTALL) is not None


class OutwardChanges(NamedTuple):
    """What a plan changes for others."""

    #: Types of control policies that are detached from everything, as another one may attach them.
    detached: tuple[str, ...] = ()
    moved: tuple[MovedAccount, ...] = ()
    replaced: tuple[ReplacedPrincipal, ...] = ()
    withdrawn: tuple[WithdrawnControl, ...] = ()
    #: Users and roles that are not there then; another file may make one of the name.
    deleted: tuple[ReplacedPrincipal, ...] = ()
    #: The ids of organizational units that are not there then, with all that is attached to them.
    closed: tuple[str, ...] = ()


def _pattern(part: str | Symbol) -> str:
    """What a part of an ARN may be, as a regular expression."""
    if isinstance(part, str):
        return re.escape(part)
    return ".*" if part.allowed is None else f"(?:{'|'.join(map(re.escape, part.allowed))})"


def may_be_one(replaced: tuple[ReplacedPrincipal, ...], arn: Text) -> ReplacedPrincipal | None:
    """The one of several that an ARN may be that of; None where it is that of nobody who is replaced."""
    if not isinstance(arn, (str, Symbolic)):
        return None
    return next((one for one in replaced if one.may_be(arn)), None)
