"""
The regions of requests that properties ask about, and the constraints that make them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import combinations
from typing import TypeAlias

from trustproof.aws.condition_keys import (
    ASSUME_ROLE,
    ASSUME_ROLE_WITH_SAML,
    ASSUME_ROLE_WITH_WEB_IDENTITY,
    SET_CONTEXT,
    SET_SOURCE_IDENTITY,
    TAG_SESSION,
    lookup,
)
from trustproof.aws.tags import TAGS_OF_ROLES
from trustproof.aws.vendors import VENDORS
from trustproof.config.model import Config
from trustproof.engine.caller_records import ACCOUNT, IDENTITY_CENTER_PATH, SEPARATOR
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import ABSENT, Values, not_text, text
from trustproof.engine.generated_names import generated_name
from trustproof.engine.operands import action_pattern
from trustproof.engine.region import Region
from trustproof.engine.request_space import RequestSpace, request_space
from trustproof.model.document import TRUST, Document
from trustproof.model.policy import ALLOW, Policy, Statement
from trustproof.model.principals import Holder
from trustproof.model.query import mentioned_texts
from trustproof.model.request import IDENTITY_CENTER, ROLE_SESSION, SAML, SERVICE, USERS, WEB_IDENTITY
from trustproof.model.text import GENERATED_NAME, Text
from trustproof.properties.question import NO_ORGANIZATION, Subject
from trustproof.properties.shared.known_tags import tags_looked_at
from trustproof.sets.collections import CollectionSet
from trustproof.sets.patterns import ANY, ANY_RUN, Pattern, Wildcard, exact, join, literal_text, matches
from trustproof.sets.strings import StringSet

_RESOURCE_ACCOUNT = "aws:resourceaccount"
#: The same of a bucket: https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
_BUCKET_ACCOUNT, _BUCKET_POLICY = "s3:resourceaccount", "AWS::S3::BucketPolicy"
#: Of the endpoint of a VPC by which a request comes.
_ENDPOINTS = ("aws:sourcevpc", "aws:sourcevpce")
#: What IAM takes in no name: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_IN_NO_NAME, _ANY_NAME = re.compile(r"[^\w+=,.@:-]+", re.ASCII), Wildcard(SEPARATOR, True, True)
_BUSES = ("AWS::Events::EventBus", "AWS::Events::EventBusPolicy")

#: Dimensions and the values that a region leaves them.
Constraints: TypeAlias = "tuple[tuple[str, Values], ...]"

#: The actions that each kind of caller can need a trust policy for.
TRUST_ACTIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (*USERS, ROLE_SESSION, IDENTITY_CENTER, SERVICE),
        (ASSUME_ROLE, TAG_SESSION, SET_SOURCE_IDENTITY, SET_CONTEXT),
    ),
    SAML: (ASSUME_ROLE_WITH_SAML, TAG_SESSION, SET_SOURCE_IDENTITY),
    WEB_IDENTITY: (ASSUME_ROLE_WITH_WEB_IDENTITY, TAG_SESSION, SET_SOURCE_IDENTITY),
}

#: What a call may pass besides, by the action that it then needs as well: beginnings of condition keys, lower-cased.
EXTRAS = (
    (TAG_SESSION, ("aws:requesttag/", "aws:tagkeys", "sts:transitivetagkeys")),
    # One that the calling session has already goes on with the call.
    (SET_SOURCE_IDENTITY, ("sts:sourceidentity", "aws:sourceidentity")),
    (SET_CONTEXT, ("sts:requestcontext",)),
)


def trust_regions(
    subject: Subject,
    kind: str,
    action: str,
    constraints: Constraints = (),
    *,
    beside: Sequence[Document] = (),
    always: tuple[str, ...] = (),
) -> tuple[Region, ...]:
    """
    The requests of one kind of caller for one action at a role's trust policy.

    A call that passes session tags, a source identity (a new one, or that of the calling session) or a context
    assertion fails as a whole unless the policy allows the action for that too. So there is one region for each
    combination that the policy speaks of; passing what it does not speak of never helps. Nor is such an action
    (``sts:TagSession``) ever asked for by itself: a request for it needs the call as well.

    Args:
        beside: other policies that decide the request, and may speak of what it passes.
        always: actions of `EXTRAS` that these callers need in each call, whether the policy speaks of them or not.
    """
    may_pass = _may_pass(subject, beside)
    extras = tuple(extra for extra in EXTRAS if extra in may_pass or extra[0] in always)
    return _regions(kind, action, subject.partition, own_values(subject), extras, constraints, always)


def _may_pass(subject: Subject, beside: Sequence[Document]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Those of `EXTRAS` that a policy may allow, and that it or another one that decides speaks of."""
    found = [_extras(document.policy) for document in (*subject.documents, *beside)]
    return tuple(
        extra for number, extra in enumerate(EXTRAS) if found[0][number][1] and any(one[number][0] for one in found)
    )


@lru_cache(maxsize=1024)
def _regions(
    kind: str,
    action: str,
    partition: str,
    known_keys: tuple[tuple[str, str], ...],
    extras: tuple[tuple[str, tuple[str, ...]], ...],
    constraints: Constraints,
    always: tuple[str, ...],
) -> tuple[Region, ...]:
    may_pass = [extra for extra in extras if extra[0] != action and extra[0] in TRUST_ACTIONS[kind]]
    out: list[Region] = []
    for size in range(len(may_pass) + 1):
        for passed in combinations(may_pass, size):
            actions = tuple(dict.fromkeys((action, TRUST_ACTIONS[kind][0], *(needed for needed, _ in passed))))
            if not {*always} <= {*actions}:
                continue
            absent_keys = tuple(key for needed, keys in EXTRAS if needed not in actions for key in keys)
            spaces = [request_space(kind, one, partition, absent_keys, known_keys=known_keys) for one in actions]
            out.append(Region(spaces[0], constraints, also=tuple(spaces[1:])))
    return tuple(out)


def absent_extras(allowing: Sequence[Policy], others: Sequence[Policy]) -> tuple[tuple[str, ...], ...]:
    """
    The keys of `EXTRAS` that a call does not carry: one that passes nothing besides, then one that passes what some
    policies may allow; the first alone where neither these nor others speak of that.
    """
    found = [[_extras(policy) for policy in policies] for policies in (allowing, (*allowing, *others))]
    nothing = tuple(key for _, keys in EXTRAS for key in keys)
    passed = tuple(
        key
        for number, (_, keys) in enumerate(EXTRAS)
        if not (any(one[number][1] for one in found[0]) and any(one[number][0] for one in found[1]))
        for key in keys
    )
    return (nothing,) if passed == nothing else (nothing, passed)


def trust_world(subject: Subject, kind: str, action: str) -> RequestSpace:
    """
    The request space of one kind of caller and one action at a role's trust policy, whatever else the call passes.

    It is larger than the regions of `trust_regions`: nothing asks for the further actions.
    """
    extras = zip(EXTRAS, _extras(subject.policy), strict=True)
    absent_keys = tuple(key for (_, keys), (_, allowed) in extras if not allowed for key in keys)
    return request_space(kind, action, subject.partition, absent_keys, known_keys=own_values(subject))


@lru_cache(maxsize=256)
def _extras(policy: Policy) -> tuple[tuple[bool, bool], ...]:
    """Of each of `EXTRAS`, whether a policy speaks of it, and whether it may allow it."""
    return tuple((_speaks_of(policy, keys), may_allow(policy, needed)) for needed, keys in EXTRAS)


def _speaks_of(policy: Policy, keys: Sequence[str]) -> bool:
    """Whether a condition tests one of these keys, or a policy variable brings one in."""
    for statement in policy.statements:
        if statement.unreadable:
            return True
        for condition in statement.conditions:
            operands = [str(operand).lower() for operand in condition.operands]
            if condition.key.lower().startswith(tuple(keys)) or any(
                "${" in o and k in o for o in operands for k in keys
            ):
                return True
    return False


def may_allow(policy: Policy, action: str) -> bool:
    """Whether some Allow statement may speak of an action."""
    return any(statement.effect == ALLOW and may_name(statement, action) for statement in policy.statements)


def may_deny(policy: Policy, action: str) -> bool:
    """Whether some Deny statement may speak of an action."""
    return any(statement.effect != ALLOW and may_name(statement, action) for statement in policy.statements)


def may_name(statement: Statement, *actions: str) -> bool:
    """Whether a statement may speak of one of some actions."""
    if statement.unreadable or (statement.actions is None and statement.not_actions is None):
        return True
    if statement.actions is None:
        return not all(_surely_names(statement.not_actions or (), action) for action in actions)
    return _one_may_name(statement.actions, actions)


@lru_cache(maxsize=4096)
def _one_may_name(entries: tuple[Text, ...], actions: tuple[str, ...]) -> bool:
    """Whether an entry may cover one of them: a policy of AWS has a thousand, the same wherever it is attached."""
    names, others = _apart(entries)
    return any(action in names or any(matches(pattern, action) for pattern in others) for action in actions)


@lru_cache(maxsize=256)
def _apart(entries: tuple[Text, ...]) -> tuple[frozenset[str], tuple[Pattern, ...]]:
    """The single actions that entries cover, which most are, and the patterns of those that may cover several."""
    patterns = [pattern for entry in entries for pattern in action_pattern(entry).larger]
    names = [literal_text(pattern) for pattern in patterns]
    others = (pattern for pattern, name in zip(patterns, names, strict=True) if name is None)
    return frozenset(name for name in names if name is not None), tuple(others)


def _surely_names(entries: Sequence[Text], action: str) -> bool:
    """Whether entries of NotAction certainly leave an action out."""
    return any(matches(pattern, action) for entry in entries for pattern in action_pattern(entry).smaller)


def machine_accounts(subject: Subject) -> dict[str, str]:
    """
    The accounts of vendors, whose machines assume roles, to what the vendors are called: those that are declared, and
    those that the policy names and that are publicly known.
    """
    declared = {account: party.name for party in subject.config.third_parties for account in party.accounts}
    entries = [str(entry.value) for s in subject.policy.statements for entry in s.principals or ()]
    named = {account for account in VENDORS for entry in entries if account in entry}
    boundary = subject.config.boundary
    own = () if boundary is None else boundary.accounts
    return {**{one: VENDORS[one].name for one in sorted(named) if one not in own}, **declared}


def outside_accounts(accounts: Sequence[str], unique_ids: Sequence[str] = ()) -> Constraints:
    """
    The constraint that the caller belongs to none of these accounts.

    Args:
        unique_ids: callers to leave out as well, by unique id (``AIDA…``, ``AROA…``).
    """
    return _outside(_in_order(tuple(accounts)), tuple(sorted(set(unique_ids))))


@lru_cache(maxsize=256)
def _in_order(accounts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(accounts)))


@lru_cache(maxsize=256)
def _outside(accounts: tuple[str, ...], unique_ids: tuple[str, ...]) -> Constraints:
    patterns = _patterns(accounts, unique_ids)
    return (("caller", not_text(*patterns)),) if patterns else ()


def _patterns(accounts: tuple[str, ...], unique_ids: tuple[str, ...]) -> list[Pattern]:
    patterns = [
        join("arn:", Wildcard(":", True, True), f":{service}::{account}:", ANY_RUN)
        for account in accounts
        for service in ("iam", "sts")
    ]
    patterns += [
        join(Wildcard(SEPARATOR, True, True), SEPARATOR + unique, tail)
        for unique in unique_ids
        for tail in ((":", ANY_RUN) if unique.startswith("AROA") else (),)
    ]
    return patterns


def split_by_account(accounts: Sequence[str], unique_ids: Sequence[str] = ()) -> tuple[Constraints, Constraints]:
    """The constraint that the caller belongs to one of these accounts, or is one of these; and that it does not."""
    patterns = _patterns(_in_order(tuple(accounts)), tuple(sorted(set(unique_ids))))
    return (("caller", text(*patterns)),), (("caller", not_text(*patterns)),)


def own_values(subject: Subject) -> tuple[tuple[str, str], ...]:
    """
    Keys that are known of a holder, or of the resource that a policy stands on, where the policies speak of them; with
    an empty value those that no request has.
    """
    with_keys = subject.holder is None
    texts = [mentioned_texts(document.policy, with_keys) for document in subject.documents]
    if not any("${" in one for one in texts):
        return ()
    written = "\n".join(texts)
    side = "resource" if subject.holder is None else "principal"
    families = TAGS_OF_ROLES if subject.document.kind == TRUST else ()
    known = (
        (f"aws:{side}account", subject.account),
        *(((_BUCKET_ACCOUNT, subject.account),) if subject.document.resource_type == _BUCKET_POLICY else ()),
        *((f"aws:{side}{key}", value) for key, value in _organization(subject)),
        *((f"{family}{key}", value) for family in families for key, value in subject.document.resource_tags),
    )
    return tuple((key, value) for key, value in known if "${" + key in written)


def resource_regions(subject: Subject, kind: str, constraints: Constraints) -> tuple[Region, ...]:
    """
    The requests of one kind of caller to a resource policy; those to an event bus with, and without, its account.

    EventBridge leaves ``aws:ResourceAccount`` out of PutEvents where another account sent to the bus by March 2, 2023.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourceaccount
    """
    return regions_of_resource(subject)(kind, constraints)


def regions_of_resource(subject: Subject) -> Callable[[str, Constraints], tuple[Region, ...]]:
    """`resource_regions` of one resource, for who asks for many of them: what is the same in all is looked for once."""
    known, always = own_values(subject), (*_by_endpoints(subject.document), *_by_tags(subject))
    without = tuple((key, "" if key == _RESOURCE_ACCOUNT else value) for key, value in known)
    is_bus = without != known and subject.document.resource_type in _BUSES

    def regions(kind: str, constraints: Constraints) -> tuple[Region, ...]:
        asked = (*constraints, *always)
        found = Region(RequestSpace(kind, "", subject.partition, known_keys=known), asked)
        if not is_bus:
            return (found,)
        space = RequestSpace(kind, "", subject.partition, known_keys=without)
        return (found, Region(space, (*asked, ("action", text(exact("events:putevents"))))))

    return regions


def _by_endpoints(document: Document) -> Constraints:
    """
    The requests that come by the endpoint of a VPC, as all do to a private API, or by none, as to a public one.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html
    """
    named = {c.key.lower() for s in document.policy.statements for c in s.conditions} & {*_ENDPOINTS}
    types = {*document.endpoint_types}
    # What is not written out may be said elsewhere, as in the parameters of a definition.
    if not named or not types or (types != {"PRIVATE"} and not types <= {"EDGE", "REGIONAL"}):
        return ()
    said = text((ANY, ANY_RUN)) if types == {"PRIVATE"} else ABSENT
    return tuple((key_dimension(key), said) for key in sorted(named))


def _by_tags(subject: Subject) -> Constraints:
    """
    The requests in which the tags of the resource, as far as a policy looks at them, are what the template says, or are
    left out: which calls of a service carry them is not known of all.
    """
    known = [(key, StringSet.of([exact(value)])) for key, value in tags_looked_at(subject)]
    single = ((key_dimension(key), Values(True, values)) for key, values in known)
    unlisted = [(key, Values(True, CollectionSet(values))) for key, values in known if not lookup(key).known]
    return (*single, *((key_dimension(key, "multi"), values) for key, values in unlisted))


def _organization(subject: Subject) -> tuple[tuple[str, str], ...]:
    """The ends of the keys of the own organization with their values, which are empty where there is none."""
    is_in_none = subject.organization == NO_ORGANIZATION
    return (("orgid", ""), ("orgpaths", "")) if is_in_none else (("orgid", subject.organization),)


def own_tags(subject: Subject) -> tuple[tuple[str, str], ...]:
    """
    The keys of the tags that a template gives a user or role, lower-cased, with their values; others there may be.
    """
    if subject.holder is None or not subject.holder.tags:
        return ()
    mentioned = "\n".join(mentioned_texts(document.policy, True) for document in subject.documents)
    tags = ((f"aws:principaltag/{key}", value) for key, value in subject.holder.tags)
    return tuple((key, value) for key, value in tags if "${" + key in mentioned)


def held_by(subject: Subject) -> Constraints:
    """The constraint that the caller is the holder of the policy, or a member of the group that holds it."""
    holder = subject.holder
    assert holder is not None
    if holder.kind in ("user", "role"):
        return (("caller", text(join(own_arn(holder), SEPARATOR, ANY_RUN))),)
    if holder.kind == "permission set":
        # Its sessions are in every account that it is assigned in, which no template of it says.
        account = subject.account if any(key == "aws:principalaccount" for key, _ in own_values(subject)) else ACCOUNT
        head = join("arn:", Wildcard(":", True, True), ":iam::", account, ":role/" + IDENTITY_CENTER_PATH)
        suffix = (Wildcard("0123456789abcdef", False, False),) * 16
        role = join("AWSReservedSSO_", _unknown_as_any(holder.name), "_", suffix, SEPARATOR, ANY_RUN)
        return (("caller", text(join(head, role), join(head, Wildcard("/", True, True), "/", role))),)
    return (("caller", text(join("arn:", Wildcard(":", True, True), f":iam::{subject.account}:user/", ANY_RUN))),)


def own_arn(holder: Holder) -> Pattern:
    """
    The ARN of a user or role, as far as it is known; of a name that CloudFormation makes, what it looks like.

    What IAM takes in no name, as of a default that stands for one (``<<name>>``), is another text in every deployment.
    """
    parts = (holder.arn,) if isinstance(holder.arn, str) else holder.arn.parts
    return join(
        *(
            _as_named(part)
            if isinstance(part, str)
            else generated_name(part.name.rpartition("/")[2])
            if part.holds == GENERATED_NAME
            else Wildcard(SEPARATOR, True, True)
            for part in parts
        )
    )


def _as_named(part: str) -> Pattern:
    path, slash, name = part.rpartition("/")
    texts = _IN_NO_NAME.split(name)
    return join(path + slash + texts[0], *(piece for text in texts[1:] for piece in (_ANY_NAME, text)))


def _unknown_as_any(name: Text) -> Pattern:
    """A name or an ARN of which a part may be known only at deployment."""
    parts = (name,) if isinstance(name, str) else name.parts
    return join(*(part if isinstance(part, str) else Wildcard(SEPARATOR, True, True) for part in parts))


def third_party_accounts(config: Config) -> tuple[str, ...]:
    """The accounts of every declared third party."""
    return tuple(sorted({account for party in config.third_parties for account in party.accounts}))
