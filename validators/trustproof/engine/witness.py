"""
From a part of a region to one request: the one a person would think of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import cache
from itertools import chain

from trustproof.aws import published
from trustproof.aws.action_names import spelling
from trustproof.aws.action_resources import about, in_own_account
from trustproof.aws.condition_keys import ALWAYS, STS_ACTIONS, Key, always, lookup
from trustproof.aws.examples import ACCOUNTS, EXAMPLE_ACTIONS, ID, LIKELY, NAMES, USUAL, USUAL_SECONDS, UUID
from trustproof.aws.global_services import endpoint_of
from trustproof.aws.partitions import REGIONS, regions_in
from trustproof.aws.regional_services import REGIONAL
from trustproof.engine.completion import agree, caller_context, caller_of, owned_resources, record_of, tied_values
from trustproof.engine.denote import denote
from trustproof.engine.dimensions import condition_key, is_key, key_dimension
from trustproof.engine.domains import Values
from trustproof.engine.key_relations import RESOURCE_ACCOUNT
from trustproof.engine.published_arns import published_arn
from trustproof.engine.region import AllowedPart
from trustproof.engine.request_space import COMPARISON, OWN_NAME, RequestSpace, longest, says_how
from trustproof.model.policy import Condition, Statement
from trustproof.model.request import ANONYMOUS, SAML, SERVICE, WEB_IDENTITY, Caller, ContextValue, Request
from trustproof.sets.collections import CollectionSet
from trustproof.sets.numbers import NumberSet
from trustproof.sets.patterns import ANY_RUN, join, literal_text, show
from trustproof.sets.strings import StringSet

#: How the ids of keys are shown.
_UUIDS = "-".join(["?*"] * 5)
_ACCOUNT_LENGTH = 12

#: How many further requests are tried where the search is not exact.
_ATTEMPTS = 4
#: Operands with more digits have no neighbours: Python reads no number of more than some thousand digits.
_NEAR_DIGITS = 32
#: Values tried first where a policy says something of a key.
_TRY: tuple[str, ...] = ("alice", "bob", "o-outsider00", "any", "x1", "true", "false")


def build(found: AllowedPart, *, accounts: Sequence[str] = (), resource: str = "*") -> Request:
    """
    One request of the part that was found.

    Args:
        accounts: tried first as the caller's account.
        resource: used where the policy says nothing of the resource.
    """
    space = found.region.space
    action, target = _action_and_target(found, resource, accounts)
    preferred = dict(found.region.hints)
    if here := _region_of(target):
        preferred["aws:requestedregion"] = (here, *preferred.get("aws:requestedregion", ()))
    if _is_about_accounts(found, action):
        target, caller = _together(found, accounts, target)
    else:
        caller = caller_of(found.assignment, space, accounts, target)
    target = target.replace(OWN_NAME, caller.arn.rsplit("/", 1)[-1])
    context = caller_context(caller)
    context.update(space.known_keys)
    context.update(tied_values(found.assignment, caller, space, preferred))
    for dimension in sorted(found.assignment):
        if is_key(dimension):
            name = condition_key(dimension)
            value = _value(lookup(name), found.assignment[dimension], preferred.get(name, ()))
            if value is not None:
                context.setdefault(name, value)
    agree(context, space, action.lower(), target)
    called = space.domain(key_dimension("aws:requestedregion")).present
    if _service_of(target) in REGIONAL and isinstance(called, StringSet) and here in called:
        context.setdefault("aws:requestedregion", here)
    _complete(context, caller, space, action.lower())
    if caller.kind == SAML and "key:saml:aud" not in found.assignment:
        # An assertion may lack its recipient; where nobody asks, it has the usual one.
        context.setdefault("saml:aud", USUAL["saml:aud"])
    return Request(caller, action, target, context)


def displayed_values(found: AllowedPart, *, accounts: Sequence[str] = (), resource: str = "*") -> dict[str, str | None]:
    """
    What `build` chooses, by dimension: the action, lower-cased, the resource, and the caller where that matters; where
    keys are compared with each other, these as well, None for an absent one.
    """
    compared = [name for name in found.assignment if name.startswith(COMPARISON)]
    if compared:
        request = build(found, accounts=accounts, resource=resource)
        said = {name: value for name, value in request.context.items() if isinstance(value, str)}
        return {
            "action": request.action.lower(),
            "resource": request.resource,
            "caller": record_of(request.caller),
            **{key_dimension(name): value for name, value in said.items()},
            **{name: _outcome(found.assignment[name]) for name in compared},
        }
    action, target = _action_and_target(found, resource, accounts)
    owner = _owner(found, (*accounts, *ACCOUNTS))
    shown = {"action": action.lower(), "resource": target, "caller": "", RESOURCE_ACCOUNT: owner}
    if not _is_about_accounts(found, action):
        return shown
    target, caller = _together(found, accounts, target)
    return {**shown, "resource": target, "caller": record_of(caller)}


def _owner(found: AllowedPart, likely: Sequence[str]) -> str | None:
    """The account that a resource is said to be of; None where nothing says it."""
    whose = found.assignment.get(RESOURCE_ACCOUNT)
    return whose.present.sample(likely) if whose is not None and isinstance(whose.present, StringSet) else None


def _outcome(values: Values) -> str | None:
    return values.present.sample() if isinstance(values.present, StringSet) else None


def _action_and_target(found: AllowedPart, resource: str, accounts: Sequence[str]) -> tuple[str, str]:
    """An action, and a resource that it is about; of one of some accounts, since another has to allow it as well."""
    likely, space = (*accounts, *ACCOUNTS), found.region.space
    owner = _owner(found, likely)
    owners = (owner, *likely) if owner else likely
    owned, partition = owned_resources(found.assignment, likely), space.partition or "aws"
    target = _target(owned, resource, owners, partition)
    action = _action(found, target)
    if space.action:
        return action, target
    rows = [row for row in about(action.partition(":")[0].lower()) if row.is_for(action.lower())]
    arns = [arn for row in rows for arn in row.arns]
    if not arns or _service_of(target) in map(_service_of, arns):
        return action, target
    # The policy stands on something that the action is not about, or says only whose it is, or what it is not.
    if "resource" not in found.assignment:
        return action, "*"
    assert owned is not None
    assert isinstance(owned.present, StringSet)
    fitting = owned.present & StringSet.of([published_arn(arn) for arn in arns])
    return action, target if fitting.sample() is None else _target(Values(False, fitting), resource, owners, partition)


def _is_about_accounts(found: AllowedPart, action: str) -> bool:
    """Whether it matters of which account a caller is, for an action."""
    return found.region.space.kind not in (SERVICE, SAML, WEB_IDENTITY, ANONYMOUS) and in_own_account(action.lower())


def _together(found: AllowedPart, accounts: Sequence[str], target: str) -> tuple[str, Caller]:
    """A resource, and a caller of its account, where there is such a pair."""
    assignment, space = found.assignment, found.region.space
    caller = caller_of(assignment, space, accounts, target)
    fields = target.split(":", 5)
    if len(fields) < 6 or fields[4] in ("aws", caller.account):
        return target, caller
    resources = assignment["resource"].present if "resource" in assignment else StringSet.full()
    assert isinstance(resources, StringSet)
    for account in dict.fromkeys((str(caller.account), fields[4], *accounts, *ACCOUNTS)):
        moved = ":".join((*fields[:4], account, fields[5]))
        other = caller_of(assignment, space, (account,), target)
        if other.account == account and moved in resources:
            return moved, other
    return target, caller


def neighbours(request: Request, found: AllowedPart) -> Iterator[Request]:
    """
    More requests to try where the part that was found is not exact: the first one may be just outside the statement.
    """
    space = found.region.space
    for attempt in range(_ATTEMPTS):
        context = dict(request.context)
        for condition in found.encoded.statement.conditions:
            reading = denote(condition, space, True)
            if reading is not None and reading.note:
                _approach(context, condition, space, attempt)
        yield request._replace(context=context)


def _service_of(arn: str) -> str:
    """The service of an ARN; empty for what is none."""
    fields = arn.split(":", 3)
    return fields[2] if len(fields) == 4 and fields[0] == "arn" else ""


def _regions(pattern: str, partition: str, others: Iterable[str]) -> list[str]:
    """
    The Regions of a partition that fit a pattern, those that read best first.

    Args:
        others: patterns that the Region has to fit besides, or may.
    """
    if not set(pattern) & set("*?"):
        return [pattern]
    known = regions_in(partition) or REGIONS[:1]
    asked = [other for other in others if other.strip("*?")]
    fits = [region for region in known if any(fnmatchcase(region, other) for other in asked)]
    return list(dict.fromkeys((*(other for other in asked if not set(other) & set("*?")), *fits, *known[:3])))


def _region_of(arn: str) -> str:
    """The Region of an ARN; empty for what is none."""
    fields = arn.split(":", 5)
    return fields[3] if len(fields) == 6 and fields[0] == "arn" else ""


def _action(found: AllowedPart, target: str) -> str:
    """An action, as AWS writes it where that is known; one of the service of the resource, if there is one."""
    space = found.region.space
    if space.action:
        return STS_ACTIONS.get(space.action) or spelling(space.action)
    values = found.assignment.get("action")
    statement = found.encoded.statement
    written = [a for a in (statement.actions or ()) if isinstance(a, str) and "*" not in a and "?" not in a]
    preferred = dict(found.region.hints).get("action", ())
    known = {action.lower(): action for action in (*preferred, *written, *EXAMPLE_ACTIONS)}
    service = _service_of(target) + ":"
    first = [action for action in known if action.startswith(service)]
    if values is None or not isinstance(values.present, StringSet):
        return spelling(known[next(iter((*first, *known)))])
    listed = _published_actions(service.removesuffix(":"))
    sample = values.present.sample(chain(first, known, listed, _endings(values.present)))
    assert sample is not None
    return spelling(known.get(sample) or _as_written(sample, statement))


def _as_written(action: str, statement: Statement) -> str:
    """
    An action that nobody lists, with the letters of the pattern that it fits: ``foo:BarAny`` for ``foo:Bar*``. Where
    that leaves the service open, it is as it is.
    """
    for pattern in (one for one in statement.actions or () if isinstance(one, str)):
        first, *_, last = re.split("[*?]", pattern) if "*" in pattern or "?" in pattern else (pattern, "")
        between = action[len(first) : len(action) - len(last)]
        if ":" not in between and f"{first}{between}{last}".lower() == action.lower():
            return f"{first}{between[:1].upper()}{between[1:]}{last}"
    return action


@cache
def _published_actions(service: str) -> tuple[str, ...]:
    """
    The actions of a service, lower-cased, those that read first; none where the reference does not list them.

    Last come those that are too new to be described.
    """
    found = published.service(service) if service else None
    listed = {} if found is None else found.actions
    names = sorted(listed, key=lambda name: (not listed[name].is_described, not listed[name].reads, name))
    return tuple(f"{service}:{name}" for name in names)


def _target(values: Values | None, resource: str, accounts: tuple[str, ...], partition: str) -> str:
    """
    A resource; the one that the policy stands on where that fits.

    Args:
        accounts: that it may be of, the likeliest first.
        partition: that it is in where nothing says another.
    """
    if values is None or not isinstance(values.present, StringSet):
        return resource
    # A name that a policy writes out may turn out to be the caller's own; as a rule it is somebody else's.
    others = values.present & StringSet.outside([join(ANY_RUN, OWN_NAME, ANY_RUN)])
    # What a policy on a bucket is about may be an object in it.
    own = (resource, f"{resource}/app") if resource != "*" else (resource,)
    for strings in (others, values.present):
        sample = strings.sample(chain(own, _likely_arns(strings, accounts, partition)))
        if sample is not None:
            return sample
    return resource


def _likely_arns(strings: StringSet, accounts: tuple[str, ...], partition: str) -> Iterator[str]:
    """ARNs that may be in a set, those that read best first; they are made when no better one was."""
    yield from _arns(strings, accounts, partition)
    yield from _endings(strings)
    yield from _arns(strings, accounts, partition, ID)


def _value(key: Key, values: Values, preferred: tuple[str, ...] = ()) -> ContextValue | None:
    """A value of a key; None where it may be absent, which is the simpler request."""
    if isinstance(values.present, StringSet):
        # A value that a property asks for reads better than none.
        found = next((value for value in preferred if value in values.present), None)
        if found is not None:
            return found
    if values.absent or values.present is None:
        return None
    present = values.present
    if isinstance(present, NumberSet):
        usual = (USUAL_SECONDS,) if key.type == "date" else (0, 1)
        number = present.sample(usual)
        assert number is not None
        return _date_text(int(number)) if key.type == "date" else _number_text(number)
    if isinstance(present, CollectionSet):
        chosen = present.sample()
        assert chosen is not None
        return tuple(str(v) for v in chosen)
    if isinstance(present, StringSet):
        name = key.name.lower()
        usual_text = USUAL.get(name)
        names = NAMES if key.shape in ("session-name", "source-identity") else ()
        likely = (*((usual_text,) if usual_text else ()), *names, *LIKELY.get(name, ()))
        if name.endswith("account"):
            likely = (*likely, "999988887777", *ACCOUNTS, *_filled_accounts(present))
        elif name.endswith("arn"):
            likely = (*likely, *_arns(present, ACCOUNTS))
        # A word in the place of a wildcard may be more than a name has room for.
        most = longest(key)
        usual_texts = (*likely, *_endings(present), *_TRY)
        return present.sample(text for text in usual_texts if most is None or len(text) <= most)
    return present.sample()


def _filled_accounts(strings: StringSet) -> list[str]:
    """The account ids that the patterns of a set begin and end with, the digits between them made up."""
    shown = {show(p) for clause in strings.clauses for p in clause}
    filled = (text.replace("*", "0" * (13 - len(text)), 1).replace("*", "").replace("?", "0") for text in shown)
    return sorted(text for text in filled if len(text) == _ACCOUNT_LENGTH and text.isdigit())


def _endings(strings: StringSet) -> Iterator[str]:
    """What the wildcards of a set's patterns become when each is replaced by a word."""
    shown = sorted({show(p) for clause in strings.clauses for p in clause if literal_text(p) is None})
    yield from (s.replace("*", word).replace("?", "x") for s in shown if len(s) < 200 for word in ("any", ""))


def _arns(strings: StringSet, accounts: tuple[str, ...], in_partition: str = "aws", named: str = "") -> list[str]:
    """
    ARNs that read well: a wildcard account becomes one of AWS's examples.

    Args:
        in_partition: what a wildcard partition becomes.
        named: what a wildcard in a name becomes; empty for the name of a user or an app.
    """
    out: list[str] = []
    split = [s.split(":", 5) for s in sorted({show(p) for clause in strings.clauses for p in clause})]
    split, listed = [fields for fields in split if len(fields) > 3], split
    # A bucket reads better than an access point in some Region.
    for fields in sorted((f for f in listed if len(f) == 6), key=lambda f: "*" in f[3]):
        partition = in_partition if "*" in fields[1] else fields[1]
        name = named or ("bob" if fields[5].startswith("user/") else "app")
        written = fields[5].replace(_UUIDS, UUID) if named else fields[5]
        rest = written.replace("?*", "*").replace("*", name).replace("?", "x")
        owners = accounts if set(fields[4]) & set("*?") else (fields[4],)
        regions = _regions(fields[3], partition, (one[3] for one in split if one[2] == fields[2]))
        heads = [f"arn:{partition}:{fields[2]}:{region}:" for region in regions]
        out.extend(f"{head}{account}:{rest}" for head in heads for account in owners)
    # What is required as a role of any account reads best as one of AWS's example accounts.
    return [*(f"arn:{in_partition}:iam::{account}:role/app" for account in accounts), *out]


def _number_text(number: object) -> str:
    whole = int(number)  # type: ignore[call-overload]
    return str(whole) if whole == number else str(float(number))  # type: ignore[arg-type]


def _date_text(seconds: int) -> str:

    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError):
        return str(seconds)


def _complete(context: dict[str, ContextValue], caller: Caller, space: RequestSpace, action: str) -> None:
    """Add the keys that every request of this kind, and with this action, carries."""
    fixed = (lookup(key).name for key in space.known_keys)
    for name in sorted({*always(space.kind, space.action), *always(space.kind, action), *fixed}):
        lowered = name.lower()
        key = lookup(name)
        if lowered in context or ALWAYS not in (space.presence(key), key.presence(space.kind, action)):
            continue
        context[lowered] = _usual(key, space, caller, action)
    if caller.kind == WEB_IDENTITY and (claim := says_how(caller.arn.rpartition("/")[2] or caller.arn)):
        context.setdefault(claim, ("authenticated",))
    if caller.kind == SAML:
        for claim in ("iss", "sub", "sub_type", "namequalifier"):
            context.setdefault(f"saml:{claim}", USUAL[f"saml:{claim}"])


def _usual(key: Key, space: RequestSpace, caller: Caller, action: str) -> ContextValue:
    lowered = key.name.lower()
    values = space.domain(key_dimension(lowered))
    if lowered == "aws:requestedregion" and lowered not in space.known_keys:
        return endpoint_of(action, caller.arn.split(":")[1] if caller.arn.startswith("arn:") else space.partition)
    if lowered in USUAL and (not isinstance(values.present, StringSet) or USUAL[lowered] in values.present):
        return USUAL[lowered]
    found = _value(key, Values(False, values.present))
    assert found is not None, f"{key.name} is always there and has no value"
    return found


def _approach(context: dict[str, ContextValue], condition: Condition, space: RequestSpace, attempt: int) -> None:
    """
    Give a key a value that its condition may want.

    The search does not know how a value of this key compares, so values near the operands are tried one by one.
    """
    key = lookup(condition.key)
    near = [value for operand in condition.operands if isinstance(operand, str) for value in _near(operand)]
    if near and not space.is_view(key) and key.name.lower() not in space.known_keys:
        value = near[attempt % len(near)]
        context[key.name.lower()] = (value,) if key.multi else value


def _near(text: str) -> list[str]:
    """Values that an operand may mean: itself, its neighbours as a number, its address as a block."""
    if text.isascii() and text.isdigit() and len(text) <= _NEAR_DIGITS:
        return [text, str(max(0, int(text) - 1)), str(int(text) + 1)]
    address, slash, length = text.partition("/")
    return [address if slash and length.isdigit() else text.replace("*", "any").replace("?", "x")]
