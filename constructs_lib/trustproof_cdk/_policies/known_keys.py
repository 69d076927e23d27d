"""
Conditions of a policy, asked of a request of which some keys are known: whether it surely meets them, or surely not.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

_FOR_ALL, _ADDRESS = "forallvalues:", "aws:sourceip"
_TAG_KEYS, _REQUEST_TAG = "aws:tagkeys", "aws:requesttag/"
#: Keys that have several values in one request: what one of them is says nothing about the others.
_SEVERAL = (_TAG_KEYS, "aws:calledvia", "aws:principalorgpaths", "aws:resourceorgpaths")
#: Begins what is not known of an operand.
_OPEN = "${"
_WILD = re.compile(r"[*?]|\$\{")
#: A policy variable without a default.
_VARIABLE = re.compile(r"\$\{([a-zA-Z]+:[^}',]+)\}")
#: Of an ARN, split at colons.
_PARTS = 6


class KnownKey(NamedTuple):
    """
    What a condition key may be in a request.
    """

    key: str
    #: Its values in each of the requests that there may be; None where it is absent.
    possible: tuple[tuple[str, ...] | None, ...]

    def __str__(self) -> str:
        """In words, after *where*."""
        said = [" and ".join(one) for one in self.possible if one is not None]
        return f"{self.key} is {' or '.join(said) or 'absent'}"


#: Sessions of roles have never used MFA, nor has anybody who is still to enrol a device.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
WITHOUT_MFA = (
    KnownKey("aws:MultiFactorAuthPresent", (None, ("false",))),
    KnownKey("aws:MultiFactorAuthAge", (None,)),
)

#: Who has signed in to the console without MFA, where the key is there.
IN_CONSOLE = (WITHOUT_MFA[0]._replace(possible=(("false",),)), WITHOUT_MFA[1])

#: Who has used MFA.
WITH_MFA = (KnownKey("aws:MultiFactorAuthPresent", (("true",),)),)

#: What every session of a role is, that of Identity Center too.
SESSION = (*WITHOUT_MFA, KnownKey("aws:PrincipalType", (("AssumedRole",),)))

#: Who calls with a long-term access key sends neither key.
#: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
BY_ACCESS_KEY = tuple(one._replace(possible=(None,)) for one in WITHOUT_MFA)


#: A service calls as itself, over TLS, and is of no account or organization of ours.
_NOT_OF_SERVICES = (
    "aws:MultiFactorAuthPresent",
    "aws:MultiFactorAuthAge",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:SourceIdentity",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:VpcSourceIp",
    "aws:username",
)


#: Whoever comes with a token or an assertion calls as nobody of an account, over TLS and with no credentials of AWS.
#: A request that nobody signed has nothing of a principal, or the word `anonymous` for its account:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sts_vpc_endpoint_policies.html
OF_A_PROVIDER = (
    KnownKey("aws:PrincipalAccount", (None, ("anonymous",))),
    *(KnownKey(one, (None,)) for one in (*_NOT_OF_SERVICES[:5], "aws:PrincipalServiceName", "aws:username")),
    KnownKey("aws:PrincipalIsAWSService", (None, ("false",))),
    KnownKey("aws:SecureTransport", (("true",),)),
    KnownKey("aws:ViaAWSService", (None, ("false",))),
)


#: Of services that have one endpoint in a partition, the Region of that, which is the one of every request.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion
_IAM_IN = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
_GLOBAL_IN = {service: {"aws": "us-east-1"} for service in ("cloudfront", "organizations", "route53", "support")}
_GLOBAL_IN["iam"] = _IAM_IN


def in_region_of(action: str, partition: str | None) -> tuple[KnownKey, ...]:
    """
    In which Region a call to a global service is.

    Args:
        action: with its service written out.
        partition: of the caller; None where only a deployment knows it.
    """
    regions = _GLOBAL_IN.get(action.partition(":")[0].lower(), {})
    if partition is not None:
        regions = {name: one for name, one in regions.items() if name == partition}
    return (KnownKey("aws:RequestedRegion", tuple((one,) for one in regions.values())),) if regions else ()


#: Actions that may be about something in another Region than the one they are sent to.
#: https://docs.aws.amazon.com/bedrock/latest/userguide/cross-region-inference.html
_ACROSS = re.compile(r"bedrock:|.*(copy|import|replica|restore)", re.IGNORECASE)


def in_region_of_arn(action: str, arn: str) -> tuple[KnownKey, ...]:
    """
    In which Region a call is, by what it is about: nobody reaches that elsewhere.

    Args:
        action: with its service written out, also a pattern.
        arn: as a pattern.
    """
    parts = arn.split(":", 5)
    region = parts[3] if len(parts) == _PARTS else ""
    if not region or _WILD.search(region) or _may_be_across(action):
        return ()
    return (KnownKey("aws:RequestedRegion", ((region,),)),)


def _may_be_across(action: str) -> bool:
    """Whether an action, or one that a pattern has of those that AWS has published, may be about another Region."""
    if not _WILD.search(action):
        return _ACROSS.match(action) is not None
    import trustproof

    matched = () if _WILD.search(action.partition(":")[0]) else trustproof.published_actions(action)
    return not matched or any(map(_ACROSS.match, matched))


def of_service(principal: str) -> tuple[KnownKey, ...]:
    """What is known of the calls that a service makes as itself, like those to publish or send something."""
    return (
        *(KnownKey(one, (None,)) for one in _NOT_OF_SERVICES),
        KnownKey("aws:PrincipalIsAWSService", (("true",),)),
        KnownKey("aws:PrincipalServiceName", ((principal,),)),
        KnownKey("aws:SecureTransport", (("true",),)),
        KnownKey("aws:ViaAWSService", (("false",),)),
        # Whichever account is the service's own.
        KnownKey("aws:PrincipalAccount", (None, ("000000000000",))),
    )


def demands_mfa(statement: Any) -> bool:
    """Whether a statement allows something to nobody but who has used MFA."""
    return (
        isinstance(statement, Mapping)
        and statement.get("Effect") == "Allow"
        and never_met(statement.get("Condition", {}), WITHOUT_MFA)
    )


def never_met(conditions: Any, known: Iterable[KnownKey]) -> bool:
    """Whether no such request meets the conditions of a statement."""
    return any(answer is False for answer in _answers(conditions, known))


def always_met(conditions: Any, known: Iterable[KnownKey]) -> bool:
    """Whether each such request meets them."""
    return all(answer is True for answer in _answers(conditions, known))


def demanded_by(statements: Sequence[Any]) -> tuple[KnownKey, ...]:
    """
    What is known of a request that one of some statements allows: the keys of which each demands given values.

    Args:
        statements: as they are in a template; what cannot be read demands nothing.
    """
    found = [_demanded(one.get("Condition", {}) if isinstance(one, Mapping) else {}) for one in statements]
    if not found:
        return ()
    return tuple(
        KnownKey(one.key, tuple(dict.fromkeys(value for each in found for value in each[name].possible)))
        for name, one in found[0].items()
        if all(name in each for each in found)
    )


def together(known: Iterable[KnownKey]) -> tuple[KnownKey, ...]:
    """What is known of a request from several sides; the first counts where they leave no request."""
    found: dict[str, KnownKey] = {}
    for one in known:
        before = found.setdefault(one.key.lower(), one)
        both = tuple(value for value in before.possible if value in one.possible)
        found[one.key.lower()] = before._replace(possible=both or before.possible)
    return tuple(found.values())


def _answers(conditions: Any, known: Iterable[KnownKey]) -> list[bool | None]:
    by_name = {one.key.lower(): one for one in known}
    return [
        _in_each(operator, _filled_in(values, by_name), by_name[key]) if key in by_name else None
        for operator, key, values in _entries(conditions)
    ]


def _filled_in(values: Any, known: Mapping[str, KnownKey]) -> list[Any]:
    """Operands, in which a variable that is known has its value."""
    return [_with_variables(one, known) if isinstance(one, str) else one for one in _listed(values)]


def _with_variables(operand: str, known: Mapping[str, KnownKey]) -> str:
    def value(found: re.Match[str]) -> str:
        one = known.get(found[1].lower())
        only = one.possible[0] if one is not None and len(one.possible) == 1 else None
        return only[0] if only is not None and len(only) == 1 and not _WILD.search(only[0]) else found[0]

    return _VARIABLE.sub(value, operand)


def _in_each(operator: str, values: Any, known: KnownKey) -> bool | None:
    answers = {_is_met(operator, known.key, values, one) for one in known.possible}
    return answers.pop() if len(answers) == 1 else None


def _is_met(operator: str, key: str, values: Any, request: tuple[str, ...] | None) -> bool | None:
    """Whether a key that is known meets an entry of a condition; None where that cannot be said."""
    if key.lower() == _ADDRESS and request is not None:
        return _is_in_ranges(operator, [_text(one) for one in _listed(values)], request[0])
    # Only who has a condition to ask about has to wait for what conditions mean.
    import trustproof

    # What only a deployment knows may be anything, as what only the request knows.
    operands = [_OPEN if (text := _text(one)) is None else text for one in _listed(values)]
    return trustproof.condition_met(operator, key, operands, request)


def _is_in_ranges(operator: str, ranges: Sequence[str | None], known: str) -> bool | None:
    """Whether each address of a range is in one of others, or none of it in any; None where neither is so."""
    name = operator.lower().removesuffix("ifexists")
    asked, others = _network(known), [None if one is None else _network(one) for one in ranges]
    if name not in ("ipaddress", "notipaddress") or asked is None:
        return None
    of_kind = [one for one in others if one is not None and one.version == asked.version]
    if any(asked.subnet_of(one) for one in of_kind):  # type: ignore[arg-type]
        found = True
    elif None in others or any(asked.overlaps(one) for one in of_kind):
        return None
    else:
        found = False
    return found is (name == "ipaddress")


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) and _OPEN not in value else None


def _demanded(conditions: Any) -> dict[str, KnownKey]:
    """By its name in small letters, each key that has to be one of some values."""
    found: dict[str, KnownKey] = {}
    entries = list(_spelt(conditions))
    tags = {key.lower().removeprefix(_REQUEST_TAG) for operator, key, _ in entries if _is_there(operator, key)}
    for operator, key, values in entries:
        listed = [_text(one) for one in _listed(values)]
        texts = [one for one in listed if one is not None and not _WILD.search(one)]
        if not listed or len(texts) < len(listed):
            continue
        name = key.lower()
        is_range = (operator.lower(), name) == ("ipaddress", _ADDRESS) and all(map(_network, texts))
        if is_range or (operator.lower() in ("stringequals", "bool") and name not in _SEVERAL):
            found[name] = KnownKey(key, tuple((one,) for one in texts))
        elif (operator.lower(), name) == (f"{_FOR_ALL}stringequals", _TAG_KEYS) and tags == set(map(str.lower, texts)):
            # No tags but these, and these: without the latter there may be none at all.
            found[name] = KnownKey(key, (tuple(texts),))
    return found


def _is_there(operator: str, key: str) -> bool:
    return key.lower().startswith(_REQUEST_TAG) and operator.lower() in ("stringequals", "stringlike")


def _entries(conditions: Any) -> list[tuple[str, str, Any]]:
    """Operators and keys, in small letters, and values; one of each where they cannot be read."""
    return [(operator.lower(), key.lower(), values) for operator, key, values in _spelt(conditions)]


def _spelt(conditions: Any) -> Iterable[tuple[str, str, Any]]:
    if not isinstance(conditions, Mapping) or not all(isinstance(one, Mapping) for one in conditions.values()):
        return [("", "", None)]
    return [(str(operator), str(key), values) for operator, keys in conditions.items() for key, values in keys.items()]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
