"""
The door to the policies that moto keeps on queues, topics, keys, secrets, repositories and functions.

All of it is internal to moto 5.2, which is pinned; a test holds each name to what is expected of it. The back ends are
imported when a request is for their service.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

#: Operations that set a resource policy of a service whose policies are not enforced: refused, since what they say
#: would not count.
POLICY_OPERATIONS = frozenset(
    {
        ("dsql", "PutClusterPolicy"),
        ("dynamodb", "PutResourcePolicy"),
        ("elasticfilesystem", "PutFileSystemPolicy"),
        ("events", "PutPermission"),
        ("glue", "PutResourcePolicy"),
        ("kafka", "PutClusterPolicy"),
        ("kinesis", "PutResourcePolicy"),
        ("lambda", "AddLayerVersionPermission"),
        ("lex", "CreateResourcePolicy"),
        ("lex", "UpdateResourcePolicy"),
        ("logs", "PutResourcePolicy"),
        ("mediastore", "PutContainerPolicy"),
        ("osis", "PutResourcePolicy"),
        ("payment-cryptography", "PutResourcePolicy"),
        ("s3vectors", "PutVectorBucketPolicy"),
        ("vpc-lattice", "PutAuthPolicy"),
        ("vpc-lattice", "PutResourcePolicy"),
    }
)


def resource_policy(prefix: str, arn: str) -> str | None:
    """
    The text of the policy of a resource; None where it has none, or its service has none here.

    Args:
        prefix: of the service's actions: `sqs`.
        arn: of the resource.
    """
    reader = _READERS.get(prefix)
    fields = arn.split(":", 5)
    if reader is None or len(fields) != 6:
        return None
    found = reader(fields[4], fields[3], fields[5], arn)
    return None if not found else found.decode() if isinstance(found, bytes) else str(found)


def _queue(account: str, region: str, name: str, _arn: str) -> Any:
    from moto.sqs.models import sqs_backends

    found = sqs_backends[account][region].queues.get(name)
    return None if found is None else found.policy


def _topic(account: str, region: str, _name: str, arn: str) -> Any:
    from moto.sns.models import sns_backends

    found = sns_backends[account][region].topics.get(arn)
    return None if found is None else found.policy


def _key(account: str, region: str, name: str, _arn: str) -> Any:
    from moto.kms.models import kms_backends

    found = kms_backends[account][region].keys.get(name.removeprefix("key/"))
    return None if found is None else found.policy


def _secret(account: str, region: str, _name: str, arn: str) -> Any:
    from moto.secretsmanager.models import secretsmanager_backends

    secrets = secretsmanager_backends[account][region].secrets
    found: Any = next((one for one in list(secrets.values()) if one.arn == arn), None)
    # A replica has none of its own.
    return getattr(found, "policy", None)


def _repository(account: str, region: str, name: str, _arn: str) -> Any:
    from moto.ecr.models import ecr_backends

    found = ecr_backends[account][region].repositories.get(name.removeprefix("repository/"))
    return None if found is None else found.policy


def _function(account: str, region: str, name: str, _arn: str) -> Any:
    from moto.awslambda.models import lambda_backends

    functions = lambda_backends[account][region].list_functions()
    found = next((one for one in functions if one.function_name == name.split(":")[1]), None) if ":" in name else None
    statements = [] if found is None else found.policy.statements
    return json.dumps({"Version": "2012-10-17", "Statement": statements}) if statements else None


_READERS: dict[str, Callable[[str, str, str, str], Any]] = {
    "ecr": _repository,
    "kms": _key,
    "lambda": _function,
    "secretsmanager": _secret,
    "sns": _topic,
    "sqs": _queue,
}
