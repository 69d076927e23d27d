"""
What one side of a comparison gives and the other does not, and what is not known of that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.aws.examples import ACCOUNTS
from trustproof.comparison.subjects.own_buckets import BUCKET_POLICY, buckets_by_default, of_own_bucket
from trustproof.comparison.subjects.subjects import Subject
from trustproof.escaping.text import first_of
from trustproof.model.document import IDENTITY, RESOURCE
from trustproof.model.policy import Path, Policy, Statement
from trustproof.model.query import is_concrete
from trustproof.model.request import (
    CREDENTIALS,
    IDENTITY_CENTER,
    ROLE_SESSION,
    SAML,
    USERS,
    WEB_IDENTITY,
    ContextValue,
    Request,
)
from trustproof.properties.shared.boundary_questions import mentioned_accounts
from trustproof.properties.shared.bounds import consulted_for
from trustproof.properties.shared.own_resource import from_another_account
from trustproof.properties.shared.regions import Constraints, held_by, own_tags, own_values, split_by_account
from trustproof.properties.shared.unique_ids import unique_ids
from trustproof.proving.excess import Excess
from trustproof.proving.further_requests import Part
from trustproof.proving.sides import Scene, Side, allows
from trustproof.results.difference import Direction
from trustproof.spec.decision import decide

#: At so many other values of parameters something is said to be so as well.
_SHOWN = 6
#: Kinds of holder to the kinds of caller that they are.
CALLERS: Mapping[str, tuple[str, ...]] = {
    "user": USERS,
    "group": USERS,
    "role": (ROLE_SESSION,),
    "permission set": (IDENTITY_CENTER,),
}

#: Keys of requests for lists of objects, and the actions that they are for; of uploads the reference names none.
_OF_LISTS = frozenset(("s3:delimiter", "s3:max-keys", "s3:prefix"))
_LISTS = ("s3:listbucket", "s3:listbucketmultipartuploads", "s3:listbucketversions")
#: An account that is in no example and no policy.
_STRANGER = "910293847565"
#: Keys that every request carries, or that whoever sends one chooses.
_OF_ANYBODY = frozenset(
    """
    aws:currenttime aws:epochtime aws:multifactorauthage aws:multifactorauthpresent aws:principalaccount
    aws:principalarn aws:principalisawsservice aws:principaltype aws:requestedregion aws:resourceaccount
    aws:securetransport aws:tokenissuetime aws:userid aws:username aws:viaawsservice sts:rolesessionname
    """.split()
)


class StatementGain(NamedTuple):
    """
    What one statement gives on one side only.
    """

    direction: Direction
    #: On the side that gives it.
    subject: Subject
    found: Excess
    #: The policies of that side as they are deployed where the requests are allowed.
    policies: tuple[Policy, ...]
    parameters: dict[str, str]
    #: What else is to be said.
    notes: tuple[str, ...] = ()
    #: What callers need besides on the other side, and here do not; empty where that side lets nobody in by it.
    without: str = ""
    #: The policies of the other side, there.
    others: tuple[Policy, ...] = ()
    #: Of those that a StackSet deploys to, the accounts where it is so, in words.
    accounts: str = ""
    #: Whose policies the others are, in the same order; None where the other side has none.
    other: Subject | None = None
    #: Where another resource or identity of its own side gives it: what this one denies on the other side, likewise.
    denied: tuple[Policy, ...] = ()

    @property
    def asked_for(self) -> tuple[Policy, ...]:
        """What the other side asks for in the statements that are about the request, and would let it in otherwise."""
        found = tuple(one for policy in self.others if is_concrete(policy) for one in self._about(policy))
        return (Policy(found),) if found else ()

    @property
    def deciding(self) -> tuple[Policy, ...]:
        """The policies of its own side, each with those statements alone that are about the request."""
        return tuple(
            one._replace(statements=tuple(self._about(one))) if is_concrete(one) else one for one in self.policies
        )

    def _about(self, policy: Policy) -> Iterator[Statement]:
        explained = decide(policy, self.request).explanations
        return (one.statement for one in explained if one.principal and one.action and one.resource)

    @property
    def is_anybody(self) -> bool:
        """
        Whether it lets in whoever has an account: its statement without a condition on who that is, or a stranger, whom
        no policy knows and who has nothing but that.
        """
        statement, caller = self.found.statement, self.request.caller
        if self.subject.kind == IDENTITY or caller.account in (None, self.subject.context.account):
            return False
        named = statement.principals or ()
        if any(str(entry.value) == "*" for entry in named) and not statement.conditions:
            return True
        written = (*self.policies, *self.others)
        request = None if self.without or not all(map(is_concrete, written)) else _of_stranger(self.request, written)
        return request is not None and allows(Side(self.policies), request) and not allows(Side(self.others), request)

    @property
    def place(self) -> tuple[str, Path]:
        """
        Which statement it is: the logical id of what declares it, and its path.

        One body of `Fn::ForEach` declares several resources, whose statements stand at one path.
        """
        return self.subject.documents[self.found.policy].logical_id, self.found.statement.path

    @property
    def request(self) -> Request:
        """The request that says most: the one that anybody could send, else the first."""
        return self.found.request

    def of_part(self, part: Part) -> StatementGain:
        """The same, of one piece of what the statement gives."""
        return self._replace(found=Excess(part.piece.allow, self.found.policy, (part.request,)))

    @property
    def parts(self) -> tuple[Part, ...]:
        """What it shows, piece by piece; empty where it shows no single piece."""
        further = self.found.further
        return () if further.first is None else (Part(further.first, self.request), *further.parts)

    def only(self, parts: Sequence[Part]) -> StatementGain:
        """The same, of some of these parts alone: at least one."""
        first, *others = parts
        further = self.found.further._replace(first=first.piece, parts=tuple(others))
        requests = self.found.requests if first.request == self.request else (first.request,)
        return self._replace(found=self.found._replace(requests=requests, further=further))

    @property
    def of_calls_with_its_keys(self) -> StatementGain:
        """
        The same without the parts that are about listing by their keys, and not by their action, where others are left:
        a statement for `s3:ListBucket` and `s3:GetBucketLocation` with `s3:prefix` gives the former.
        """
        parts = [one for one in self.parts if not carries_keys_of_lists(one.request)]
        return self.only(parts) if 0 < len(parts) < len(self.parts) else self

    def unsaid(self, said: set[object], parameters: Mapping[str, str]) -> StatementGain | None:
        """
        The same as far as it is not said yet; None where all of it is.

        Args:
            said: what is, to which this is added.
            parameters: names to the values that it is said at: what differs by these alone is said once.
        """
        known = [(part, _at_any(part, parameters)) for part in self.parts]
        if not known:
            is_said = None in said
            said.add(None)
            return None if is_said else self
        left = [part for part, key in known if key not in said]
        said.update(key for _, key in known)
        return self.only(left) if left else None

    @property
    def said(self) -> object:
        """All that is said of it but at which values of parameters it is: what has this in common is said once."""
        caller, subject = self.request.caller, self.subject
        shown = (caller.arn, caller.kind, self.request.action, self.request.resource, self.also)
        thing = (subject.label, subject.logical_id, subject.arn)
        return self.direction, thing, self.place, self.without, shown, self.notes, self.accounts, [*self.parameters]

    def also_at(self, others: Sequence[StatementGain]) -> StatementGain:
        """The same, with a note of the values of parameters at which others of which the same is said are."""
        if not others:
            return self
        values = [
            ", ".join(f"{name} = {value}" for name, value in one.parameters.items() if self.parameters[name] != value)
            for one in others
        ]
        return self._replace(notes=(*self.notes, f"so it is at {first_of(values, _SHOWN, '; ')}"))

    @property
    def also(self) -> tuple[str, ...]:
        """The credentials of the other requests, in words."""
        shown = self.request.caller.kind
        kinds = dict.fromkeys(one.caller.kind for one in self.found.requests if one.caller.kind != shown)
        return tuple(CREDENTIALS[kind] for kind in kinds)


def _of_stranger(request: Request, policies: Sequence[Policy]) -> Request | None:
    """The same of somebody whom no policy names, with no key but those of whoever asks; None if there is nobody."""
    caller, account = request.caller, request.caller.account
    written = repr(policies)
    if account is None or _STRANGER in written or (caller.userid and caller.userid.split(":")[0] in written):
        return None

    def moved(value: ContextValue) -> ContextValue:
        return value.replace(account, _STRANGER) if isinstance(value, str) else value

    context = {key: moved(value) for key, value in request.context.items() if key in _OF_ANYBODY}
    return request._replace(caller=caller._replace(arn=caller.arn.replace(account, _STRANGER)), context=context)


def _at_any(part: Part, parameters: Mapping[str, str]) -> str:
    """What is written in a part, with names in place of the values of parameters."""
    written = repr(sorted(map(repr, part.piece.values)))
    for name, value in sorted(parameters.items()):
        if value:
            written = f"<{name}>".join(re.split(rf"(?<![A-Za-z0-9]){re.escape(value)}(?![A-Za-z0-9])", written))
    return written


def carries_keys_of_lists(request: Request) -> bool:
    """
    Whether a request has a key that S3 has for lists of a bucket's objects, and is for another action: the reference
    has no such key for it.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
    """
    return request.action.lower() not in _LISTS and not _OF_LISTS.isdisjoint(request.context)


class OpenQuestion(NamedTuple):
    """
    Why it is not known whether something is given on one side only.
    """

    subject: Subject
    reasons: tuple[str, ...]
    #: Whether it may be gained, and nothing but what the policies themselves say leaves that open.
    is_wording: bool = False


def scene_of(subject: Subject, other: Subject | None = None) -> Scene:
    """
    Where the policies of a subject stand.

    Args:
        subject: on one side.
        other: on the other side; None where it has none, or is not asked about.
    """
    context, asked = subject.context, subject.asked
    # Put on another bucket than by default, a policy is about that one.
    by_default = subject.resource_type == BUCKET_POLICY and buckets_by_default(subject)
    account, resource = context.account, "*"
    callers = None
    constraints: Constraints = ()
    by_caller: tuple[Constraints, ...] = ()
    if subject.kind != IDENTITY:
        # Whoever is named in no other way is a stranger.
        account = next(one for one in ACCOUNTS if one != context.account)
        resource = subject.arn if isinstance(subject.arn, str) else "*"
        if subject.kind == RESOURCE:
            # Assertions and tokens are for STS alone.
            callers = tuple(one for one in CREDENTIALS if one not in (SAML, WEB_IDENTITY))
            # For whatever else, the service does not look at the policy.
            consulted = asked._replace(document=asked.document._replace(resource_arn="*")) if by_default else asked
            constraints = (*consulted_for(consulted), *of_own_bucket(subject))
            by_caller = _by_account(subject, other)
    elif subject.holder is not None:
        callers, constraints = CALLERS[subject.holder.kind], held_by(asked)
    else:
        # A policy that nobody has here may be attached to any of these; the root user has no policies.
        callers = tuple(dict.fromkeys(kind for kinds in CALLERS.values() for kind in kinds))
    known = (*own_values(asked), *own_tags(asked))
    return Scene(subject.kind, account, context.partition, resource, callers, known, constraints, by_caller)


def _by_account(subject: Subject, other: Subject | None) -> tuple[Constraints, ...]:
    """
    The requests that reach a resource from another account, and those of its own account, where these are not the same.

    Where the account is not known, it is any that both sides name, as who manages a resource is named on both; and any
    at all that is named where no account is on both.
    """
    policy = Policy(tuple(one for document in subject.documents for one in document.policy.statements))
    asked = subject.asked
    elsewhere = from_another_account(asked._replace(document=asked.document._replace(policy=policy)))
    if not elsewhere:
        return ()
    own = [subject.context.account]
    if subject.context.template.account is None:
        here = {*mentioned_accounts(policy)}
        there = {
            account
            for document in (() if other is None else other.documents)
            for account in mentioned_accounts(document.policy)
        }
        both = here & there
        own += () if own[0] in (both or here) else sorted(both or here | there)
    inside, outside = split_by_account(own, unique_ids(policy))
    return (*outside, *elsewhere), inside


def are_written(subject: Subject) -> Callable[[int, Statement], bool]:
    """Whether a statement of a policy of a subject is written in its template, and not in a policy of AWS."""
    return lambda policy, statement: policy >= len(subject.documents) or not subject.documents[policy].is_foreign


def deciding_policies(side: Side) -> tuple[Policy, ...]:
    """All policies of a side that decide."""
    return side.policies if side.permissions_boundary is None else (*side.policies, side.permissions_boundary)
