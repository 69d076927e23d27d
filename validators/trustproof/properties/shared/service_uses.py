"""
Which services say for whom they use a policy, and what another customer can turn to account of what it lets them do.

A bucket that receives logs lets a service ask who may write to it, and write below a prefix:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html

A log group lets a service make log streams, which are empty:
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from trustproof.aws.service_principals import (
    BY_TOKEN,
    FUNCTIONS,
    IN_FUNCTION_POLICIES,
    IN_KEY_POLICIES,
    IN_RESOURCE_POLICIES,
    IN_TRUST_POLICIES,
    LOG_GROUPS,
    NOT_TO,
    global_name,
)
from trustproof.engine.domains import not_text
from trustproof.model.document import RESOURCE, TRUST, Document
from trustproof.model.policy import ALLOW
from trustproof.model.request import Request
from trustproof.properties.question import Subject
from trustproof.properties.shared.regions import Constraints, third_party_accounts
from trustproof.sets.patterns import exact, like, matches

_BUCKET_POLICY = "AWS::S3::BucketPolicy"
_TOPIC_POLICIES = ("AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy")
#: Judged, not documented: they write nothing, and what a service learns by them never reaches the customer; services
#: publish to topics, and subscribe to none for a customer.
_USELESS = {
    _BUCKET_POLICY: ("s3:getbucketacl", "s3:getbucketlocation", "s3:getbucketpolicy", "s3:listbucket"),
    **dict.fromkeys(LOG_GROUPS, ("logs:createlogstream",)),
    **dict.fromkeys(
        _TOPIC_POLICIES, ("sns:gettopicattributes", "sns:listsubscriptionsbytopic", "sns:receive", "sns:subscribe")
    ),
}
_LOGS = "AWSLogs"
#: Whose logs are below a prefix.
_OF_LOGS = re.compile(rf"/{_LOGS}/([0-9]{{12}}|o-[a-z0-9]{{10,32}})/")
#: Keys of customers encrypt for services whatever they call for; the services' own policies hold those.
KEYS = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
#: How the keys begin that say for whom a service calls.
_SOURCE = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorg")
#: How those begin that say whose it is what a service encrypts.
_CONTEXT = "kms:encryptioncontext:aws:"


def says_for_whom(document: Document, service: str) -> bool:
    """Whether a service is known to say for whom it uses such a policy, by a source or by a token."""
    if document.kind not in (TRUST, RESOURCE):
        return False
    name, type_ = global_name(service), document.resource_type
    known = name in (IN_TRUST_POLICIES if document.kind == TRUST else IN_RESOURCE_POLICIES)
    if type_ in KEYS:
        known = name in IN_KEY_POLICIES
    known |= type_ in FUNCTIONS and (name in IN_FUNCTION_POLICIES or name in BY_TOKEN)
    return known and type_ not in NOT_TO.get(name, ())


def may_send(document: Document, service: str, key: str) -> bool:
    """
    Whether a service is known to send a key that says for whom it uses a policy; of other keys nothing is known.

    Args:
        key: in lower case.
    """
    use = IN_KEY_POLICIES.get(global_name(service)) if document.resource_type in KEYS else None
    if key.startswith(_SOURCE):
        by_source = global_name(service) not in BY_TOKEN
        return by_source and says_for_whom(document, service) and (use is None or use.sends_sources)
    if document.resource_type in KEYS and key.startswith(_CONTEXT):
        return use is not None and use.context == key.removeprefix("kms:encryptioncontext:")
    return True


def useful(subject: Subject, *, own_logs: bool = True, logs_of: Sequence[str] = ()) -> Constraints:
    """
    The requests by which another customer gets something, or puts something where it should not be.

    Args:
        own_logs: whether what is below the prefix of an own account is for that account only.
        logs_of: others, accounts and organizations, of whom that is so.
    """
    useless = _USELESS.get(subject.document.resource_type)
    if useless is None:
        return ()
    out: Constraints = (("action", not_text(*map(exact, useless))),)
    if own_logs and (logs_of or writes_own_logs(subject)):
        out += (("resource", not_text(*map(like, _own_logs(subject, logs_of)))),)
    return out


def is_useful(subject: Subject, request: Request, *, own_logs: bool = True, logs_of: Sequence[str] = ()) -> bool:
    """The predicate of `useful`, for the evaluator."""
    type_ = subject.document.resource_type
    if request.action.lower() in _USELESS.get(type_, ()):
        return False
    own = _own_logs(subject, logs_of) if own_logs and type_ == _BUCKET_POLICY else ()
    return not any(matches(like(prefix), request.resource) for prefix in own)


def writes_own_logs(subject: Subject) -> bool:
    """Whether an Allow of a bucket policy is about the prefix of an own account."""
    if subject.document.kind != RESOURCE or subject.document.resource_type != _BUCKET_POLICY:
        return False
    own = [f"/{_LOGS}/{one}/" for one in _own(subject)]
    entries = (str(e) for s in subject.policy.statements if s.effect == ALLOW for e in s.resources or ())
    return any(prefix in entry for entry in entries for prefix in own)


def _own(subject: Subject) -> tuple[str, ...]:
    """The accounts, and the organizations, below whose prefix a service writes for one of us."""
    boundary = subject.config.boundary
    declared = () if boundary is None else (*boundary.accounts, *boundary.organizations)
    return (subject.account, *declared, *third_party_accounts(subject.config))


def _own_logs(subject: Subject, logs_of: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"arn:*:s3:::*/{_LOGS}/{one}/*" for one in (*_own(subject), *logs_of))


def named_in_logs(subject: Subject) -> tuple[str, ...]:
    """
    The accounts and organizations by whose prefixes a bucket policy lets services write logs, but for our own.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    """
    if subject.document.kind != RESOURCE or subject.document.resource_type != _BUCKET_POLICY:
        return ()
    entries = (str(e) for s in subject.policy.statements if s.effect == ALLOW for e in s.resources or ())
    found = dict.fromkeys(one for entry in entries for one in _OF_LOGS.findall(entry))
    return tuple(one for one in found if one not in _own(subject))


def logs_whose(resource: str) -> str:
    """The account or organization by whose prefix an object is one of its logs; empty for any other object."""
    found = _OF_LOGS.search(resource)
    return "" if found is None else found[1]
