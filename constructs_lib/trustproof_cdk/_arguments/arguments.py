"""
Check arguments where they are given, in the words of the person who gave them.

Every function takes the value and the name of the argument, returns the value, and raises a `ValueError` (`TypeError`
for a value of the wrong kind) that shows what was received and what is accepted. Tokens pass: their values are known
only in a deployment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from math import isfinite
from typing import Any, TypeVar, cast

import aws_cdk as cdk

from trustproof_cdk._arguments import known_later, references
from trustproof_cdk._arguments.messages import without_addresses
from trustproof_cdk._arguments.nodes import class_of, node_of

_V = TypeVar("_V")

_NAME = r"[\w+=,.@-]"
_ACCOUNT = r"[0-9]{12}"
#: Of service principals; after the first two, those of partitions that are apart from the internet, and of Europe's.
_DOMAINS = (
    r"amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov"
)
_ORGANIZATION = r"o-[a-z0-9]{10,32}"
_ROOT = r"r-[a-z0-9]{4,32}"
_UNIT = r"ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}"
#: What has their ids, of the resources of an app.
_ACCOUNTS: references.Givers = {
    "AWS::Organizations::Account": ("Ref", "AccountId"),
    "AWS::Organizations::Organization": ("ManagementAccountId",),
    references.ANY: ("AccountId", "OwnerId"),
}
_ORGANIZATIONS: references.Givers = {"AWS::Organizations::Organization": ("Ref", "Id")}
_UNITS: references.Givers = {
    "AWS::Organizations::OrganizationalUnit": ("Ref", "Id"),
    "AWS::Organizations::Organization": ("RootId",),
}
_TARGETS: references.Givers = {
    "AWS::Organizations::OrganizationalUnit": ("Ref", "Id"),
    "AWS::Organizations::Account": ("Ref", "AccountId"),
    "AWS::Organizations::Organization": ("RootId", "ManagementAccountId"),
}
_USERS: references.Givers = {"AWS::IAM::User": ("Arn",), references.ANY: ("UserArn",)}
_ROLES: references.Givers = {"AWS::IAM::Role": ("Arn",), references.ANY: ("RoleArn",)}
#: Every action of AWS STS.
_STS_ACTIONS = tuple(
    f"sts:{name}"
    for name in (
        "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity AssumeRoot DecodeAuthorizationMessage "
        "GetAccessKeyInfo GetCallerIdentity GetDelegatedAccessToken GetFederationToken GetServiceBearerToken "
        "GetSessionToken GetWebIdentityToken SetContext SetSourceIdentity TagGetWebIdentityToken TagSession"
    ).split()
)
#: What AWS documents as working without permission, and in spite of an explicit deny:
#: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html
_UNGOVERNED = {
    "sts:GetCallerIdentity": "whoever has credentials may ask whose they are.",
    "sts:GetSessionToken": "an IAM user may always get a session, which can do no more than the user.",
}
#: Partitions and the printable characters of an ARN's last part, without wildcards and policy variables.
_IAM_ARN = r"arn:(aws|aws-[a-z-]+):iam::[0-9]{12}:"
#: What `StringParameter.value_from_lookup` gives in the first of two syntheses, between which the CDK looks it up.
#: No other text begins so, and the second synthesis has the value, so that nothing is left unchecked by it:
#: https://docs.aws.amazon.com/cdk/v2/guide/context.html
_LOOKED_UP = ("dummy-value-for-", ":role/DUMMY_ARN")
#: An action in the place of one that is still to be looked up.
LOOKED_UP_ACTION = "lookup:Pending"
#: Stands in a list for the whole of a list that only a deployment knows.
_LIST_TOKEN = "#{Token["
#: The names that the CDK makes where another account or Region refers to them.
_GENERATED = ("role_name", "group_name", "managed_policy_name")
#: A token in a text, as the CDK writes it and knows it again.
_TEXT_TOKEN = re.compile(r"\$\{Token\[[a-zA-Z0-9:._-]+\]\}")


def is_token(value: object) -> bool:
    """Whether the value, or a part of the text, is known only in a deployment, or is still to be looked up."""
    # A call into the CDK takes a hundred times as long as these looks, and nearly every text is a plain one.
    if isinstance(value, str) and "${Token[" not in value:
        return is_looked_up(value)
    if isinstance(value, str) and _TEXT_TOKEN.search(value):
        return True
    # To the CDK, what it has no kind for is an error.
    is_number = isinstance(value, (int, float)) and isfinite(value)
    is_known = is_number or isinstance(value, (list, dict)) or hasattr(value, "__jsii_ref__")
    return is_known and cdk.Token.is_unresolved(value)


def is_looked_up(value: object) -> bool:
    """
    Whether the value, or a part of the text, is what the CDK gives until it has looked the value up.

    Of the synthesis that has it nothing is deployed: it must come to its end, for the CDK to see what is missing.
    """
    return isinstance(value, str) and any(mark in value for mark in _LOOKED_UP)


def until_looked_up(name: str) -> str:
    """A name, or one in its place that the CDK takes, until it is looked up."""
    return re.sub(r"[^\w.-]", "-", name, flags=re.ASCII)[:64] if is_looked_up(name) else name


def is_list_token(value: object) -> bool:
    """Whether a text in a list stands for all of a list that only a deployment knows."""
    return isinstance(value, str) and _LIST_TOKEN in value


def refuse_no_text(value: object, argument: str) -> None:
    """
    Refuse what stands for no text where one is needed: a list that only a deployment knows, of which somebody has made
    a list of one text, and the mark of a name that the CDK is to make.
    """
    if is_list_token(value):
        raise ValueError(
            f"{argument} cannot be a list that only a deployment knows (CommaDelimitedList, Fn.split), since how many "
            "it has must be known at synthesis: take them one by one, like Fn.select(0, parameter.value_as_list)"
        )
    if argument not in _GENERATED and isinstance(value, str) and "${Token[" in value and _generated() in value:
        raise ValueError(
            f"{argument} cannot be PhysicalName.GENERATE_IF_NEEDED, by which the CDK makes a {' or '.join(_GENERATED)} "
            "only: write it out"
        )
    known_later.note(value, argument)


@lru_cache(maxsize=1)
def _generated() -> str:
    return cdk.PhysicalName.GENERATE_IF_NEEDED


def refuse_token(value: object, argument: str, why: str) -> None:
    """
    Refuse what only a deployment knows: text that stands for it is another one in every synthesis.

    Args:
        value: what the caller gave.
        argument: the name of the argument, as the caller wrote it.
        why: it must be known, and what to do, to end the sentence ``..., since``.
    """
    # A list or mapping is none of the texts that are looked at so, and is refused for that.
    if not isinstance(value, (list, dict)) and is_token(value) and not is_looked_up(value):
        raise ValueError(f"{argument} must be known at synthesis, got a token (a value of a deployment), since {why}")


def matching(value: str, argument: str, pattern: str, accepted: str, givers: references.Givers | None = None) -> str:
    """
    The text, if the pattern matches all of it.

    Args:
        value: what the caller gave.
        argument: the name of the argument, as the caller wrote it.
        pattern: a regular expression; letters and digits mean those of ASCII.
        accepted: what the pattern stands for, in words, to end the sentence ``must be ...``.
        givers: what has such a value, of the resources of the app; None takes a reference to whatever it is.
    """
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be {accepted}, got {described(value)}")
    refuse_no_text(value, argument)
    if is_token(value):
        if givers is not None:
            references.refuse_other(value, argument, accepted, givers)
            references.refuse_more(value, argument, accepted, givers)
        known_later.note(value, argument, lambda text: matching(text, argument, pattern, accepted))
    elif not re.fullmatch(pattern, value, re.ASCII):
        raise ValueError(f"{argument} must be {accepted}, got {value!r}")
    return value


def account(value: str, argument: str = "account") -> str:
    """An AWS account id."""
    return matching(value, argument, _ACCOUNT, "a 12-digit AWS account id", _ACCOUNTS)


def organization(value: str, argument: str = "organization") -> str:
    """The id of an organization in AWS Organizations."""
    return matching(value, argument, _ORGANIZATION, "an organization id like 'o-a1b2c3d4e5'", _ORGANIZATIONS)


def organizational_unit_path(value: str, argument: str = "path") -> str:
    """The path of an organizational unit from the organization down; returned with the slash that ends it."""
    pattern = rf"{_ORGANIZATION}/{_ROOT}(/{_UNIT})+/?"
    accepted = "the path of an organizational unit like 'o-a1b2c3d4e5/r-ab12/ou-ab12-11111111'"
    return matching(value, argument, pattern, accepted).rstrip("/") + "/"


def organizational_unit(value: str, argument: str = "organizational_units") -> str:
    """The id of an organizational unit, or of an organization's root, which has all units below it."""
    accepted = "the id of an organizational unit like 'ou-ab12-11111111', or of a root like 'r-ab12'"
    return matching(value, argument, rf"{_UNIT}|{_ROOT}", accepted, _UNITS)


def organization_target(value: str, argument: str = "targets") -> str:
    """What a policy of an organization is attached to."""
    accepted = "the id of a root like 'r-ab12', of an organizational unit like 'ou-ab12-11111111', or of an account"
    return matching(value, argument, rf"{_UNIT}|{_ROOT}|{_ACCOUNT}", accepted, _TARGETS)


def user_arn(value: str, argument: str = "user") -> str:
    """The ARN of one IAM user; wildcards are not accepted, IAM refuses them in a principal."""
    accepted = "the ARN of an IAM user like 'arn:aws:iam::111122223333:user/alice'"
    return matching(value, argument, rf"{_IAM_ARN}user/([!-)+->@-~]+/)?{_NAME}{{1,64}}", accepted, _USERS)


def role_arn(value: str, argument: str = "role") -> str:
    """The ARN of one IAM role; wildcards are not accepted."""
    accepted = "the ARN of an IAM role like 'arn:aws:iam::111122223333:role/Deployer', without wildcards"
    return matching(value, argument, rf"{_IAM_ARN}role/([!-)+->@-~]+/)?{_NAME}{{1,64}}", accepted)


def role_name(value: str, argument: str = "role_name") -> str:
    """The name of a role."""
    return until_looked_up(matching(value, argument, rf"{_NAME}{{1,64}}", "1 to 64 letters, digits or any of _+=,.@-"))


def policy_name(value: str, argument: str = "policy_name") -> str:
    """The name of a managed or inline policy, or of a group."""
    return matching(value, argument, rf"{_NAME}{{1,128}}", "1 to 128 letters, digits or any of _+=,.@-")


def path(value: str, argument: str = "path") -> str:
    """The path of an IAM entity."""
    accepted = "'/', or up to 512 characters that begin and end with '/', like '/deploy/'"
    matching(value, argument, r"/|/[!-~]{1,510}/", accepted)
    if is_looked_up(value):
        return "/"
    if value.startswith(("/aws-service-role/", "/aws-reserved/")):
        raise ValueError(f"{argument} cannot be {value!r}: AWS keeps it for roles of its own")
    return value


def description(value: str, argument: str = "description") -> str:
    """The description of a role or policy, in the characters that IAM takes."""
    pattern = "[\t\n\r\x20-\x7e\xa1-\xff]{0,1000}"
    return matching(value, argument, pattern, "at most 1000 characters of Latin-1 (IAM refuses any other)")


def external_id(value: str, argument: str = "external_id") -> str:
    """An external id, as AssumeRole takes it."""
    return matching(value, argument, r"[\w+=,.@:/-]{2,1224}", "2 to 1224 letters, digits or any of _+=,.@:/-")


def source_identity(value: str, argument: str = "source_identity") -> str:
    """A source identity, as AssumeRole takes it."""
    accepted = "2 to 64 letters, digits or any of _+=,.@-"
    return matching(value, argument, rf"{_NAME}{{2,64}}", accepted)


def action(value: str, argument: str = "actions") -> str:
    """
    An IAM action, which may have wildcards after the service.

    Raises:
        ValueError: also for an action that no policy governs; a statement about it would be a promise that AWS does not
            keep.
    """
    matching(value, argument, r"\*|[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+", "an action like 'ec2:StopInstances'")
    if is_looked_up(value):
        return LOOKED_UP_ACTION
    if is_token(value):
        known_later.note(value, argument, lambda text: refuse_ungoverned(text, argument))
    else:
        refuse_ungoverned(value, argument)
    return value


def refuse_ungoverned(value: str, argument: str) -> None:
    """Refuse a pattern of actions that matches nothing but actions that no policy can allow or deny."""
    matched = [known for known in _STS_ACTIONS if covers(value, known)]
    if matched and all(known in _UNGOVERNED for known in matched):
        names = " and ".join(matched)
        reason = " ".join(_UNGOVERNED[known] for known in matched)
        raise ValueError(f"{argument} cannot be {value!r}, since no policy can allow or deny {names}: {reason}")


def covers(pattern: str, name: str) -> bool:
    """Whether a pattern of actions, with ``*`` and ``?``, matches an action; case does not matter."""
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, name, re.ASCII | re.IGNORECASE) is not None


def each(values: Iterable[str] | None, argument: str, check: Callable[[str, str], str]) -> list[str]:
    """
    Check every value of a list that must not be empty; duplicates are dropped, the order stays.

    A single string is refused: Python would iterate over its characters.
    """
    listed = any_number(values, argument, check)
    if not listed:
        raise ValueError(f"{argument} must have at least one entry, got none")
    return listed


def any_number(values: Iterable[str] | None, argument: str, check: Callable[[str, str], str]) -> list[str]:
    """Check every value of a list that may be empty, as `each` does."""
    if values is None or isinstance(values, (str, Mapping)) or not isinstance(values, Iterable):
        raise TypeError(f"{argument} must be a list of strings, got {described(values)}")
    if isinstance(values, (set, frozenset)):
        # A set has another order in every process, and the template must be the same.
        values = sorted(values)
    found: list[str] = []
    with known_later.in_a_list(lambda: not all(map(is_token, found))):
        found = list(dict.fromkeys(check(value, argument) for value in values))
    return found


def mapping(values: Mapping[str, _V] | None, argument: str) -> Mapping[str, _V]:
    """A mapping of texts to something, both of which are still to be checked."""
    if not isinstance(values, Mapping):
        raise TypeError(f"{argument} must be a mapping of names to values, got {described(values)}")
    for name in values:
        if not isinstance(name, str):
            raise TypeError(f"{argument} must have names that are strings, got {described(name)}")
    return values


def flag(value: bool, argument: str) -> bool:
    """A decision. None, or a text like 'no' from a configuration file, must not decide anything."""
    if not isinstance(value, bool):
        raise TypeError(f"{argument} must be True or False, got {described(value)}")
    return value


def arn(value: object, argument: str, attribute: str, accepted: str) -> str:
    """
    The ARN of what is given as a text or as an object of the CDK.

    Args:
        value: what the caller gave.
        argument: the name of the argument, as the caller wrote it.
        attribute: where such an object has its ARN.
        accepted: what is accepted, in words, to end the sentence ``must be ...``.
    """
    found: Any = value if isinstance(value, str) else getattr(value, attribute, None)
    if not isinstance(found, str):
        own = attribute.removesuffix("_arn")
        # A function, say, has a role, and is none.
        instead = f": give its {own} (.{own})" if hasattr(getattr(value, own, None), attribute) else ""
        raise TypeError(f"{argument} must be {accepted}, got {described(value)}{instead}")
    # Not with the pattern of such an ARN: of an object the kind is known, and there are many roles to ask about.
    if value is found and attribute == "role_arn":
        references.refuse_other(value, argument, accepted, _ROLES)
        references.refuse_more(found, argument, accepted, _ROLES)
    if not isinstance(value, str) and re.fullmatch(r"arn:.+:iam::.+:role", found):
        # What `Role.customize_roles` gives for a role that somebody else is to make, and whose name is not given yet:
        # the CDK says so of each of them when it synthesizes, and the synthesis must come as far.
        return f"{found}/{cast('Any', value).node.addr}"
    return found


def described(value: object) -> str:
    """A value of the wrong kind, for a message: an object of the CDK by its path or its class, not by its address."""
    node, kind = node_of(value), class_of(value)
    if node is not None or kind != type(value).__name__:
        return f"{node.path!r} ({kind})" if node is not None and node.path else f"an object of the class {kind}"
    return without_addresses(repr(value))


def arns(values: Iterable[object], argument: str, attribute: str) -> list[str]:
    """The ARNs of users (``user_arn``) or roles (``role_arn``), still to be checked."""
    accepted = f"a list of ARNs or {attribute.removesuffix('_arn')}s"
    if isinstance(values, str):
        raise TypeError(f"{argument} must be {accepted}, got the string {values!r}")
    if not isinstance(values, Iterable):
        raise TypeError(f"{argument} must be {accepted}, got {described(values)}")
    return [arn(value, argument, attribute, accepted) for value in values]


def once(values: Iterable[_V]) -> Sequence[_V]:
    """
    Values that are read more than once, which an iterator is not; what is no list of values stays as it is.

    A set has another order in each process, which a template must not have.
    """
    found: Any = values
    if isinstance(found, (set, frozenset)):
        found = sorted(found, key=_shown)
    # The keys of a mapping are no list that anybody meant.
    if isinstance(found, Iterable) and not isinstance(found, (Sequence, Mapping)):
        found = list(found)
    return cast("Sequence[_V]", found)


def _shown(value: Any) -> str:
    node = node_of(value)
    return str(value) if node is None else node.path


def one_of(value: str, argument: str, accepted: Sequence[str]) -> str:
    """A value out of a fixed set of words; one that is still to be looked up is taken for the first until then."""
    refuse_no_text(value, argument)
    if is_looked_up(value):
        return accepted[0]
    if value not in accepted:
        raise ValueError(f"{argument} must be one of {', '.join(repr(word) for word in accepted)}, got {value!r}")
    return value


def resource(value: str, argument: str = "resources") -> str:
    """What a ``Resource`` element takes."""
    references.refuse_no_arn(value, argument)
    return matching(value, argument, r"\*|arn:[\x21-\x7e]+", "an ARN, or '*'")


def optional(value: str | None, argument: str, check: Callable[[str, str], str]) -> str | None:
    """Check a value that may be left out."""
    return None if value is None else check(value, argument)


def service(value: str, argument: str = "service") -> str:
    """A service principal."""
    pattern = rf"[a-z0-9-]+(\.[a-z0-9-]+)*\.({_DOMAINS})"
    own = getattr(value, "service", None)
    if not isinstance(value, str) and isinstance(own, str):
        raise TypeError(
            f"{argument} must be the name of a service principal, got {described(value)}: give {own!r}, and its "
            "conditions, where it has some, as conditions"
        )
    return matching(value, argument, pattern, "a service principal like 'states.amazonaws.com'")


def arn_pattern(value: str, argument: str) -> str:
    """An ARN, as ``ArnLike`` takes it: with wildcards, but with a literal account."""
    pattern = r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9*?-]*:[0-9]{12}:[\x21-\x7e]+"
    accepted = "an ARN with an account, like 'arn:aws:states:*:111122223333:stateMachine:*'"
    return matching(value, argument, pattern, accepted)
