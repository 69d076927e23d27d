"""
What a user, a group or a role holds: the documents that decide what it may do, as they are for this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from trustproof.analysis.assignments.managed_policies import managed_policy, managed_policy_in
from trustproof.aws.condition_keys import TAG_SESSION
from trustproof.model.deployments import Deployments
from trustproof.model.document import IDENTITY, TRUST, Document
from trustproof.model.names import in_stack
from trustproof.model.policy import Guard, Path, Policy, Statement
from trustproof.model.principals import Foreign, Holder, PermissionsBoundary
from trustproof.model.text import PARTITION, Symbol, Symbolic, Text
from trustproof.properties.shared.regions import may_allow

#: Kinds of holder to the types of their resources.
TYPES = {
    "user": "AWS::IAM::User",
    "group": "AWS::IAM::Group",
    "role": "AWS::IAM::Role",
    "permission set": "AWS::SSO::PermissionSet",
}
#: The kind of what is not known that is no policy.
GROUP = "group"
#: Kinds of holder whose AWS managed policies do not stand under ``ManagedPolicyArns``.
_MANAGED = {"permission set": "ManagedPolicies"}

#: In condition keys about an organization: its id, and the paths of its units.
_ORGANIZATION = ("orgid", "orgpaths")


class Holding(NamedTuple):
    """
    A holder with the documents that decide what it may do.
    """

    holder: Holder
    documents: tuple[Document, ...]
    permissions_boundary: Document | None
    #: Managed policies that are not in the template and whose content is not known, and groups that are not in it.
    unknown: tuple[Foreign, ...]
    #: A boundary that is not in the template, and so may stop anything.
    unknown_boundary: Text
    #: What must hold in the deployments that this is about, besides what must hold for the holder to exist.
    guards: tuple[Guard, ...]
    deployments: Deployments
    #: Why it is not known what it holds: several templates declare something by the same name.
    unclear: tuple[str, ...] = ()
    #: Those of these reasons that are not only about what it may be allowed besides.
    may_stop: tuple[str, ...] = ()
    #: Which of the documents other inputs may take away, by their place among these, and why.
    removed: Mapping[int, str] = {}
    #: Why they may take away the boundary; empty where they do not.
    removed_boundary: str = ""

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why what the documents let in may be stopped all the same."""
        if self.may_stop:
            return self.may_stop
        if self.unknown_boundary:
            return (f"the permissions boundary {self.unknown_boundary} is not in the template, and may stop this",)
        # One's own may be the policy that denies whatever lacks MFA, one of AWS the next quarantine of leaked keys.
        # A group that nothing here speaks of counts for what it may allow: what is allowed here is found all the same.
        unknown = [one for one in self.unknown if one.kind != GROUP]
        return tuple(f"{one} is not in the template, and may deny this" for one in in_words(unknown))

    @property
    def unknown_names(self) -> tuple[str, ...]:
        """What messages call each that is not known: ``the managed policy …`` or ``the group …``."""
        return tuple(dict.fromkeys(f"the {one.kind} {one.arn}" for one in self.unknown))

    def parts(self) -> Iterator[Holding]:
        """The whole, and what is left in the deployments that take away the policies that are not known."""
        yield self
        if self.doubts and not self.unknown_boundary and any(policy.guards for policy in self.unknown):
            last = [policy.guards[-1] for policy in self.unknown if policy.guards]
            guards = dict.fromkeys((*self.guards, *(guard._replace(value=not guard.value) for guard in last)))
            certain = tuple(policy for policy in self.unknown if not policy.guards)
            yield self._replace(unknown=certain, guards=tuple(guards))


def everybody(_holding: Holding, _controls: Sequence[Document]) -> bool:
    """Whether a holder is one."""
    return True


def speaks_of_organization(holding: Holding, controls: Sequence[Document]) -> bool:
    """Whether anything that decides what a holder may do looks at an organization: as a key, or as a variable."""
    boundary = () if holding.permissions_boundary is None else (holding.permissions_boundary,)
    return any(
        mark in text.lower()
        for document in (*holding.documents, *boundary, *controls)
        for statement in document.policy.statements
        for text in _looked_at(statement)
        for mark in _ORGANIZATION
    )


def _looked_at(statement: Statement) -> Iterator[str]:
    for condition in statement.conditions:
        yield condition.key
        yield from map(str, condition.operands)
    yield from map(str, (*(statement.resources or ()), *(statement.not_resources or ()), *statement.unreadable))


def in_words(unknown: Iterable[Foreign]) -> list[str]:
    """What messages call those that are not known, all of a kind together: ``the managed policy ARN, ARN``."""
    kinds: dict[str, dict[str, None]] = {}
    for one in unknown:
        kinds.setdefault(one.kind, {})[str(one.arn)] = None
    return [f"the {kind} {', '.join(names)}" for kind, names in kinds.items()]


def holder_name(holder: Holder) -> str:
    """What messages call a user, group or role."""
    return holder.shown


class Holdings:
    """
    What the users, groups and roles of a template have.

    Args:
        bind: puts values in place of symbols.
    """

    def __init__(
        self,
        documents: Sequence[Document],
        holders: Sequence[Holder],
        bind: Callable[[Text], Text],
        deployments: Deployments,
    ) -> None:
        self._documents = documents
        self._deployments = deployments
        #: Groups by logical id, and by name where the template does not make one.
        self.groups: dict[str, Holder] = {
            holder.logical_id or str(holder.name): holder for holder in holders if holder.kind == "group"
        }
        self.everything: list[Holding] = [
            holding
            for holder in holders
            for holding in self._held_by(holder._replace(arn=bind(holder.arn), tags=self._tags(holder)))
        ]

    def trusts(self) -> dict[Path, tuple[Document, ...]]:
        """The path of each policy that sessions of roles have, to the trust policies of these."""
        by_role: dict[str, list[Document]] = {}
        for document in self._documents:
            if document.kind == TRUST:
                by_role.setdefault(document.logical_id, []).append(document)
        found: dict[Path, dict[Path, Document]] = {}
        for holding in self.everything:
            trusts = by_role.get(holding.holder.logical_id, ()) if holding.holder.kind == "role" else ()
            for document in holding.documents:
                found.setdefault(document.path, {}).update((one.path, one) for one in trusts)
        return {path: tuple(trusts.values()) for path, trusts in found.items()}

    @property
    def roles_with(self) -> Mapping[Path, tuple[str, ...]]:
        """The path of each policy or boundary that sessions of roles have, to what messages call these."""
        found: dict[Path, dict[str, None]] = {}
        for holding in self.everything:
            held = [*holding.documents, holding.permissions_boundary] if holding.holder.kind == "role" else []
            held += [self._documents[index] for index in holding.holder.by_name]
            for document in held:
                if document is not None:
                    found.setdefault(document.path, {})[holder_name(holding.holder)] = None
        return {path: tuple(names) for path, names in found.items()}

    def _held_by(self, holder: Holder) -> Iterator[Holding]:
        """What one holder has, for each boundary that conditions may give it."""
        holders: list[tuple[Holder, tuple[Guard, ...]]] = [(holder, ())]
        holders += [(self.groups[m.group], m.guards) for m in holder.groups if m.group in self.groups]
        found = dict.fromkeys((index, guards) for one, guards in holders for index in one.documents)
        documents = [_under(self._documents[index], guards) for index, guards in found]
        taken = {one.given: one.reason for one in holder.removed}
        removed = {at: taken[index] for at, (index, _) in enumerate(found) if index in taken}
        unknown: list[Foreign] = []
        for one, guards in holders:
            for policy in one.foreign:
                under = (*guards, *policy.guards)
                known = managed_policy(_text(policy.arn))
                if known is None:
                    unknown.append(Foreign(policy.arn, under))
                else:
                    key = _MANAGED.get(one.kind, "ManagedPolicyArns")
                    foreign = _foreign_document(one, _text(policy.arn), str(policy.arn), key, policy.path, one.path)
                    removed |= {len(documents): taken[policy]} if policy in taken else {}
                    documents.append(_under(foreign, under))
        unknown += [Foreign(m.group, m.guards, kind=GROUP) for m in holder.groups if m.group not in self.groups]
        deployments = _HolderDeployments(self._deployments, _own_symbol(holder))
        seen = tuple(deployments.with_own_name(document) for document in documents)
        held = [(seen, tuple(unknown))]
        if holder.by_reference:
            # What a policy is by its name is known in this account; in another one it stops nobody for certain.
            more = tuple(deployments.with_own_name(self._documents[index]) for _, index in holder.by_reference)
            named = [name for name, _ in holder.by_reference]
            held.append(((*seen, *more), tuple(policy for policy in unknown if policy.arn not in named)))
        unclear = tuple(dict.fromkeys(doubt for one, _ in holders for doubt in one.doubts))
        may_stop = (doubt for one, _ in holders for doubt in one.doubts if doubt not in one.additions)
        stopping = tuple(dict.fromkeys(may_stop))
        for boundary in holder.boundaries or (PermissionsBoundary(),):
            permissions_boundary, outside = self._permissions_boundary(holder, boundary)
            permissions_boundary = (
                None if permissions_boundary is None else deployments.with_own_name(permissions_boundary)
            )
            for has, not_known in held:
                yield Holding(
                    holder,
                    has,
                    permissions_boundary,
                    not_known,
                    outside,
                    boundary.guards,
                    deployments,
                    unclear,
                    stopping,
                    removed,
                    taken.get(boundary, ""),
                )

    def _tags(self, holder: Holder) -> tuple[tuple[str, str], ...]:
        """The tags of all requests of a holder: a session of a role may have others where it may be tagged."""
        if holder.kind != "role" or not holder.tags:
            return holder.tags
        trusting = [d.policy for d in self._documents if d.kind == TRUST and d.logical_id == holder.logical_id]
        is_tagged = not trusting or any(may_allow(policy, TAG_SESSION) for policy in trusting)
        return () if is_tagged else holder.tags

    def _permissions_boundary(self, holder: Holder, boundary: PermissionsBoundary) -> tuple[Document | None, Text]:
        """The document of a boundary; its ARN where that is all that is known."""
        if boundary.document is not None:
            return self._documents[boundary.document], ""
        if boundary.foreign is None:
            return None, ""
        named = _text(boundary.foreign)
        if managed_policy(named) is None:
            return None, boundary.foreign
        return _foreign_document(holder, named, str(boundary.foreign), "PermissionsBoundary"), ""


class _HolderDeployments:
    """
    The deployments of a template, as one holder sees its policies: with a policy variable for its own name, and with
    the policies of AWS, which no template has.

    Args:
        name: the symbol that is the name of the user; None where the name is known, or the holder has none.
    """

    def __init__(self, deployments: Deployments, name: Symbol | None) -> None:
        self._deployments = deployments
        self._values = {} if name is None else {name.name: "${aws:username}"}

    def satisfy(self, guards: Sequence[Guard]) -> dict[str, str] | None:
        """Parameter values under which all the guards hold; None where there are none."""
        return self._deployments.satisfy(guards)

    def listed(self, name: str) -> tuple[str, ...]:
        """All values that a parameter may have, whatever others have; empty where that is not known."""
        return self._deployments.listed(name)

    def undecided_together(self, values: Mapping[str, str]) -> str:
        """Why it is not known whether a deployment has some values together; empty where it may have them."""
        return self._deployments.undecided_together(values)

    def document(self, document: Document, values: Mapping[str, str]) -> Document | None:
        """The same document, read again with these values bound; None where it then does not exist."""
        if document.is_foreign:
            held = self._deployments.holds(document.guards, values)
            return _deployed(document, self.partition(values)) if held else None
        found = self._deployments.document(document, values)
        return None if found is None else self.with_own_name(found)

    def holds(self, guards: Sequence[Guard], values: Mapping[str, str]) -> bool:
        """Whether all the guards hold with these values bound."""
        return self._deployments.holds(guards, values)

    def partition(self, values: Mapping[str, str]) -> str:
        """The partition of a deployment with these values; the empty string where they do not say."""
        return self._deployments.partition(values)

    def sample(self, symbol: Symbol) -> str | None:
        """A value that a symbol may have."""
        return self._deployments.sample(symbol)

    def admits(self, symbol: Symbol, value: str) -> bool:
        """Whether a symbol may have a value."""
        return self._deployments.admits(symbol, value)

    def with_own_name(self, document: Document) -> Document:
        """A document with the holder's own name as the policy variable that stands for it."""
        policy = document.policy
        if not self._values or not policy.has_variables:
            return document
        return document._replace(policy=policy._replace(statements=tuple(map(self._statement, policy.statements))))

    def _statement(self, statement: Statement) -> Statement:
        return statement._replace(
            resources=self._texts(statement.resources),
            not_resources=self._texts(statement.not_resources),
            conditions=tuple(c._replace(operands=self._texts(c.operands) or ()) for c in statement.conditions),
        )

    def _texts(self, texts: tuple[Text, ...] | None) -> tuple[Text, ...] | None:
        if texts is None:
            return None
        return tuple(text.bind(self._values) if isinstance(text, Symbolic) else text for text in texts)


def _own_symbol(holder: Holder) -> Symbol | None:
    """The symbol that is the name of a user; None where that is known, or may only be some names."""
    if holder.kind != "user" or not isinstance(holder.name, Symbolic) or len(holder.name.parts) != 1:
        return None
    (symbol,) = holder.name.symbols
    return symbol if symbol.allowed is None and symbol.pattern is None else None


def _under(document: Document, guards: tuple[Guard, ...]) -> Document:
    """A document that is there only where more guards hold: those of a membership."""
    return document._replace(guards=tuple(dict.fromkeys((*document.guards, *guards)))) if guards else document


def _text(text: Text) -> str:
    """Text with an unknown partition taken for ``aws``: the names of AWS's policies are the same in all."""
    if isinstance(text, Symbolic):
        return "".join(p if isinstance(p, str) else "aws" if p.name == PARTITION else "?" for p in text.parts)
    return text


def _foreign_document(
    holder: Holder, named: str, arn: str, key: str, place: Path = (), found_at: Path = ()
) -> Document:
    """
    A managed policy of AWS as a document: where it is named, or in the property in which the holder names it.

    Args:
        named: the ARN by which the policy is known.
        arn: as the template has it.
        found_at: where the policy is said to stand itself.
    """
    path = place or ((*holder.path, "Properties", key) if holder.path else ())
    type_ = TYPES[holder.kind]
    # Where several templates are judged together, the name of the stack is before it.
    logical_id = in_stack(holder.logical_id or (str(path[1]) if len(path) > 1 else ""))[1]
    policy = _placed(named, arn.rsplit("/", 1)[-1], path, found_at)
    return Document(IDENTITY, policy, logical_id, type_, path, name=arn, is_foreign=True)


@lru_cache(maxsize=256)
def _placed(named: str, sid: str, path: Path, found_at: Path) -> Policy:
    """
    A managed policy of AWS that is known, at a place of a template: the same object for the stacks of all accounts,
    which have it at the same places. These policies are long, and what else is known of one is kept by its identity.
    """
    policy = managed_policy(named)
    assert policy is not None
    statements = tuple(one._replace(path=path, sid=sid) for one in policy.statements)
    return policy._replace(statements=statements, path=found_at)


def _deployed(document: Document, partition: str) -> Document:
    """A managed policy of AWS in a deployment that has it; the ARNs in its text are of the partition deployed to."""
    known = managed_policy_in(document.name, partition) if partition else None
    read = document.policy.statements if known is None else known.statements
    statements = tuple(
        new._replace(guards=(), path=old.path, sid=old.sid)
        for new, old in zip(read, document.policy.statements, strict=True)
    )
    return document._replace(guards=(), policy=document.policy._replace(statements=statements))
