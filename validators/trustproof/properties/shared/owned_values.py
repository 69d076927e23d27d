"""
Sets of values that are somebody's own: what is in an account, on the paths of an organization, at a host of AWS.

A wildcard that crosses delimiters makes such a set too large, and a proof wrong: ``https://*.signin.aws.amazon.com/*``
holds addresses of every host, and to ``arn:*:*:*:111122223333:*`` the account may be a part of a name. So each wildcard
here stays within its field, its path or its host; `tests/properties/test_own_sets.py` keeps the other ones out.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.engine.caller_records import ACCOUNT
from trustproof.sets.patterns import ANY_RUN, Pattern, Wildcard, exact, ignoring_case, join

_FIELD = Wildcard(":", True, True)
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
#: One label of a host name.
_LABEL = join(Wildcard(_LETTERS, False, False), Wildcard(_LETTERS, False, True))


#: Every ARN of what is in an account.
SOMETHING = join("arn:", *(_FIELD, ":") * 3, ACCOUNT, ":", ANY_RUN)


def things_of(account: str) -> Pattern:
    """The ARNs of what is in an account."""
    return join("arn:", *(_FIELD, ":") * 3, f"{account}:", ANY_RUN)


#: The ARN of every VPC: its id has no colon.
VPC = join("arn:", _FIELD, ":ec2:", _FIELD, ":", ACCOUNT, ":vpc/", _FIELD)


def vpcs_of(account: str) -> Pattern:
    """The ARNs of the VPCs in an account."""
    return join("arn:", _FIELD, ":ec2:", _FIELD, f":{account}:vpc/", ANY_RUN)


#: The ARN of every access point of S3, whose name has no colon:
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-restrictions-limitations-naming-rules.html
ACCESS_POINT = join("arn:", _FIELD, ":s3:", _FIELD, ":", ACCOUNT, ":accesspoint/", _FIELD)


def access_points_of(account: str) -> Pattern:
    """The ARNs of the access points of S3 in an account."""
    return join("arn:", _FIELD, ":s3:", _FIELD, f":{account}:accesspoint/", ANY_RUN)


def paths_of(organization: str) -> Pattern:
    """The paths of an organization, from its id on; what follows it is below it."""
    return join(f"{organization}/", ANY_RUN)


def addresses_at(host: str) -> tuple[Pattern, ...]:
    """The HTTPS addresses at a host, and at those of its Regions, which go before it; letter case is no difference."""
    rest = ignoring_case(join(f"{host}/", ANY_RUN))
    head = ignoring_case(("https://",))
    return (join(head, rest), join(head, _LABEL, ".", rest))


def recipients_at(host: str) -> tuple[Pattern, ...]:
    """
    The addresses at a host of AWS, and at those of its Regions, that assertions are made out to: where they are
    encrypted, each provider has one.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
    """
    rests = (exact(f"{host}/saml"), join(f"{host}/saml/acs/", Wildcard(_LETTERS, False, True)))
    return tuple(pattern for rest in rests for pattern in (join("https://", rest), join("https://", _LABEL, ".", rest)))


# -- sources of services


#: How many colons the last field of an ARN has at most, by the service in it, where AWS's rules for names leave none in
#: them. In that of any other service there may be more: alarms of CloudWatch and paths of an API have such names.
_COLONS = {
    # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html
    "cloudtrail": 0,
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudfront.html
    "cloudfront": 0,
    # A build has one: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html
    "codebuild": 1,
    # https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigRule.html
    "config": 0,
    # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
    "events": 0,
    # A version or alias: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
    "lambda": 2,
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    "s3": 0,
    # https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateScheduleGroup.html
    "scheduler": 0,
    # https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
    "sns": 0,
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
    "sqs": 0,
    # A version or alias: https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
    "states": 2,
}


def _with_an_account(service: str, most: int) -> Iterator[Pattern]:
    """The ARNs of a service with an account somewhere in the last field, and more colons around it than there are."""
    head = join("arn:", _FIELD, f":{service}:", *(_FIELD, ":") * 2)
    for before in range(most + 2):
        behind = max(1, most + 1 - before)
        yield join(head, *(ANY_RUN, ":") * before, ACCOUNT, *(":", ANY_RUN) * behind)


#: ARNs that no source has, since a name with an account in it would have colons.
NO_NAMES = tuple(pattern for service, most in _COLONS.items() for pattern in _with_an_account(service, most))
_OF_LOGS = join("arn:", _FIELD, ":logs:", *(_FIELD, ":") * 2)
#: ARNs that no encryption context of CloudWatch Logs has: it names a log group without a stream, and the names of log
#: groups have no colon. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
NO_LOGS = (join(_OF_LOGS, *(ANY_RUN, ":") * 2, ANY_RUN), join(_OF_LOGS, ACCOUNT, ":", ANY_RUN))
