"""
The policies that AWS manages, and SAM attaches to the roles that it makes, for settings and events.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-function.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.values.catalogue import ROLE_MAKERS
from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name

_FUNCTION = "AWS::Serverless::Function"
#: Types of events to the policy that lets the role of a function read what they bring.
EVENTS = {
    "DynamoDB": "AWSLambdaDynamoDBExecutionRole",
    "Kinesis": "AWSLambdaKinesisExecutionRole",
    "MSK": "AWSLambdaMSKExecutionRole",
    "SQS": "AWSLambdaSQSQueueExecutionRole",
}
_BASIC = "AWSLambdaBasicExecutionRole"


def added_policies(
    type_: str, properties: Mapping[str, object], partition: str
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """
    The policies that AWS manages, and SAM attaches for settings and events: the ARN of each, and the place below the
    properties that asks for it.

    Args:
        type_: of the resource; to no role but one that SAM makes anything is attached.
    """
    if type_ not in ROLE_MAKERS:
        return
    if _is_traced(properties.get("Tracing")):
        # https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
        daemon = "AWSXRayDaemonWriteAccess" if partition != "aws" else "AWSXrayWriteOnlyAccess"
        yield _arn(daemon, partition), ("Tracing",)
    if type_ != _FUNCTION:
        return
    basic = "AWSLambdaBasicDurableExecutionRolePolicy" if properties.get("DurableConfig") else _BASIC
    yield _arn(f"service-role/{basic}", partition), ()
    if properties.get("VpcConfig"):
        yield _arn("service-role/AWSLambdaVPCAccessExecutionRole", partition), ("VpcConfig",)
    events = properties.get("Events")
    for name, event in events.items() if isinstance(events, Mapping) else ():
        policy = EVENTS.get(str(event.get("Type"))) if isinstance(event, Mapping) else None
        if policy is not None:
            yield _arn(f"service-role/{policy}", partition), ("Events", str(name), "Type")


def _is_traced(tracing: object) -> bool:
    """Whether the ``Tracing`` of a function, or of a state machine, is not known to be switched off."""
    if isinstance(tracing, Mapping) and intrinsic_name(tracing) is None:
        tracing = tracing.get("Enabled")
    return tracing not in ("Disabled", False, None)


def _arn(path: str, partition: str) -> str:
    return f"arn:{partition}:iam::aws:policy/{path}"
