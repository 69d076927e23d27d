"""
Random requests that a real caller could send, drawn to what a policy speaks of.

What is possible is asked of `trustproof.spec.realism` only: nothing here knows how the engine searches.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from tests.generate.conditions import once_in, pick
from tests.generate.words import (
    ACCOUNTS,
    IDENTITY_CENTER_ROLES,
    ORGANIZATIONS,
    ROLE,
    ROLE_IDS,
    ROLES,
    SAML_PROVIDERS,
    SERVICES,
    SESSIONS,
    USER_IDS,
    USERS,
    WEB_PROVIDERS,
    words,
)
from trustproof.aws.condition_keys import NEVER, always, lookup, names
from trustproof.aws.single_values import has_one
from trustproof.model.operators import parse_operator
from trustproof.model.policy import ALLOW, Policy, Statement
from trustproof.model.request import (
    ANONYMOUS,
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SAML,
    SERVICE,
    USER_KEY,
    USER_KEY_MFA,
    USER_SESSION,
    USER_SESSION_MFA,
    WEB_IDENTITY,
    Caller,
    ContextValue,
    Request,
)
from trustproof.spec.operators.date import parse_date
from trustproof.spec.realism import impossibilities, principal_keys

_SIGNED = (
    "sts:AssumeRole",
    "sts:AssumeRole",
    "sts:AssumeRole",
    "sts:TagSession",
    "sts:SetSourceIdentity",
    "sts:SetContext",
)
#: Kind of caller to the actions it may need a trust policy for.
ACTIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (USER_KEY, USER_KEY_MFA, USER_SESSION, USER_SESSION_MFA, ROLE_SESSION, IDENTITY_CENTER, SERVICE), _SIGNED
    ),
    SAML: ("sts:AssumeRoleWithSAML", "sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"),
    WEB_IDENTITY: (
        "sts:AssumeRoleWithWebIdentity",
        "sts:AssumeRoleWithWebIdentity",
        "sts:TagSession",
        "sts:SetSourceIdentity",
    ),
    FEDERATED_USER: ("s3:GetObject",),
    ROOT: ("s3:GetObject",),
    ANONYMOUS: ("s3:GetObject",),
}
#: The kinds of caller that a trust policy can let in.
ASSUMING = tuple(kind for kind, actions in ACTIONS.items() if actions[0].startswith("sts:"))

#: What stands in a principal to the kinds of caller that it may speak of.
_MARKS: dict[str, tuple[str, ...]] = {
    ":user/": (USER_KEY, USER_KEY_MFA, USER_SESSION, USER_SESSION_MFA),
    "AIDA": (USER_KEY, USER_KEY_MFA, USER_SESSION, USER_SESSION_MFA),
    "AWSReservedSSO": (IDENTITY_CENTER,),
    ":role/": (ROLE_SESSION,),
    ":assumed-role/": (ROLE_SESSION,),
    "AROA": (ROLE_SESSION, IDENTITY_CENTER),
    ":federated-user/": (USER_KEY,),
    "saml-provider": (SAML,),
    "oidc-provider": (WEB_IDENTITY,),
    **dict.fromkeys(WEB_PROVIDERS[1:], (WEB_IDENTITY,)),
    ".amazonaws.com": (SERVICE,),
}

_MFA, _AGE = "aws:multifactorauthpresent", "aws:multifactorauthage"
_ENDPOINT = (
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpcsourceip",
)
_TAG = "aws:requesttag/"


class Hints:
    """
    What statements say of each key: requests that are drawn from their own words often match them.
    """

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.operands: dict[str, list[str]] = {}
        #: Keys that some condition tests as one value.
        self.single: set[str] = set()
        self.principals: list[str] = []
        for statement in statements:
            for entry in (*(statement.principals or ()), *(statement.not_principals or ())):
                self.principals.append(str(entry.value))
            for condition in statement.conditions:
                operator = parse_operator(condition.operator)
                if operator is None or not operator.quantifier or not condition.operands:
                    self.single.add(condition.key.lower())
                self.operands.setdefault(condition.key.lower(), []).extend(str(o) for o in condition.operands)
        written = [operand for operands in self.operands.values() for operand in operands]
        variables = [part.partition("}")[0].partition(",")[0] for o in written for part in o.split("${")[1:]]
        self.keys = tuple(sorted({*self.operands, *(v.strip().lower() for v in variables if ":" in v)}))
        self.kinds = tuple(kind for value in self.principals for kind in _kinds(value)) or ASSUMING


NO_HINTS = Hints(())


def hints_of(policy: Policy) -> list[Hints]:
    """The words of the whole policy, and of each Allow statement by itself."""
    return [Hints(policy.statements), *(Hints([s]) for s in policy.statements if s.effect == ALLOW)]


def _kinds(principal: str) -> tuple[str, ...]:
    """Kinds of caller that an entry may speak of."""
    for mark, kinds in _MARKS.items():
        if mark in principal:
            return kinds
    return ASSUMING


def any_caller(rng: Random, kind: str, hints: Hints = NO_HINTS) -> Caller:
    """A caller of a kind, often one that the policy names."""
    named = [*hints.principals, *hints.operands.get("aws:principalarn", ())] if rng.randrange(2) else []

    def arn(options: tuple[str, ...], word: str) -> str:
        fitting = tuple(n for n in named if word in n and n.startswith("arn:") and "*" not in n and "?" not in n)
        found: tuple[str, ...] = fitting or options
        return pick(rng, found)

    if kind in (USER_KEY, USER_KEY_MFA, USER_SESSION, USER_SESSION_MFA):
        return Caller(kind, arn(USERS, ":user/"), "", pick(rng, USER_IDS))
    if kind in (ROLE_SESSION, IDENTITY_CENTER):
        session = pick(rng, SESSIONS)
        # Every permission set's role ends in 16 hexadecimal digits, which the evaluator does not insist on.
        role = arn(ROLES, ":role/") if kind == ROLE_SESSION else pick(rng, IDENTITY_CENTER_ROLES)
        return Caller(kind, role, session, f"{pick(rng, ROLE_IDS)}:{session}")
    if kind == FEDERATED_USER:
        account = pick(rng, ACCOUNTS)
        return Caller(kind, f"arn:aws:sts::{account}:federated-user/bo", "", f"{account}:bo")
    if kind == ROOT:
        account = pick(rng, ACCOUNTS)
        return Caller(kind, f"arn:aws:iam::{account}:root", "", account)
    options = {SERVICE: SERVICES, SAML: SAML_PROVIDERS, WEB_IDENTITY: WEB_PROVIDERS}.get(kind)
    if options is None:
        return Caller(kind)
    return Caller(kind, pick(rng, tuple(n for n in named if n in options) or options))


def any_request(rng: Random, hints: Hints, kind: str | None = None, action: str | None = None) -> Request | None:
    """
    A request that nothing speaks against; None where the first try was not one.
    """
    chosen = kind if kind is not None else pick(rng, hints.kinds if rng.randrange(4) else ASSUMING)
    caller = any_caller(rng, chosen, hints)
    called = action if action is not None else pick(rng, ACTIONS[chosen])
    context = _basis(rng, caller, called, hints)
    resource = ROLE if called.startswith("sts:") else "arn:aws:s3:::b/key"
    request = Request(caller, called, resource, context)
    if impossibilities(request):
        return None
    keys = [key for key in hints.keys if rng.randrange(4)]
    if once_in(rng, 4):
        keys.append(pick(rng, names()).lower())
    rng.shuffle(keys)
    for name in keys:
        changed = dict(request.context)
        if not _put(rng, changed, name, hints, caller, called):
            continue
        tried = request._replace(context=changed)
        if not impossibilities(tried):
            request = tried
    return request


def _basis(rng: Random, caller: Caller, action: str, hints: Hints) -> dict[str, ContextValue]:
    """The keys that every request of this caller carries."""
    context = principal_keys(caller)
    for name in always(caller.kind, action.lower()):
        lowered = name.lower()
        if lowered not in context:
            context[lowered] = _value(rng, lowered, hints)
    context["aws:viaawsservice"] = "false"
    context["aws:epochtime"] = str(parse_date(str(context["aws:currenttime"])))
    return context


def _value(rng: Random, name: str, hints: Hints) -> ContextValue:
    key = lookup(name)
    if key.multi or (not has_one(key) and name not in hints.single and once_in(rng, 5)):
        count = pick(rng, (1, 1, 2))
        return tuple(dict.fromkeys(_element(rng, name, hints) for _ in range(count)))
    return _element(rng, name, hints)


def _element(rng: Random, name: str, hints: Hints) -> str:
    """A value out of the policy's own operands, or a usual one; of the key's type where the key has one."""
    key = lookup(name)
    operands = hints.operands.get(name, ())
    value = _near(rng, pick(rng, operands), key.type) if operands and rng.randrange(4) else None
    if value is None:
        return pick(rng, words(name))
    return value


def _near(rng: Random, operand: str, type_: str) -> str | None:
    """A value that meets an operand, or barely misses it."""
    if type_ == "numeric":
        digits = operand.partition(".")[0]
        if not (digits.isascii() and digits.isdigit()):
            return None
        return str(max(0, int(digits) + pick(rng, (0, 1, -1))))
    if type_ == "date":
        seconds = parse_date(operand)
        if seconds is None or not 0 <= seconds < 2**33:
            return None
        return _iso(seconds + pick(rng, (0, 1, -1)))
    if type_ == "ip":
        return _address(rng, operand)
    if type_ == "bool":
        return operand.lower()
    filled = operand
    while "*" in filled or "?" in filled:
        filled = filled.replace("*", pick(rng, ("", "a", "a/b", "x:y")), 1).replace("?", pick(rng, ("a", ":")), 1)
    way = rng.randrange(9)
    return (filled, filled, filled, filled, operand, filled.swapcase(), filled + "x", filled[:-1], "x" + filled)[way]


def _iso(seconds: int) -> str | None:
    from datetime import UTC, datetime

    return None if seconds < 0 else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _address(rng: Random, operand: str) -> str | None:
    import ipaddress

    try:
        network = ipaddress.ip_network(operand, strict=False)
    except ValueError:
        return None
    number = int(pick(rng, (network.network_address, network.broadcast_address))) + pick(rng, (0, 0, 1, -1))
    kind = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
    return str(kind(number)) if 0 <= number < 2**network.max_prefixlen else None


def _put(rng: Random, context: dict[str, ContextValue], name: str, hints: Hints, caller: Caller, action: str) -> bool:
    """Set a key, and whatever has to agree with it; False where this caller never sends it."""
    key = lookup(name)
    if key.presence(caller.kind, action.lower()) == NEVER or name in principal_keys(caller):
        return False
    if caller.kind in (SAML, WEB_IDENTITY) and name.startswith("sts:requestcontext"):
        # No call that these callers make has a context assertion.
        return False
    value = _value(rng, name, hints)
    context[name] = value
    if name == _MFA:
        context.pop(_AGE, None)
        if value == "true":
            context[_AGE] = _value(rng, _AGE, hints)
    elif name == "aws:principalorgid":
        context["aws:principalorgpaths"] = (f"{value}/r-ab12/",)
    elif name.endswith("orgpaths"):
        _align_organization(rng, context, name)
    elif name == "aws:currenttime":
        context["aws:epochtime"] = str(parse_date(str(value)))
    elif name == "aws:epochtime":
        seconds = parse_date(str(value))
        context[name] = str(seconds)
        context["aws:currenttime"] = _iso(seconds) or "" if seconds is not None else ""
    elif name.startswith("aws:calledvia"):
        context["aws:viaawsservice"] = "true"
    elif name.startswith(_TAG):
        listed = context.get("aws:tagkeys", ())
        context["aws:tagkeys"] = tuple(dict.fromkeys((*listed, name.removeprefix(_TAG))))
        if name.removeprefix(_TAG) in {one.lower() for one in listed}:
            context["aws:tagkeys"] = listed
    elif name == "aws:tagkeys":
        _align_tags(rng, context, hints)
    elif name == "aws:principalservicenameslist":
        context[name] = tuple(dict.fromkeys((caller.arn, *value)))
    elif name in ("aws:sourceidentity", "sts:sourceidentity"):
        twin = "sts:sourceidentity" if name.startswith("aws:") else "aws:sourceidentity"
        if twin in context:
            context[twin] = value
    elif name == "aws:sourceip":
        for endpoint in _ENDPOINT:
            context.pop(endpoint, None)
    elif name in _ENDPOINT:
        context.pop("aws:sourceip", None)
    elif name == "aws:sourcearn" and "aws:sourceaccount" in context:
        owner = str(value).split(":")[4:5]
        if owner and owner[0] in ACCOUNTS:
            context["aws:sourceaccount"] = owner[0]
    return True


def _align_organization(rng: Random, context: dict[str, ContextValue], name: str) -> None:
    """Paths of one organization, which go through its root, and its id."""
    id_key = name.removesuffix("paths") + "id"
    paths = [path for path in context[name] if re.match("o-[0-9a-z]+/r-[0-9a-z]+/", path)]
    organization = paths[0].partition("/")[0] if paths else pick(rng, ORGANIZATIONS)
    inside = tuple(path for path in paths if path.startswith(f"{organization}/"))
    context[name] = inside or (f"{organization}/r-ab12/",)
    if id_key in context or name == "aws:principalorgpaths":
        context[id_key] = organization


def _align_tags(rng: Random, context: dict[str, ContextValue], hints: Hints) -> None:
    """A value for every tag that is listed, and none for others."""
    listed = [key for key in dict.fromkeys(context["aws:tagkeys"]) if key and "*" not in key]
    context["aws:tagkeys"] = tuple(listed)
    if not listed:
        del context["aws:tagkeys"]
    wanted = {_TAG + key.lower() for key in listed}
    for name in [name for name in context if name.startswith(_TAG) and name not in wanted]:
        del context[name]
    for name in sorted(wanted - context.keys()):
        context[name] = _element(rng, name, hints)
