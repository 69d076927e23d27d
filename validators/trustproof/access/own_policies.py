"""
What the users and roles of templates may do by their own policies, and what these deny them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from trustproof.access.holders import name_of_holder
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.holders.holdings import Holding, Holdings
from trustproof.model.document import TRUST, Document
from trustproof.model.policy import ALLOW, DENY, Policy, Statement
from trustproof.model.query import is_concrete
from trustproof.model.substitution import bind_text
from trustproof.model.text import Symbolic, Text
from trustproof.proving.sides import Side
from trustproof.spec.matching import matches_wildcards, pattern

#: Policies that nobody can evaluate.
_UNKNOWN_SIDE = Side((Policy((Statement(ALLOW, unreadable=("several templates say what it holds",)),)),))
_ROLE = ":role/"
#: What stands around the name of a permission set in that of the role that Identity Center makes of it.
#: https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
_OF_PERMISSION_SET = re.compile(
    r"arn:[^:]*:(?:iam::\d{12}:role/aws-reserved/sso\.amazonaws\.com/(?:[^/:]+/)?|sts::\d{12}:assumed-role/)"
    r"AWSReservedSSO_(?P<name>[^/:*?]+)_[0-9a-f]{16}(?:/[^/]*)?"
)
_PERMISSION_SET = "permission set"


class Denials(NamedTuple):
    """
    Policies of somebody, each with its Deny statements only.
    """

    context: TemplateContext
    documents: tuple[Document, ...]

    def beside(self, context: TemplateContext, document: Document) -> tuple[Document, ...]:
        """Those that can be asked about together with a policy of a template."""
        if context is self.context:
            found = self.documents
        else:
            # What is known only when another template is deployed cannot be filled in with this one.
            found = tuple(one for one in self.documents if not one.guards and is_concrete(one.policy))
        return tuple(_about(document, one) for one in found)


class HeldPolicies:
    """
    What users and roles hold, by ARN, and the people of permission sets.

    Args:
        contexts: of templates; those that attach policies to the same users and roles, as one.
    """

    def __init__(self, contexts: Iterable[TemplateContext]) -> None:
        #: By ARN; also of those whose names CloudFormation generates.
        self.sides: dict[Text, Side] = {}
        #: Users to what they are called.
        self.users: dict[Text, str] = {}
        #: The permissions boundary of each, where it has one for certain.
        self.limits: dict[str, Document] = {}
        self._denials: dict[str, list[Denials]] = {}
        #: Permission sets by name; their ARNs say nothing of the roles that are made of them.
        self._permission_sets: dict[str, list[tuple[TemplateContext, Holding]]] = {}
        self._named_later = False
        self._tags: dict[str, dict[str, str]] = {}
        for context in contexts:
            bind = partial(_bound, context.assumed)
            for one in Holdings(context.documents, context.template.holders, bind, context.deployments).everything:
                if one.holder.kind == "user":
                    self.users[one.holder.arn] = name_of_holder(one.holder)
                if one.holder.kind == _PERMISSION_SET:
                    name = one.holder.name or one.holder.logical_id
                    self._named_later |= not isinstance(name, str)
                    self._permission_sets.setdefault(str(name), []).append((context, one))
                elif isinstance(one.holder.arn, str):
                    self._add(context, one.holder.arn, one)
                elif not one.doubts and not one.unknown:
                    self._add_side(one.holder.arn, one)

    def _add(self, context: TemplateContext, arn: str, one: Holding) -> None:
        tags = ((f"aws:principaltag/{key}", value) for key, value in one.holder.tags)
        self._tags.setdefault(arn, {}).update(tags)
        if one.permissions_boundary is not None and not one.guards:
            self.limits[arn] = one.permissions_boundary
        if not one.doubts and not one.unknown:
            self._add_side(arn, one)
        documents = _all_denying(one)
        there = self._denials.setdefault(arn, [])
        # Of several permissions boundaries that conditions may give, none surely denies; the policies are the same.
        if documents and not any(known.context is context for known in there):
            there.append(Denials(context, documents))

    def _add_side(self, arn: Text, one: Holding) -> None:
        # The same name in several templates is judged by none of them alone.
        self.sides[arn] = _side(one) if arn not in self.sides else _UNKNOWN_SIDE

    def side(self, caller: Text) -> Side | None:
        """What a user, a role or the people of a permission set may do, by the ARN of a request; None if unknown."""
        found = self._permission_set(caller) if isinstance(caller, str) and caller not in self.sides else None
        if found is None:
            return self.sides.get(caller)
        _, one = found
        return None if one.doubts or one.unknown or one.guards else _side(one)

    def _permission_set(self, caller: str) -> tuple[TemplateContext, Holding] | None:
        """The permission set whose people have a role; None where it may be another one of the same name."""
        match = _OF_PERMISSION_SET.fullmatch(caller)
        found = [] if match is None or self._named_later else self._permission_sets.get(match["name"], [])
        return found[0] if len(found) == 1 else None

    def denials(self, caller: str) -> Sequence[Denials]:
        """
        What policies deny a user or role, the role of a session, or the people of a permission set; nothing where the
        name is a pattern.
        """
        found = self._permission_set(caller)
        if found is not None and (documents := _all_denying(found[1])):
            return [Denials(found[0], documents)]
        return [one for arn in _named(caller, self._denials) for one in self._denials[arn]]

    def limit(self, caller: str) -> Document | None:
        """
        The permissions boundary of a user or role, of the role of a session, or of the people of a permission set; None
        where it is not known.
        """
        found = self._permission_set(caller)
        if found is not None and not found[1].guards:
            return found[1].permissions_boundary
        return next((self.limits[arn] for arn in _named(caller, self.limits)), None)

    def tags(self, caller: str) -> Mapping[str, str]:
        """The condition keys of the tags that templates give a user or role, with their values; others there may be."""
        return {key: value for arn in _named(caller, self._tags) for key, value in self._tags[arn].items()}


def _named(caller: str, there: Iterable[str]) -> list[str]:
    """Those whom the name of a caller names: a user or role, or the role of a session; nobody, if it is a pattern."""
    if "*" in caller or "?" in caller:
        return []
    fields = caller.split(":", 5)
    if len(fields) != 6 or not fields[5].startswith("assumed-role/"):
        return [arn for arn in there if arn == caller]
    # The ARN of a session does not say the path of its role; the name is unique in an account.
    start, name = f"arn:{fields[1]}:iam::{fields[4]}{_ROLE}", fields[5].split("/")[1]
    return [arn for arn in there if arn.startswith(start) and arn.rpartition("/")[2] == name]


def _side(one: Holding) -> Side:
    limit = None if one.permissions_boundary is None else one.permissions_boundary.policy
    return Side(tuple(document.policy for document in one.documents), limit)


def _all_denying(one: Holding) -> tuple[Document, ...]:
    """What policies and the permissions boundary of somebody deny, with their Deny statements only."""
    limits = () if one.permissions_boundary is None or one.guards else (one.permissions_boundary,)
    return tuple(found for each in (*one.documents, *limits) if (found := _denying(each)) is not None)


def _denying(document: Document) -> Document | None:
    statements = tuple(one for one in document.policy.statements if one.effect == DENY)
    return document._replace(policy=document.policy._replace(statements=statements)) if statements else None


def _about(trust: Document, own: Document) -> Document:
    """A policy with the statements that name a role of which only a deployment says the ARN as ones about that."""
    arn = trust.resource_arn
    if trust.kind != TRUST or isinstance(arn, str):
        return own
    statements = (
        one._replace(resources=None) if any(_names(entry, arn) for entry in one.resources or ()) else one
        for one in own.policy.statements
    )
    return own._replace(policy=own.policy._replace(statements=tuple(statements)))


def _names(entry: Text, arn: Symbolic) -> bool:
    """Whether an entry names a resource whatever its deployment says."""
    if not isinstance(entry, str):
        return entry == arn
    # Only an asterisk stands for what no entry has, and it does for whatever else there is.
    shown = "".join(part if isinstance(part, str) else "\0" for part in arn.parts)
    return not {*"?$\0"} & {*entry} and matches_wildcards(shown, pattern(entry))


def _bound(values: dict[str, str], text: Text) -> Text:
    return bind_text(text, values)
