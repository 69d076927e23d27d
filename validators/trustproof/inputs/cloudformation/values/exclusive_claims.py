"""
What a template has all of, and so takes away of what others give: exclusive resources of Terraform.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_user_policies_exclusive
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_policy_attachment
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from trustproof.inputs.grammar.open_texts import Part, may_be_same
from trustproof.model.text import BUCKET_NAME, GENERATED_NAME, Symbol, Symbolic, Text

#: What a claim may have all of, before the kind of entity: inline policies, attached ones, whom a policy is attached
#: to; and all who are in a group.
INLINE, ATTACHED, HOLDERS, MEMBERS = "inline policies of a", "attached policies of a", "having a policy, each a", "in a"
#: Likewise the boundary of a permission set, and what is around a bucket.
BOUNDARY, BLOCK = "boundary of a", "public access block of a bucket"
#: The kind of buckets, likewise that of managed policies among what templates declare and name.
BUCKET, POLICY = "bucket", "policy"
#: Begins the first part of a key under which linked values have a claim.
_KEY = "taken away "
#: What CloudFormation makes of stack, logical id and random characters.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
_GENERATED = r"[\w+=,.@-]*-[A-Za-z0-9]{8,}"


class Claim(NamedTuple):
    """
    That a resource has all that there is of something.
    """

    #: One of the constants above, and a kind of entity.
    what: str
    #: The name of whom or what it is about, of a policy with its path, in pieces; None for one that is not known.
    of: tuple[str | None, ...]
    #: What it leaves there: names of inline policies, users and roles; of policies path and name, or an ARN of AWS's.
    kept: tuple[str, ...] = ()
    #: Whether its own template declares what it is about.
    is_own: bool = False

    @property
    def kind(self) -> str:
        """The kind of what it is about, as templates declare and name it."""
        if self.what.startswith(HOLDERS):
            return POLICY
        if self.what == BLOCK:
            return BUCKET
        what = next(one for one in (INLINE, ATTACHED, MEMBERS, BOUNDARY) if self.what.startswith(one))
        return self.what.removeprefix(what).strip()

    @property
    def name(self) -> str | None:
        """The name of what it is about; None where not all of it is known."""
        return None if None in self.of else "".join(piece or "" for piece in self.of)

    def may_mean(self, name: Text) -> bool:
        """Whether what has a name may be what it is about."""
        if isinstance(name, str):
            return self.name == name if self.name is not None else may_be_same(self._pieces, (name,))
        if self.name is not None:
            return re.fullmatch(pattern_of(name), self.name, re.DOTALL) is not None
        return may_be_same(self._pieces, [p if isinstance(p, str) else Part(p.name) for p in name.parts])

    @property
    def _pieces(self) -> list[str | Part]:
        return [Part(str(at)) if piece is None else piece for at, piece in enumerate(self.of)]


def pattern_of(name: Symbolic) -> str:
    """What a name of which not all is known may be, as a regular expression."""
    return "".join(map(_pattern, name.parts))


def _pattern(part: str | Symbol) -> str:
    """What a part of a name may be, as a regular expression."""
    if isinstance(part, str):
        return re.escape(part)
    if part.allowed is not None:
        return f"(?:{'|'.join(map(re.escape, part.allowed))})"
    return _GENERATED if part.holds in (GENERATED_NAME, BUCKET_NAME) else ".*"


def claims(written: object) -> tuple[Claim, ...]:
    """The claims of a template, as its data has them."""
    listed = written if isinstance(written, list) else ()
    return tuple(Claim(str(what), tuple(of), tuple(kept), bool(own)) for what, of, kept, own in listed)


def keyed(claim: Claim, by: str, reason: str) -> tuple[tuple[str, str], str]:
    """
    A claim as an item of `LinkedValues.ambiguous`.

    Args:
        by: the name of the template that has it.
        reason: what to say.
    """
    return (f"{_KEY}{claim.what}", json.dumps([by, claim.of, claim.kept, claim.is_own])), reason


class _Found(NamedTuple):
    """
    A claim, the name of the template that has it, and what to say.
    """

    claim: Claim
    by: str
    reason: str


class Claims:
    """
    The claims of other templates.

    Args:
        ambiguous: `LinkedValues.ambiguous`.
    """

    def __init__(self, ambiguous: Mapping[tuple[str, str], str]) -> None:
        self._named: dict[tuple[str, str], list[_Found]] = {}
        #: Those of which the name is not known, and all.
        self._open: dict[str, list[_Found]] = {}
        self._all: dict[str, list[_Found]] = {}
        for (key, written), reason in ambiguous.items():
            if key.startswith(_KEY):
                by, of, kept, is_own = json.loads(written)
                claim = Claim(key.removeprefix(_KEY), tuple(of), tuple(kept), is_own)
                found = _Found(claim, by, reason)
                self._all.setdefault(claim.what, []).append(found)
                if claim.name is None:
                    self._open.setdefault(claim.what, []).append(found)
                else:
                    self._named.setdefault((claim.what, claim.name), []).append(found)

    def __bool__(self) -> bool:
        return bool(self._all)

    def reason(self, what: str, name: Text, items: Iterable[Text], by: str, *, declared: bool) -> str:
        """
        Why something may be taken away; empty where nobody takes it away.

        Args:
            what: as of a claim.
            name: whom or what it is given to.
            items: what the thing may be called.
            by: the name of the template that gives it, whose own claims are none against it.
            declared: whether that template declares what it is given to: then it is none that another one makes.
        """
        known = [item for item in items if isinstance(item, str)]
        near: list[_Found]
        if isinstance(name, str):
            near = [*self._named.get((what, name), ()), *self._open.get(what, ())]
        else:
            near = self._all.get(what, [])
        for one in near:
            if one.by == by or (declared and one.claim.is_own) or not one.claim.may_mean(name):
                continue
            if not any(item in one.claim.kept for item in known):
                return one.reason
        return ""
