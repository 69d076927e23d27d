"""
What SAM makes of the ``ResourcePolicy`` of an API, of the URL of a function, and of a topic or skill that calls one.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-resourcepolicystatement.html
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-functionurlconfig.html
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-sns.html
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-alexaskill.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.model.policy import Path

#: Where the resource policy stands below the properties of an API, or of an event that makes one.
PLACE = ("Auth", "ResourcePolicy")
URL = "FunctionUrlConfig"
#: What SAM makes of an event that lets a service call a function.
PERMISSION = "AWS::Lambda::Permission"

_CALL: dict[str, object] = {"Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
#: A list of addresses or networks lets everybody in, and denies those that are not on it, or are.
_NETWORKS = (
    ("IpRangeWhitelist", "NotIpAddress"),
    ("IpRangeBlacklist", "IpAddress"),
    ("VpcWhitelist", "StringNotEquals"),
    ("VpcBlacklist", "StringEquals"),
)


def statements(policy: Mapping[str, object]) -> Iterator[tuple[object, Path]]:
    """The statements that SAM makes of a ``ResourcePolicy``, each with the property below it that it comes from."""
    custom = policy.get("CustomStatements")
    if isinstance(custom, list):
        yield from ((one, ("CustomStatements", number)) for number, one in enumerate(custom))
    elif custom is not None:
        yield custom, ("CustomStatements",)
    for name, effect in (("AwsAccountWhitelist", "Allow"), ("AwsAccountBlacklist", "Deny")):
        if policy.get(name):
            yield {"Effect": effect, "Principal": {"AWS": _listed(policy[name])}, **_CALL}, (name,)
    for name, operator in _NETWORKS:
        tested, place = _addresses(policy, name) if name.startswith("Ip") else _networks(policy, name)
        if tested:
            yield {"Effect": "Allow", "Principal": "*", **_CALL}, place
            yield {"Effect": "Deny", "Principal": "*", "Condition": {operator: tested}, **_CALL}, place


def _addresses(policy: Mapping[str, object], name: str) -> tuple[dict[str, object], Path]:
    return ({"aws:SourceIp": _listed(policy[name])} if policy.get(name) else {}), (name,)


def _listed(value: object) -> list[object]:
    """A list, as SAM makes one of what is none; of a function that gives nothing, an empty one is left."""
    return value if isinstance(value, list) else [value]


def _networks(policy: Mapping[str, object], name: str) -> tuple[dict[str, object], Path]:
    """The networks and endpoints of ``SourceVpc…``, told apart as SAM does, and those given by functions."""
    lists = {
        key: _listed(value)
        for key in (f"Source{name}", f"Intrinsic{name}", f"Intrinsic{name.replace('Vpc', 'Vpce')}")
        if (value := policy.get(key))
    }
    written = lists.get(f"Source{name}", [])
    networks = [one for one in written if str(one).startswith("vpc-")] + lists.get(f"Intrinsic{name}", [])
    endpoints = [one for one in written if str(one).startswith("vpce-")]
    endpoints += lists.get(f"Intrinsic{name.replace('Vpc', 'Vpce')}", [])
    found: dict[str, object] = {}
    if networks:
        found["aws:SourceVpc"] = networks
    if endpoints:
        found["aws:SourceVpce"] = endpoints
    return found, (next(iter(lists), name),)


def events(properties: Mapping[str, object], type_: str) -> Iterator[tuple[dict[str, object], Path]]:
    """The events of one type of a function or state machine, each with its place below the properties."""
    listed = properties.get("Events")
    for name, event in listed.items() if isinstance(listed, Mapping) else ():
        if isinstance(event, Mapping) and event.get("Type") == type_:
            given = event.get("Properties") or {}
            if isinstance(given, dict):
                yield given, ("Events", name, *(("Properties",) if "Properties" in event else ()))


def permissions(properties: Mapping[str, object]) -> Iterator[tuple[dict[str, object], Path, str]]:
    """
    The statements of the permissions that SAM adds for topics and skills: each with the place of its event below the
    properties, and the property of the event that says what may call.
    """
    for event, below in events(properties, "SNS"):
        if (statement := topic_permission(event)) is not None:
            yield statement, below, "Topic"
    for event, below in events(properties, "AlexaSkill"):
        yield _skill_permission(event), below, "SkillId"


def _skill_permission(event: Mapping[str, object]) -> dict[str, object]:
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Principal": {"Service": "alexa-appkit.amazon.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": "*",
    }
    if event.get("SkillId") is not None:
        statement["Condition"] = {"StringEquals": {"lambda:EventSourceToken": event["SkillId"]}}
    return statement


def topic_permission(event: Mapping[str, object]) -> dict[str, object] | None:
    """The statement of the permission that SAM adds for a topic; None where a queue stands between them."""
    if event.get("SqsSubscription") or event.get("Topic") is None:
        return None
    return {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": "*",
        "Condition": {"ArnLike": {"aws:SourceArn": event["Topic"]}},
    }


def url_permission(config: Mapping[str, object]) -> dict[str, object] | None:
    """The statement of the permission that SAM adds for a URL that asks for no signature; None for any other."""
    if config.get("AuthType") != "NONE":
        return None
    return {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "lambda:InvokeFunctionUrl",
        "Resource": "*",
        "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
    }
