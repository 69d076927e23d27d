"""
A second engine: decide every cell of a finite partition of all requests, by the evaluator.

For each key the values that the policy can tell apart are enumerated; conditions are evaluated once for each of them;
and all combinations are decided. Nothing here imports the engine or its sets.

The enumeration is complete, so that "none found" is a proof, when

* there are no policy variables and no ``NotPrincipal``, and keys are compared as what the catalogue says they are;
* principals, and operands on keys that follow from the caller, are literal;
* no two keys are mentioned whose values depend on each other (`_TIED`);
* the partitions are small enough.

Where it is not complete, a request that it finds still counts.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, combinations, product
from math import ceil, floor, prod
from typing import NamedTuple, TypeAlias

from tests.differential.atoms import (
    Tokens,
    arn_wildcards,
    exactly,
    ignoring_case,
    parts,
    some_of,
    wildcards,
)
from tests.generate.requests import ACTIONS
from tests.generate.words import ROLE, words
from trustproof.aws.accounts import RELEASED
from trustproof.aws.condition_keys import ALWAYS, NEVER, Key, lookup, names
from trustproof.model.operators import parse_operator
from trustproof.model.policy import ALLOW, DENY, Condition, Policy, Statement
from trustproof.model.request import IDENTITY_CENTER, ROLE_SESSION, USERS, Caller, ContextValue, Request
from trustproof.spec.callers import NAME, faults
from trustproof.spec.conditions import evaluate
from trustproof.spec.decision import may_get_credentials
from trustproof.spec.operators.address import parse_block
from trustproof.spec.operators.date import parse_date
from trustproof.spec.operators.numeric import parse_number
from trustproof.spec.realism import impossibilities, principal_keys
from trustproof.spec.statements import applies

#: How many combinations are decided for one caller, and how many elements a collection is made of.
MAX_CELLS = 3_000
MAX_ELEMENTS = 6
_LETTERS = "".join(map(chr, range(97, 123)))
_DIGITS = "0123456789"
#: The formats of values: of identifiers, of parameters of STS, of ARNs.
SHAPES: dict[str, Tokens] = {
    "account": some_of(_DIGITS, 12)[:12],
    "organization": exactly("o-") + some_of(_DIGITS + _LETTERS, 1),
    "external-id": some_of(_DIGITS + _LETTERS + _LETTERS.upper() + NAME + ":/", 2),
    "session-name": some_of(_DIGITS + _LETTERS + _LETTERS.upper() + NAME, 2),
    "source-identity": some_of(_DIGITS + _LETTERS + _LETTERS.upper() + NAME, 2),
    "arn": exactly("arn:") + wildcards("*:*:*:*:*"),
}
#: Keys whose values depend on each other; each beginning stands for one group.
_TIED = (
    ("aws:principalorg",),
    ("aws:requesttag/", "aws:tagkeys", "aws:tagkey"),
    ("aws:sourceip", "aws:vpcsourceip", "aws:sourcevp", "aws:vpce"),
    ("aws:viaawsservice", "aws:calledvia"),
    ("aws:sourcearn", "aws:sourceaccount"),
    ("aws:currenttime", "aws:epochtime"),
    ("sts:sourceidentity", "aws:sourceidentity"),
)
#: Keys that follow from the caller.
_DERIVED = ("aws:principalarn", "aws:principalaccount", "aws:userid", "aws:username")
#: Keys that are in no partition: what they may be depends on the provider or the service that calls.
_LEFT_OUT = (
    *("aws:principalservicename", "aws:principalorgpaths", "aws:federatedprovider", "aws:resource", "aws:epochtime"),
    "saml:doc",
)
#: Type of a key to the operators that compare it as what it is.
_FITTING = {
    **{type_: (type_,) for type_ in ("bool", "numeric", "date", "ip")},
    **dict.fromkeys(("string", "arn"), ("string", "arn")),
}


class Outcome(NamedTuple):
    """
    What the enumeration found.
    """

    #: A request that is allowed and violates the property; None where there is none among the cells.
    request: Request | None
    complete: bool


#: Values that conditions can tell apart, and whether these are all there are.
Candidates: TypeAlias = "tuple[list[ContextValue], bool]"


class _Values(NamedTuple):
    """The values of one key, one for each way that they meet the conditions on it."""

    name: str
    #: Each value (None is an absent key) with the conditions that it meets, by their place in the policy.
    values: tuple[tuple[ContextValue | None, frozenset[int]], ...]
    complete: bool


def search(
    policy: Policy, violates: Callable[[Request], bool], kinds: Sequence[str], extra: Sequence[Condition] = ()
) -> Outcome:
    """
    Look for a request for credentials that the policy allows and that violates a property.

    Args:
        violates: the property's predicate.
        kinds: the kinds of caller it speaks of.
        extra: what the predicate distinguishes besides, as conditions.
    """
    conditions = [*chain.from_iterable(s.conditions for s in policy.statements), *extra]
    complete = is_plain(policy, conditions)
    candidates = {
        name: _candidate_values(lookup(name), [c for c in conditions if c.key.lower() == name])
        for name in sorted({c.key.lower() for c in conditions})
    }
    for kind in kinds:
        action = ACTIONS[kind][0]
        for caller in _callers(policy, conditions, kind):
            keys = [_values_of(name, conditions, caller, action.lower(), candidates[name]) for name in candidates]
            complete &= all(key.complete for key in keys)
            if prod(len(key.values) for key in keys) > MAX_CELLS:
                complete = False
                continue
            for cell in _allowed(policy, caller, action, keys):
                request = _request(caller, action, cell)
                if violates(request) and may_get_credentials(policy, request) and not impossibilities(request):
                    return Outcome(request, complete)
    return Outcome(None, complete)


def _allowed(
    policy: Policy, caller: Caller, action: str, keys: Sequence[_Values]
) -> Iterator[dict[str, ContextValue | None]]:
    """The combinations of values under which the action itself is allowed."""
    needed: dict[str, list[frozenset[int]]] = {ALLOW: [], DENY: []}
    first = 0
    for statement in policy.statements:
        places = frozenset(range(first, first + len(statement.conditions)))
        first += len(statement.conditions)
        bare = Request(caller, action, ROLE, {})
        if applies(statement._replace(conditions=()), bare, variables=False).applies:
            needed[statement.effect].append(places)
    if not needed[ALLOW]:
        return
    for chosen in product(*(key.values for key in keys)):
        met = frozenset().union(*(places for _, places in chosen))
        if any(places <= met for places in needed[ALLOW]) and not any(places <= met for places in needed[DENY]):
            yield {key.name: value for key, (value, _) in zip(keys, chosen, strict=True)}


def is_plain(policy: Policy, conditions: Sequence[Condition], *, wildcards: bool = False) -> bool:
    """
    Whether the enumeration can be complete for such a policy.

    Args:
        wildcards: whether operands on keys that follow from the caller may have wildcards.
    """
    mentioned = {c.key.lower() for c in conditions}
    groups = [{name for name in mentioned if name.startswith(group)} for group in _TIED]
    literal = all(
        s.principals is not None and all(not set(str(p.value)) & set("?*") or p.value == "*" for p in s.principals)
        for s in policy.statements
    )
    return (
        literal
        and (wildcards or all(_is_literal(c) for c in conditions if c.key.lower() in _DERIVED))
        and all(_is_fitting(c) for c in conditions)
        and all(len(group) < 2 for group in groups)
    )


def _is_fitting(condition: Condition) -> bool:
    """Whether a key is known and compared as what it is, with plain operands."""
    key, operator = lookup(condition.key), parse_operator(condition.operator)
    assert operator is not None
    if operator.base.startswith("String") and "Like" not in operator.base and not _is_literal(condition, exact=True):
        # To the engine no value has a wildcard in it; to the enumeration what is written is a value like any other.
        return False
    fitting = operator.family in (*_FITTING.get(key.type, ()), "null")
    left_out = condition.key.lower().startswith(_LEFT_OUT)
    return fitting and not left_out and not any("${" in str(operand) for operand in condition.operands)


def _is_literal(condition: Condition, *, exact: bool = False) -> bool:
    operator = parse_operator(condition.operator)
    assert operator is not None
    interpreted = operator.family == "arn" or operator.base in ("StringLike", "StringNotLike")
    return not (interpreted or exact) or not any(set(str(operand)) & set("?*") for operand in condition.operands)


def _callers(policy: Policy, conditions: Sequence[Condition], kind: str) -> Iterator[Caller]:
    """A caller for each way that principals, and conditions on keys of the caller, can tell them apart."""
    seen: set[tuple[bool, ...]] = set()
    derived = [c for c in conditions if c.key.lower() in _DERIVED]
    probe = [Statement(ALLOW, principals=s.principals, actions=("*",)) for s in policy.statements]
    for caller in _candidates(policy, derived, kind):
        if faults(caller):
            continue
        context = principal_keys(caller)
        request = Request(caller, "sts:AssumeRole", ROLE, context)
        signature = (
            *(applies(statement, request, variables=False).applies for statement in probe),
            *(evaluate(condition, context, variables=False).matched for condition in derived),
            # Properties speak of accounts, and believe unique ids that the policy names.
            *(unique == caller.userid.partition(":")[0] for unique in _unique_ids(policy, derived)),
            *(caller.account == account for account in _accounts(policy, derived)),
        )
        if signature not in seen:
            seen.add(signature)
            yield caller


def _texts(policy: Policy, derived: Sequence[Condition]) -> list[str]:
    out = [str(p.value) for s in policy.statements for p in (s.principals or ())]
    for condition in derived:
        for operand in condition.operands:
            out.append(str(operand))
            out += [str(operand).replace("*", filler).replace("?", "x") for filler in ("", "x", "x/y")]
            out += [str(operand).lower(), str(operand).swapcase()]
    return out


def _unique_ids(policy: Policy, derived: Sequence[Condition]) -> list[str]:
    return sorted({text.partition(":")[0] for text in _texts(policy, derived) if text.startswith(("AIDA", "AROA"))})


def _accounts(policy: Policy, derived: Sequence[Condition]) -> list[str]:
    fields = {field for text in _texts(policy, derived) for field in text.split(":")}
    named = sorted(field for field in fields if len(field) == 12 and field.isascii() and field.isdigit())
    return [*dict.fromkeys((*named, "111122223333", "444455556666", "777788889999", "999999999999"))]


def _candidates(policy: Policy, derived: Sequence[Condition], kind: str) -> Iterator[Caller]:
    texts = _texts(policy, derived)
    accounts = _accounts(policy, derived)
    names_ = dict.fromkeys((*(t for t in texts if t and ":" not in t and "/" not in t and "*" not in t), "fresh"))
    if kind in USERS:
        arns = [t for t in texts if ":user/" in t]
        arns += [f"arn:aws:iam::{a}:user/{path}{name}" for a in accounts for path in ("", "p/") for name in names_]
        ids = [*(t for t in texts if t.startswith("AIDA")), "AIDAFRESH"]
        yield from (Caller(kind, arn, "", unique) for arn in arns for unique in ids)
    elif kind in (ROLE_SESSION, IDENTITY_CENTER):
        reserved = "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Fresh_0123456789abcdef"
        named = [head for t in texts if ":assumed-role/" in t and len(head := t.rsplit("/", 2)) == 3]
        arns = [t for t in texts if ":role/" in t and ("AWSReservedSSO_" in t) is (kind == IDENTITY_CENTER)]
        fresh = [f"{path}{head[1]}" for head in named for path in ("", "p/")]
        tails = [reserved] if kind == IDENTITY_CENTER else ["fresh", *fresh]
        arns += [f"arn:aws:iam::{account}:role/{tail}" for account in accounts for tail in tails]
        both = [t.partition(":") for t in texts if t.startswith("AROA")]
        sessions = dict.fromkeys([*(head[2] for head in named), *(i[2] for i in both if i[2]), "fresh"])
        roles = dict.fromkeys([*(i[0] for i in both), "AROAFRESH"])
        yield from (Caller(kind, a, s, f"{r}:{s}") for a in arns for s in sessions for r in roles)
    else:
        wanted = [
            str(p.value) for s in policy.statements for p in (s.principals or ()) if p.kind in ("Service", "Federated")
        ]
        yield from (Caller(kind, arn) for arn in wanted)


def _values_of(
    name: str, conditions: Sequence[Condition], caller: Caller, action: str, candidates: Candidates
) -> _Values:
    """Values of a key, one for each combination of the conditions that they meet."""
    key = lookup(name)
    own = [(place, c) for place, c in enumerate(conditions) if c.key.lower() == name]
    given = principal_keys(caller).get(name)
    presence = key.presence(caller.kind, action)
    complete = True
    possible: list[ContextValue | None] = [given]
    if given is None and presence != NEVER and name not in _DERIVED:
        found, complete = candidates
        possible = [*([None] if presence != ALWAYS else []), *found]
        if key.type == "bool":
            # Some callers send one of the two only.
            possible = [v for v in possible if not impossibilities(_request(caller, action, {name: v}))]
    kept: dict[tuple[bool, frozenset[int]], ContextValue | None] = {}
    for value in possible:
        context = {} if value is None else {name: value}
        met = frozenset(place for place, one in own if evaluate(one, context, variables=False).matched)
        # Whether it is there matters too: session tags need a further action.
        kept.setdefault((value is None, met), value)
    return _Values(name, tuple((value, met) for (_, met), value in kept.items()), complete)


def _candidate_values(key: Key, conditions: Sequence[Condition]) -> Candidates:
    operands = [str(operand) for condition in conditions for operand in condition.operands]
    if key.type == "bool":
        # STS is called with TLS only.
        return ["true"] if key.name == "aws:SecureTransport" else ["true", "false"], True
    if key.type == "numeric":
        ends = [number for operand in operands if (number := parse_number(operand)) is not None]
        near = {n + step for end in ends for n in (floor(end), ceil(end)) for step in (-1, 0, 1)} | {0}
        return [str(n) for n in sorted(near) if n >= 0], True
    if key.type == "date":
        moments = [moment for operand in operands if (moment := parse_date(operand)) is not None]
        return [
            _iso(s) for s in sorted({m + step for m in moments for step in (-1, 0, 1)} | {1796083200}) if s >= RELEASED
        ], True
    if key.type == "ip":
        return list(_addresses(operands)), True
    shape = SHAPES.get("arn" if key.type == "arn" else key.shape, wildcards("*"))
    # The empty string is a part of its own: it counts as null.
    found = parts([exactly(""), *(_tokens(c, str(o)) for c in conditions for o in c.operands)], shape)
    if found is None:
        return [*operands, *words(key.name)], False
    if not key.multi:
        return list(found), True
    elements = [text for text in found if text][:MAX_ELEMENTS]
    sets = chain.from_iterable(combinations(elements, size) for size in range(1, len(elements) + 1))
    return list(sets), len(elements) == len([text for text in found if text])


def _tokens(condition: Condition, operand: str) -> Tokens:
    operator = parse_operator(condition.operator)
    assert operator is not None
    if operator.family == "arn":
        return arn_wildcards(operand)
    if operator.base.endswith("IgnoreCase"):
        return ignoring_case(operand)
    return wildcards(operand) if operator.base.endswith("Like") else exactly(operand)


def _iso(seconds: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _addresses(operands: Sequence[str]) -> Iterator[str]:
    yield from ("198.51.100.1", "2001:db9::1")
    for operand in operands:
        network = parse_block(operand)
        if network is None:
            continue
        kind = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
        for end in (int(network.network_address), int(network.broadcast_address)):
            yield from (str(kind(n)) for n in (end - 1, end, end + 1) if 0 <= n < 2**network.max_prefixlen)


def _request(caller: Caller, action: str, chosen: Mapping[str, ContextValue | None]) -> Request:
    """The request with these values, and with usual ones under the keys that it must carry."""
    context: dict[str, ContextValue] = {}
    for name in names():
        key = lookup(name)
        if key.presence(caller.kind, action.lower()) == ALWAYS:
            context[name.lower()] = words(name)[:1] if key.multi else words(name)[0]
    context.update(principal_keys(caller))
    for name, value in chosen.items():
        context.pop(name, None)
        if value is not None:
            context[name] = value
    _agree(context)
    return Request(caller, action, ROLE, context)


def _agree(context: dict[str, ContextValue]) -> None:
    """Add what must come with the values that were chosen."""
    organization, paths = context.get("aws:principalorgid"), context.get("aws:principalorgpaths")
    if isinstance(organization, str) and paths is None:
        context["aws:principalorgpaths"] = (f"{organization}/r-1/",)
    elif isinstance(paths, tuple) and organization is None:
        context["aws:principalorgid"] = paths[0].partition("/")[0]
    context["aws:epochtime"] = str(parse_date(str(context["aws:currenttime"])))
    if any(name.startswith("aws:calledvia") for name in context):
        context["aws:viaawsservice"] = "true"
    tags = [name.removeprefix("aws:requesttag/") for name in context if name.startswith("aws:requesttag/")]
    if tags and "aws:tagkeys" not in context:
        context["aws:tagkeys"] = tuple(tags)
    for tag in context.get("aws:tagkeys", ()):
        context.setdefault(f"aws:requesttag/{tag.lower()}", "x")
