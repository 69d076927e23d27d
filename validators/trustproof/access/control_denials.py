"""
Which statements of control policies surely deny all of some requests, and keep out whom nobody meant to.

What is not known of a request may be anything. So an answer is certain, and none says nothing.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from math import prod
from typing import NamedTuple

from trustproof.aws.condition_keys import lookup
from trustproof.errors import UsageError
from trustproof.inputs.documents.control_policies import parse_control_policy
from trustproof.model.document import IDENTITY, RESOURCE
from trustproof.model.operators import parse_operator
from trustproof.model.policy import ALLOW, DENY, Condition, Policy, Principal, Statement
from trustproof.model.text import Text
from trustproof.sets.patterns import (
    ANY_RUN,
    Pattern,
    are_apart,
    arn_like,
    covers,
    exact,
    ignoring_case,
    join,
    like,
    matches,
    without,
)
from trustproof.spec.entries import condition_met

#: A key of a request: its value, in which ``*`` stands for any run of characters; None where it is absent.
_Known = Mapping[str, str | None]
_KINDS = {"service": IDENTITY, "resource": RESOURCE}
#: By type of a key, operators that ask for one text, or whether there is any.
_TELLING_APART = {
    "string": ("StringEquals", "StringNotEquals", "Null"),
    "arn": ("StringEquals", "StringNotEquals", "Null"),
    "bool": ("Bool", "StringEquals", "StringNotEquals", "Null"),
}
_SWITCH = {"true", "false"}
_EVERYBODY = ((Principal("*", "*"),), (Principal("AWS", "*"),))
_RUN = "*"
#: Ends the name of a family of keys.
_FAMILY = "/*"
_VARIABLE = re.compile(r"\$\{([^},]+)\}")
#: Begins what only the request knows.
_OPEN = "${"
_FIELDS = 6
#: So many different requests are looked at one by one.
_REQUESTS = 4096


class ControlDenial(NamedTuple):
    """
    What of some control policies denies a request.
    """

    #: Of the levels that were given.
    level: int
    #: Of the policies at that level; None where none of them allows the request.
    policy: int | None
    #: Its ``Sid``, or its number from 1; empty where no policy allows.
    statement: str
    #: What is denied.
    action: str


def control_denials(
    levels: Sequence[Sequence[str | Mapping[str, object]]],
    actions: Sequence[str],
    resource: str,
    known: Mapping[str, Sequence[str | None]],
    *,
    kind: str,
) -> tuple[ControlDenial, ...]:
    """
    The statements of control policies by which nobody can make some call, whatever is not known of it.

    >>> deny = {"Version": "2012-10-17", "Statement": [{"Sid": "Ours", "Effect": "Deny", "Action": "sts:*",
    ...     "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-other00000"}}}]}
    >>> full = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    >>> call = ["sts:AssumeRole"], "arn:aws:iam::111122223333:role/admin"
    >>> control_denials([[full, deny]], *call, {"aws:PrincipalOrgID": ["o-ours000000"]}, kind="service")
    (ControlDenial(level=0, policy=1, statement='Ours', action='sts:AssumeRole'),)
    >>> control_denials([[full, deny]], *call, {}, kind="service")
    ()

    Args:
        levels: the policies at each level from the root of the organization down, those that AWS attaches included;
            one of a level has to allow, and none of any may deny.
        actions: all that have to be allowed for the call.
        resource: the ARN that it is about; ``*`` stands for any run of characters.
        known: condition keys to all values that they may have, with ``*`` likewise, and None where a key may be absent
            (a ``*`` of an ARN stands for no colon, as in the name and path of a user);
            ``aws:RequestTag/*`` is all keys that begin so. A key that is not here may be anything, also absent.
        kind: ``service`` or ``resource``: which control policies they are.

    Returns:
        What denies the requests, each once; nothing where one may be allowed, or that cannot be decided.

    Raises:
        PolicySyntaxError: AWS would refuse a policy.
        UsageError: the kind is none.
    """
    if kind not in _KINDS:
        raise UsageError(f"the kind of control policies is {' or '.join(_KINDS)}, got {kind!r}")
    texts = tuple(tuple(one if isinstance(one, str) else json.dumps(one) for one in level) for level in levels)
    read = [[_policy(text, _KINDS[kind]) for text in level] for level in texts]
    asked = {key.lower(): list(dict.fromkeys(values)) for key, values in known.items()}
    # What is about other actions decides nothing, and what its keys may be would only be more requests to look at.
    named = {key for level in texts for text in level for key in _keys(text, _KINDS[kind], tuple(actions))}
    used = {key: values for key, values in asked.items() if key.endswith(_FAMILY) or key in named}
    families = tuple(key.removesuffix("*") for key in asked if key.endswith(_FAMILY))
    told = {key: _told_apart(key, tuple(actions), texts, _KINDS[kind]) for key in named - asked.keys()}
    for key, values in sorted(told.items(), key=lambda one: len(one[1])):
        if values and not key.startswith(families) and prod(map(len, used.values())) * len(values) <= _REQUESTS:
            used[key] = list(values)
    if prod(map(len, used.values())) > _REQUESTS:
        return ()
    found: dict[ControlDenial, None] = {}
    for values in product(*used.values()):
        denial = _denial(read, actions, resource, dict(zip(used, values, strict=True)))
        if denial is None:
            return ()
        found[denial] = None
    return tuple(found)


@lru_cache(maxsize=1024)
def _policy(text: str, kind: str) -> Policy:
    return parse_control_policy(text, kind=kind)


@lru_cache(maxsize=1024)
def _keys(text: str, kind: str, actions: tuple[str, ...]) -> frozenset[str]:
    """The keys that a policy asks about of some actions, in conditions and by its variables, in small letters."""
    found: set[str] = set()
    for statement in _policy(text, kind).statements:
        if all(_names_action(statement, action) is False for action in actions):
            continue
        found.update(_variables(statement))
        found.update(condition.key.lower() for condition in statement.conditions)
    return frozenset(found)


@lru_cache(maxsize=4096)
def _told_apart(
    key: str, actions: tuple[str, ...], texts: tuple[tuple[str, ...], ...], kind: str
) -> tuple[str | None, ...]:
    """
    Of a key that nothing is known of, one of all values that the policies do not tell apart, None for its absence;
    nothing where they compare it with more than texts.
    """
    asked, found = lookup(key), set[str]()
    for statement in (one for level in texts for text in level for one in _policy(text, kind).statements):
        if all(_names_action(statement, action) is False for action in actions):
            continue
        if key in _variables(statement):
            return ()
        for condition in statement.conditions:
            if condition.key.lower() == key:
                operator, operands = parse_operator(condition.operator), condition.operands
                if operator is None or operator.quantifier or operator.base not in _TELLING_APART.get(asked.type, ()):
                    return ()
                if operator.base != "Null":
                    found.update(one if isinstance(one, str) else _OPEN for one in operands)
    is_switch = asked.type == "bool"
    if asked.multi or any(_OPEN in one for one in found) or (is_switch and not found <= _SWITCH):
        return ()
    return (None, *(sorted(_SWITCH) if is_switch else (f"{''.join(sorted(found))}-", *sorted(found))))


def _variables(statement: Statement) -> set[str]:
    """The keys whose values stand in a statement, in small letters."""
    operands = (one for condition in statement.conditions for one in condition.operands)
    texts = (*operands, *(statement.resources or ()), *(statement.not_resources or ()))
    return {name.lower().strip() for text in texts for name in _VARIABLE.findall(str(text))}


def _denial(
    levels: Sequence[Sequence[Policy]], actions: Sequence[str], resource: str, known: _Known
) -> ControlDenial | None:
    """What surely denies a request; None where nothing does."""
    for action in actions:
        for number, level in enumerate(levels):
            for index, policy in enumerate(level):
                for place, statement in enumerate(policy.statements):
                    if statement.effect == DENY and _applies(statement, action, resource, known) is True:
                        return ControlDenial(number, index, statement.sid or f"{place + 1}", action)
            allowing = (one for policy in level for one in policy.statements if one.effect == ALLOW)
            if all(_applies(one, action, resource, known) is False for one in allowing):
                return ControlDenial(number, None, "", action)
    return None


def _applies(statement: Statement, action: str, resource: str, known: _Known) -> bool | None:
    """Whether a statement is about a request; None where that is not known."""
    if statement.guards or statement.unreadable:
        return None
    is_open = False
    for answer in _parts(statement, action, resource, known):
        if answer is False:
            return False
        is_open = is_open or answer is None
    return None if is_open else True


def _parts(statement: Statement, action: str, resource: str, known: _Known) -> Iterator[bool | None]:
    """Of each part of a statement, whether it is about a request: long lists of resources last."""
    yield _is_of(statement)
    yield _names_action(statement, action)
    yield from (_is_met(one, known) for one in statement.conditions)
    yield _names_resource(statement, resource, known)


def _is_of(statement: Statement) -> bool | None:
    """Whether it is about the caller: in control policies, about everybody."""
    if statement.not_principals is not None:
        return None
    return True if statement.principals is None or statement.principals in _EVERYBODY else None


def _names_action(statement: Statement, action: str) -> bool | None:
    entries = statement.actions if statement.actions is not None else statement.not_actions
    listed = tuple(one.lower() if isinstance(one, str) else None for one in entries or ())
    found = _is_one_of(exact(action.lower()), listed, like)
    return found if statement.actions is not None or found is None else not found


def _names_resource(statement: Statement, resource: str, known: _Known) -> bool | None:
    entries = statement.resources if statement.resources is not None else statement.not_resources
    if entries is None:
        return True
    found = _is_named(resource, tuple(_filled(one, known) for one in entries))
    return found if statement.resources is not None or found is None else not found


def _is_met(condition: Condition, known: _Known) -> bool | None:
    """Whether a request meets a condition; None where that is not known."""
    key = condition.key.lower()
    family = next((one for one in known if one.endswith(_FAMILY) and key.startswith(one.removesuffix("*"))), None)
    if key not in known and family is None:
        return None
    value = known[key] if key in known else known[str(family)]
    operands = tuple(_filled(one, known) for one in condition.operands)
    if value is None or _RUN not in value:
        return _is_met_by(condition.operator, key, operands, value)
    operator = parse_operator(condition.operator)
    if operator is None:
        return None
    if operator.base == "Null" and not operator.quantifier:
        # Whichever it is, it is there.
        return _is_met_by(condition.operator, key, operands, value)
    if operator.base not in _READINGS:
        return None
    read = _READINGS[operator.base]
    if read is None:
        found = _is_arn(value, operands)
    else:
        # What is not known of an ARN is an account, a name or a path, in which nobody writes a colon.
        is_arn = lookup(key).type == "arn" and value.startswith("arn:")
        asked = without(_pattern(value), ":") if is_arn else _pattern(value)
        found = _is_one_of(asked, operands, read)
    return found if found is None else found is not operator.negated


# A policy is asked of many roles and callers, of whom most say the same of a condition: each is answered once.
@lru_cache(maxsize=65536)
def _is_met_by(operator: str, key: str, operands: tuple[str | None, ...], value: str | None) -> bool | None:
    written = [_OPEN if one is None else one for one in operands]
    return condition_met(operator, key, written, None if value is None else (value,))


def _is_arn(value: str, operands: tuple[str | None, ...]) -> bool | None:
    """The same for ARNs, in whose fields no wildcard reaches across a colon but in the last."""
    asked = _whole_arn(value, _pattern)
    return None if asked is None else _is_one_of(asked, operands, _arn)


def _arn(text: str) -> Pattern | None:
    return _whole_arn(text, like)


@lru_cache(maxsize=65536)
def _is_one_of(asked: Pattern, entries: tuple[str | None, ...], read: Callable[[str], Pattern | None]) -> bool | None:
    """Whether one of some entries matches all that a pattern does, or none any of it; None where neither is plain."""
    patterns = [None if one is None or _OPEN in one else read(one) for one in entries]
    if len(asked) == 1 and isinstance(asked[0], str):
        text = asked[0]
        return any(one is not None and matches(one, text) for one in patterns) or (None if None in patterns else False)
    if any(one is not None and covers(one, asked) for one in patterns):
        return True
    return False if all(one is not None and are_apart(one, asked) for one in patterns) else None


@lru_cache(maxsize=65536)
def _is_named(resource: str, entries: tuple[str | None, ...]) -> bool | None:
    """Whether one of some entries names all that a resource may be, or none any of it; None where neither is plain."""
    answers = [_names(one, resource) for one in entries]
    return any(answers) or (None if None in answers else False)


def _names(entry: str | None, resource: str) -> bool | None:
    """The same of one of them; None too where it depends on whether wildcards reach across the colons of an ARN."""
    if entry is None or _OPEN in entry:
        return None
    if _RUN not in resource:
        one, other = (matches(reading, resource) for reading in _readings(entry))
        return one if one is other else None
    # What is not known of a resource reaches across no colon: an account, a name.
    asked = _whole_arn(resource, _pattern) or _pattern(resource)
    if all(covers(one, asked) for one in _readings(entry)):
        return True
    return False if all(are_apart(one, asked) for one in _readings(entry)) else None


@lru_cache(maxsize=4096)
def _readings(entry: str) -> tuple[Pattern, Pattern]:
    """What an entry names where wildcards reach across colons, and where they do not: two manuals differ."""
    # AWS completes an ARN that is too short.
    missing = max(0, _FIELDS - 1 - entry.count(":"))
    within = _whole_arn(entry + ":*" * missing, like) if entry != _RUN else None
    return like(entry), within or like(entry)


def _whole_arn(text: str, read: Callable[[str], Pattern]) -> Pattern | None:
    fields = tuple(map(read, text.split(":", _FIELDS - 1)))
    return arn_like(fields) if len(fields) == _FIELDS else None


def _ignoring_case(text: str) -> Pattern:
    return ignoring_case(exact(text))


#: How operands of texts are read; None for those of ARNs.
_READINGS: Mapping[str, Callable[[str], Pattern | None] | None] = {
    **{f"String{negated}Like": like for negated in ("", "Not")},
    **{f"String{negated}Equals": exact for negated in ("", "Not")},
    **{f"String{negated}EqualsIgnoreCase": _ignoring_case for negated in ("", "Not")},
    **{f"Arn{operator}": None for operator in ("Like", "NotLike", "Equals", "NotEquals")},
}


def _pattern(text: str) -> Pattern:
    """What is known of a value, in which every ``?`` is a character."""
    first, *others = text.split(_RUN)
    return join(first, *(part for one in others for part in (ANY_RUN, one)))


def _filled(text: Text, known: _Known) -> str | None:
    """A text of a policy in which each variable that is known has its value; None where only a deployment knows it."""

    def value(found: re.Match[str]) -> str:
        one = known.get(found[1].lower().strip())
        # Wildcards that arrive inside a value are characters.
        return found[0] if one is None or {*one} & {*"*?$"} else one

    return _VARIABLE.sub(value, text) if isinstance(text, str) else None
