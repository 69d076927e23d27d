"""
The API that SAM makes of events that name none, where ``Globals`` gives it a resource policy.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-api.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trustproof.inputs.cloudformation.values.catalogue import SERVERLESS_API

#: Its logical id.
IMPLICIT_API = "ServerlessRestApi"
#: What calls a function or state machine of SAM, and so makes a method.
CALLED = ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")


def is_of_implicit_api(event: object) -> bool:
    """Whether an event makes a method of that API."""
    if _mapping(event).get("Type") != "Api":
        return False
    given = _mapping(event).get("Properties")
    return bool(_mapping(given).get("RestApiId", {"Ref": IMPLICIT_API}) == {"Ref": IMPLICIT_API})


def with_implicit_api(data: Mapping[str, object]) -> Mapping[str, object]:
    """
    A template with that API among its resources, under the conditions of what it calls; the template itself where it
    has none, or has one that ``Globals`` gives no resource policy.
    """
    resources = _mapping(data.get("Resources"))
    auth = _mapping(_mapping(data.get("Globals")).get("Api")).get("Auth")
    if "ResourcePolicy" not in _mapping(auth) or IMPLICIT_API in resources:
        return data
    conditions = dict.fromkeys(_conditions(resources))
    if not conditions:
        return data
    made: dict[str, object] = {"Type": SERVERLESS_API, "Properties": {"StageName": "Prod"}}
    changed = {**data, "Resources": {**resources, IMPLICIT_API: made}}
    if None not in conditions:
        made["Condition"] = name = f"{IMPLICIT_API}Condition"
        either = {"Fn::Or": [{"Condition": one} for one in conditions]}
        changed["Conditions"] = {**_mapping(data.get("Conditions")), name: either}
    return changed


def _conditions(resources: Mapping[str, object]) -> Iterator[str | None]:
    """The condition of each resource that the API calls; None of one without."""
    for resource in map(_mapping, resources.values()):
        events = _mapping(_mapping(resource.get("Properties")).get("Events"))
        if resource.get("Type") in CALLED and any(map(is_of_implicit_api, events.values())):
            condition = resource.get("Condition")
            yield condition if isinstance(condition, str) else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
