"""
Where a resource of a template is once it is deployed, and what it is called there: commands that look it up.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator

from trustproof.model.request import Request
from trustproof.output.counterexamples import REMARK
from trustproof.results.result import Result

#: Services whose resources get names from CloudFormation, to the type of the resource that has a policy.
_NAMED = {
    "dynamodb": "AWS::DynamoDB::Table",
    "ecr": "AWS::ECR::Repository",
    "events": "AWS::Events::EventBus",
    "kinesis": "AWS::Kinesis::Stream",
    "kms": "AWS::KMS::Key",
    "lambda": "AWS::Lambda::Function",
    "s3": "AWS::S3::Bucket",
    "secretsmanager": "AWS::SecretsManager::Secret",
    "sns": "AWS::SNS::Topic",
    "sqs": "AWS::SQS::Queue",
}


def word_pattern(values: Iterable[str]) -> re.Pattern[str]:
    """
    Where these stand in an ARN or a URL, as a word by itself; of `key/key` that is the name, and not the type.

    Args:
        values: regions, accounts, names; one at least.
    """
    return re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, values))})(?![\w-])(?![:/]\1(?![\w-]))")


def places_of(result: Result, request: Request) -> dict[str, str]:
    """
    The account, the Region and the name of a resource whose own policy this is, to the variables of the shell that have
    them.

    They are those of the stack, whatever a counterexample says of them; an account that is known stands as it is.
    """
    of_resource = result.resource_type.startswith("AWS::") and not result.resource_type.startswith("AWS::IAM::")
    fields = request.resource.split(":", 5)
    if not of_resource or len(fields) != 6:
        return {}
    place = {} if not fields[3] or not fields[4] else {fields[3]: "REGION"}
    place |= {} if not place or result.account else {fields[4]: "ACCOUNT"}
    name = _generated_name(request.resource, fields)
    return place | ({} if name is None else {name: "NAME"})


def _generated_name(resource: str, fields: list[str]) -> str | None:
    """The name in an ARN that may stand for one which CloudFormation makes up; None where there is none."""
    path = fields[5].partition("/")[0] if fields[2] == "s3" else re.split(r"[:/]", fields[5])[-1]
    once = len(word_pattern([path]).findall(resource)) == 1
    # A counterexample calls a resource without a name like its logical id, in lower case.
    is_id = path.isascii() and path.isalnum() and path.islower() and not path.isdigit()
    return path if is_id and once and fields[2] in _NAMED else None


def looked_up(request: Request, places: dict[str, str]) -> Iterator[str]:
    """The commands that set these variables."""
    if places:
        yield f"{REMARK}ADMIN: a profile of the account of the stack, in its Region"
    if "REGION" in places.values():
        yield 'REGION=$(aws --profile "${ADMIN:?}" configure get region)'
    if "ACCOUNT" in places.values():
        yield 'ACCOUNT=$(aws --profile "${ADMIN:?}" sts get-caller-identity --query Account --output text)'
    name = next((value for value, variable in places.items() if variable == "NAME"), None)
    if name is not None:
        type_ = _NAMED[request.resource.split(":")[2]]
        query = f"StackResourceSummaries[?ResourceType=='{type_}'].[LogicalResourceId,PhysicalResourceId]"
        yield f"{REMARK}STACK: the name of the stack, or that of the nested stack, where {name} is made"
        yield (
            'NAME=$(aws --profile "${ADMIN:?}" cloudformation list-stack-resources --stack-name "${STACK:?}" '
            f"--query {shlex.quote(query)} --output text | awk 'tolower($1) == \"{name}\" {{ print $2 }}')"
        )
        yield f"NAME=${{NAME##*[:/]}}; NAME=${{NAME:-{name}}}"
