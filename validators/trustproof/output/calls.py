"""
Actions besides those that assume roles, as calls of the AWS CLI.

A call stands here where it needs nothing but the resource that a counterexample names.
https://docs.aws.amazon.com/cli/latest/reference/
"""

from __future__ import annotations

import re

from trustproof.model.request import Request

#: Lower-cased action to what the AWS CLI is told, a word each; what is in braces is a part of the resource's ARN.
_CALLS: dict[str, tuple[str, ...]] = {
    "dynamodb:describetable": ("dynamodb", "describe-table", "--table-name={arn}"),
    "dynamodb:scan": ("dynamodb", "scan", "--table-name={arn}", "--max-items=1"),
    "ecr:describeimages": ("ecr", "describe-images", "--registry-id={account}", "--repository-name={path}"),
    "ecr:listimages": ("ecr", "list-images", "--registry-id={account}", "--repository-name={path}"),
    "iam:attachgrouppolicy": ("iam", "attach-group-policy", "--group-name={name}", "--policy-arn={policy}"),
    "iam:attachrolepolicy": ("iam", "attach-role-policy", "--role-name={name}", "--policy-arn={policy}"),
    "iam:attachuserpolicy": ("iam", "attach-user-policy", "--user-name={name}", "--policy-arn={policy}"),
    "iam:createaccesskey": ("iam", "create-access-key", "--user-name={name}"),
    "iam:createuser": ("iam", "create-user", "--user-name={name}"),
    "iam:getrole": ("iam", "get-role", "--role-name={name}"),
    "iam:getuser": ("iam", "get-user", "--user-name={name}"),
    "kms:describekey": ("kms", "describe-key", "--key-id={arn}"),
    "kms:encrypt": ("kms", "encrypt", "--key-id={arn}", "--plaintext=dHJ1c3Rwcm9vZg=="),
    "kms:generatedatakey": ("kms", "generate-data-key", "--key-id={arn}", "--key-spec=AES_256"),
    "lambda:getfunction": ("lambda", "get-function", "--function-name={arn}"),
    "lambda:invokefunction": ("lambda", "invoke", "--function-name={arn}", "/dev/null"),
    "s3:getbucketacl": ("s3api", "get-bucket-acl", "--bucket={bucket}"),
    "s3:getbucketpolicy": ("s3api", "get-bucket-policy", "--bucket={bucket}"),
    "s3:getobject": ("s3api", "get-object", "--bucket={bucket}", "--key={key}", "/dev/null"),
    "s3:listbucket": ("s3api", "list-objects-v2", "--bucket={bucket}", "--max-items=1"),
    "s3:putobject": ("s3api", "put-object", "--bucket={bucket}", "--key={key}"),
    "secretsmanager:describesecret": ("secretsmanager", "describe-secret", "--secret-id={arn}"),
    "secretsmanager:getsecretvalue": ("secretsmanager", "get-secret-value", "--secret-id={arn}"),
    "sns:gettopicattributes": ("sns", "get-topic-attributes", "--topic-arn={arn}"),
    "sns:publish": ("sns", "publish", "--topic-arn={arn}", "--message=trustproof"),
    "sqs:getqueueattributes": ("sqs", "get-queue-attributes", "--queue-url={queue}"),
    "sqs:receivemessage": ("sqs", "receive-message", "--queue-url={queue}", "--visibility-timeout=0"),
    "sqs:sendmessage": ("sqs", "send-message", "--queue-url={queue}", "--message-body=trustproof"),
}
_READING = re.compile(r"[a-z0-9-]+:(describe|get|list|receive|scan)")
_ARN = re.compile(
    r"arn:(?P<partition>[^:]+):(?P<service>[^:]+):(?P<region>[^:]*):(?P<account>[^:]*):(?P<rest>.+)", re.S
)
#: Condition key that says how an object is written, to the option of the call.
_OPTIONS = {"s3:x-amz-acl": "--acl"}


def call_of(request: Request) -> tuple[list[str], set[str]] | None:
    """
    The words of the call that makes a request, and the condition keys that they see to.

    Returns:
        None where no call of the action is known, or the resource does not say what it is to be called on.
    """
    action = request.action.lower()
    words, found = _CALLS.get(action), _ARN.fullmatch(request.resource)
    if words is None or found is None or any(wild in request.resource for wild in "*?"):
        return None
    parts = _parts(found, request)
    if not all(parts.get(field) for word in words for field in re.findall(r"\{(\w+)\}", word)):
        return None
    out = [word.format_map(parts) for word in words]
    seen = {"iam:policyarn"} if "{policy}" in "".join(words) else set()
    if action == "s3:putobject":
        for key, option in _OPTIONS.items():
            value = request.context.get(key)
            seen.add(key)
            if isinstance(value, str):
                out.append(f"{option}={value}")
    return out, seen


def changes(action: str) -> bool:
    """Whether an action leaves something changed."""
    return _READING.match(action.lower()) is None


def _parts(arn: re.Match[str], request: Request) -> dict[str, str]:
    partition, service, region, account, rest = arn.groups()
    name = re.split("[/:]", rest)[-1]
    suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    bucket, _, key = rest.partition("/")
    policy = request.context.get("iam:policyarn")
    return {
        "arn": request.resource,
        "account": account,
        "name": name,
        "path": rest.partition("/")[2],
        "bucket": bucket if service == "s3" else "",
        "key": key,
        "queue": f"https://sqs.{region}.{suffix}/{account}/{rest}" if region and account else "",
        "policy": policy if isinstance(policy, str) else f"arn:{partition}:iam::aws:policy/SecurityAudit",
    }
