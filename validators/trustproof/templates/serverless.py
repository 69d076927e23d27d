"""
What the SAM transform makes of serverless resources, as far as it concerns access.

A function without a ``Role`` gets one: its trust policy and its policies are read where the function stands.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
"""

from __future__ import annotations

from collections.abc import Mapping

#: Types that get a role of their own, to their section of ``Globals`` and the service that assumes the role.
ROLE_MAKERS = {
    "AWS::Serverless::Function": ("Function", "lambda.amazonaws.com"),
    "AWS::Serverless::StateMachine": ("StateMachine", "states.amazonaws.com"),
}
#: Path to the statements of an API's resource policy.
API = "AWS::Serverless::Api"
API_STATEMENTS = ("Auth", "ResourcePolicy", "CustomStatements")


def role_id(logical_id: str) -> str:
    """Logical id of the role that is made for a function or state machine."""
    return f"{logical_id}Role"


def default_trust(service: str) -> dict[str, object]:
    """The trust policy of a generated role."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
    }


def with_globals(data: Mapping[str, object], type_: str, properties: dict[str, object]) -> dict[str, object]:
    """The properties of a resource with what ``Globals`` says of its type; the resource's own win."""
    globals_ = data.get("Globals")
    section = globals_.get(ROLE_MAKERS[type_][0]) if isinstance(globals_, Mapping) else None
    return {**section, **properties} if isinstance(section, Mapping) else properties


def makes_role(type_: str, properties: Mapping[str, object]) -> bool:
    """Whether a resource gets a role of its own."""
    return type_ in ROLE_MAKERS and "Role" not in properties
