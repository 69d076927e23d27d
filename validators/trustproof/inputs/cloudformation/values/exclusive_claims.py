"""
What a template has all of, and so takes away of what others give: exclusive resources of Terraform.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_user_policies_exclusive
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_policy_attachment
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from trustproof.inputs.grammar.open_texts import Part, may_be_same
from trustproof.model.text import BUCKET_NAME, GENERATED_NAME, Symbol, Symbolic, Text

#: What a claim may have all of, before the kind of entity: inline policies, attached ones, whom a policy is attached
#: to; and all who are in a group.
INLINE, ATTACHED, HOLDERS, MEMBERS = "inline policies of a", "attached policies of a", "having a policy, each a", "in a"
#: Likewise the boundary of a permission set, and what is around a bucket.
BOUNDARY, BLOCK = "boundary of a", "public access block of a bucket"
#: Likewise what is around all buckets of an account.
ACCOUNT_BLOCK = "public access block of an account"
#: Likewise the text of a managed policy: whoever has the policy has that text.
TEXT = "text of a"
#: Not what is taken away: that whoever or what has a name was there before, and so is what others declare by it.
SAME = "same name of a"
#: How it takes something away, to what is said of whom or what it is about, with the file.
ALL, REPLACED, DELETED, MANAGED = "all", "replaced", "deleted", "managed"
HOW = {
    ALL: "what {} has all of, which takes away what others give when it is applied",
    REPLACED: "what {} may put an inline policy on of the same name, which replaces the one given here",
    DELETED: "what {} deletes something of, and it may be what is given here",
    MANAGED: "what {} manages too, and it may be another one there",
}
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
    #: What it leaves there: names of inline policies, users and roles; of policies path and name, or an ARN of AWS's;
    #: what is as it puts it there, as `text_of` writes a policy.
    kept: tuple[str, ...] = ()
    #: Whether its own template declares what it is about.
    is_own: bool = False
    #: The names of what it takes away, in pieces as above, where it leaves all others there.
    only: tuple[tuple[str | None, ...], ...] = ()
    #: One of the keys of `HOW`.
    how: str = ALL

    @property
    def kind(self) -> str:
        """The kind of what it is about, as templates declare and name it."""
        if self.what.startswith((HOLDERS, TEXT)):
            return POLICY
        if self.what in (BLOCK, ACCOUNT_BLOCK):
            return BUCKET
        what = next(one for one in (INLINE, ATTACHED, MEMBERS, BOUNDARY, SAME) if self.what.startswith(one))
        return self.what.removeprefix(what).strip()

    @property
    def name(self) -> str | None:
        """The name of what it is about; None where not all of it is known."""
        return _whole(self.of)

    def may_mean(self, name: Text) -> bool:
        """Whether what has a name may be what it is about."""
        return _may_name(self.of, name)

    def may_find(self, names: frozenset[str | None]) -> bool:
        """
        Whether it may be about one of the inline policies of a template.

        Args:
            names: of these; None among them for one that is not known.
        """
        if not self.only or not self.what.startswith(INLINE):
            return True
        if None in names or any(None in one for one in self.only):
            return bool(names)
        return any(_whole(one) in names for one in self.only)

    def takes(self, items: Collection[Text], text: str = "") -> bool:
        """
        Whether it may take something away.

        Args:
            items: what the thing may be called; none where nobody can read it.
            text: of a policy, as `text_of` writes it; empty where that is not known.
        """
        if self.only:
            if text and text in self.kept:
                return False
            return not items or any(_may_name(one, item) for one in self.only for item in items)
        return not any(item in self.kept for item in items if isinstance(item, str))


def _whole(pieces: tuple[str | None, ...]) -> str | None:
    """A name in pieces as a text; None where not all of it is known."""
    return None if None in pieces else "".join(piece or "" for piece in pieces)


def _may_name(pieces: tuple[str | None, ...], name: Text) -> bool:
    """Whether a name in pieces, of which None is not known, may be another one."""
    whole = _whole(pieces)
    if isinstance(name, str) and whole is not None:
        return whole == name
    if whole is not None and isinstance(name, Symbolic):
        return re.fullmatch(pattern_of(name), whole, re.DOTALL) is not None
    parts = (name,) if isinstance(name, str) else [p if isinstance(p, str) else Part(p.name) for p in name.parts]
    return may_be_same([Part(str(at)) if piece is None else piece for at, piece in enumerate(pieces)], parts)


def text_of(document: object) -> str:
    """
    A policy as text, which is the same for policies that are written alike; empty where not all of it is known.

    Args:
        document: a policy of a template, or JSON.
    """
    try:
        found = _plain(json.loads(document) if isinstance(document, str) else document)
    except ValueError:
        return ""
    return json.dumps(found, sort_keys=True)


def _plain(value: object) -> object:
    """
    A part of a policy, where a list of one is what is in it.

    Raises:
        ValueError: something in it is a function of templates.
    """
    if isinstance(value, (str, int, float)):
        return value
    if isinstance(value, list):
        return _plain(value[0]) if len(value) == 1 else [_plain(one) for one in value]
    if not isinstance(value, Mapping) or any(key == "Ref" or str(key).startswith("Fn::") for key in value):
        raise ValueError("not all of it is known")
    return {str(key): _plain(one) for key, one in value.items()}


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
    return tuple(one for one in listed if isinstance(one, Claim))


def keyed(claim: Claim, by: str, reason: str) -> tuple[tuple[str, str], str]:
    """
    A claim as an item of `LinkedValues.ambiguous`.

    Args:
        by: the name of the template that has it.
        reason: what to say.
    """
    return (f"{_KEY}{claim.what}", json.dumps([by, *claim[1:]])), reason


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
        #: Those of which the name is not known, and all; without those that take away what has a name that is known.
        self._open: dict[str, list[_Found]] = {}
        self._all: dict[str, list[_Found]] = {}
        #: These, by the name of what they take away, and all of them; each by the name of whom or what it is about.
        self._taking: dict[tuple[str, str], dict[str | None, list[_Found]]] = {}
        self._all_taking: dict[str, dict[str | None, list[_Found]]] = {}
        for (key, written), reason in ambiguous.items():
            if key.startswith(_KEY):
                by, of, kept, is_own, only, how = json.loads(written)
                claim = Claim(key.removeprefix(_KEY), tuple(of), tuple(kept), is_own, tuple(map(tuple, only)), how)
                self._add(_Found(claim, by, reason))

    def _add(self, found: _Found) -> None:
        claim = found.claim
        names = [_whole(one) for one in claim.only]
        if names and None not in names:
            self._all_taking.setdefault(claim.what, {}).setdefault(claim.name, []).append(found)
            for name in names:
                self._taking.setdefault((claim.what, str(name)), {}).setdefault(claim.name, []).append(found)
            return
        self._all.setdefault(claim.what, []).append(found)
        if claim.name is None:
            self._open.setdefault(claim.what, []).append(found)
        else:
            self._named.setdefault((claim.what, claim.name), []).append(found)

    def __bool__(self) -> bool:
        return bool(self._all or self._all_taking)

    def reason(self, what: str, name: Text, items: Collection[Text], by: str, *, declared: bool, text: str = "") -> str:
        """
        Why something may be taken away; empty where nobody takes it away.

        Args:
            what: as of a claim.
            name: whom or what it is given to.
            items: what the thing may be called.
            by: the name of the template that gives it, whose own claims are none against it.
            declared: whether that template declares what it is given to: then it is none that another one makes.
            text: of what is given, as `text_of` writes it; empty where that is not known.
        """
        for one in self._near(what, name, items):
            if one.by == by or (declared and one.claim.is_own) or not one.claim.may_mean(name):
                continue
            if one.claim.takes(items, text):
                return one.reason
        return ""

    def same(self, kind: str, name: Text) -> str:
        """Why what several templates declare by one name is one thing; empty where nobody says so."""
        found = self._named.get((f"{SAME} {kind}", name), ()) if isinstance(name, str) else ()
        return next((one.reason for one in found if not one.claim.is_own), "")

    def _near(self, what: str, name: Text, items: Collection[Text]) -> Iterator[_Found]:
        """The claims that are worth a look."""
        if isinstance(name, str):
            yield from self._named.get((what, name), ())
            yield from self._open.get(what, ())
        else:
            yield from self._all.get(what, ())
        if items and all(isinstance(item, str) for item in items):
            by_holder = [self._taking.get((what, str(item)), {}) for item in items]
        else:
            by_holder = [self._all_taking.get(what, {})]
        for found in by_holder:
            if isinstance(name, str):
                yield from found.get(name, ())
                yield from found.get(None, ())
            else:
                yield from (one for several in found.values() for one in several)
