"""
Which services say for whom they use a policy, and what another customer can turn to account of what it lets them do.

A bucket that receives logs lets a service ask who may write to it, and write below a prefix:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html

A log group lets a service make log streams, which are empty, and add lines to them:
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from trustproof.aws.service_principals import (
    BY_TOKEN,
    DOCUMENTED_CALLS,
    FUNCTIONS,
    IN_FUNCTION_POLICIES,
    IN_KEY_POLICIES,
    IN_RESOURCE_POLICIES,
    IN_TRUST_POLICIES,
    LOG_GROUPS,
    LOG_WRITERS,
    NOT_TO,
    REFUSING_AWSLOGS,
    global_name,
)
from trustproof.engine.domains import Values, not_text, text
from trustproof.model.document import RESOURCE, TRUST, Document
from trustproof.model.policy import ALLOW
from trustproof.model.request import Request
from trustproof.properties.question import Subject
from trustproof.properties.shared.regions import Constraints, third_party_accounts
from trustproof.results.result import ERROR, NOTE, WARNING, Severity
from trustproof.sets.patterns import ANY_RUN, exact, join, like, matches

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
#: Judged, not documented, too: what another customer gains by them is little. To a log group, lines are added, and none
#: is read, changed or removed; the statement that EventBridge itself makes for one has no condition either. Of a list
#: of addresses, the customer learns what findings tell of it.
#: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-cloudwatchlogs-permissions
_SLIGHT: dict[tuple[str, str], tuple[str, ...]] = {
    **{(type_, ""): ("logs:putlogevents", "logs:putlogeventsbatch") for type_ in LOG_GROUPS},
    (_BUCKET_POLICY, "guardduty.amazonaws.com"): ("s3:getobject", "s3:getobjectversion"),
}
_LOGS = "AWSLogs"
#: Whose logs are below a prefix. No slash stands before it where a wildcard leaves open what the prefix ends in.
_OF_LOGS = re.compile(rf"{_LOGS}/([0-9]{{12}}|o-[a-z0-9]{{10,32}})/")
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


def uses(
    subject: Subject, service: str, *, own_logs: bool = True, logs_of: Sequence[str] = ()
) -> tuple[tuple[Severity, Constraints], ...]:
    """
    The requests by which another customer of a service gets something, or puts something where it should not be, and
    how bad they are: the worst first.

    Args:
        own_logs: whether what is below the prefix of an own account is for that account only.
        logs_of: others, accounts and organizations, of whom that is so.
    """
    type_ = subject.document.resource_type
    useless, slight = _USELESS.get(type_, ()), _slight(type_, service)
    known = DOCUMENTED_CALLS.get(global_name(service), {}).get(type_, ())
    where = _elsewhere(subject, service, logs_of) if own_logs else ()
    little = [one for one in slight if one in known or not known]
    ranks: dict[Severity, Values]
    if known:
        ranks = {
            ERROR: text(*(exact(one) for one in known if one not in (*useless, *slight))),
            WARNING: text(*map(exact, little)),
            NOTE: not_text(*map(exact, (*known, *useless, *slight))),
        }
    elif useless or slight:
        ranks = {ERROR: not_text(*map(exact, (*useless, *slight))), WARNING: text(*map(exact, little))}
    else:
        return ((ERROR, where),)
    if type_ in LOG_GROUPS:
        apart = [one for one in (*known, *useless, *slight) if one not in little]
        del ranks[WARNING]
        ranks[NOTE] = not_text(*map(exact, apart)) if known else text(*map(exact, little))
    return tuple((rank, (("action", actions), *where)) for rank, actions in ranks.items() if not actions.is_empty)


def is_useful(subject: Subject, request: Request, *, own_logs: bool = True, logs_of: Sequence[str] = ()) -> bool:
    """The predicate of `uses`, for the evaluator."""
    type_, service = subject.document.resource_type, request.caller.arn
    if request.action.lower() in _USELESS.get(type_, ()):
        return False
    own = _own_logs(subject, logs_of) if own_logs and _writes_logs(subject, service) else ()
    return not any(matches(like(prefix), request.resource) for prefix in own)


def harm_of(subject: Subject, request: Request) -> tuple[Severity, str]:
    """How bad it is that a service makes a request for another customer, and why, where that is no error."""
    type_, service, action = subject.document.resource_type, request.caller.arn, request.action.lower()
    if action in _slight(type_, service):
        if type_ in LOG_GROUPS:
            return NOTE, "another customer could add lines to your logs, and could not read or remove any"
        return WARNING, "another customer learns no more of the object than findings tell"
    known = DOCUMENTED_CALLS.get(global_name(service), {}).get(type_, ())
    if known and action not in known:
        return NOTE, f"by the manual {service} needs no {request.action} here, so that it may never call it"
    return ERROR, ""


def _slight(type_: str, service: str) -> tuple[str, ...]:
    return (*_SLIGHT.get((type_, ""), ()), *_SLIGHT.get((type_, global_name(service)), ()))


def log_of(account: str) -> Constraints:
    """The writing of a log of an account to a bucket, behind any prefix: an example, and not all of them."""
    place = text(join("arn:", ANY_RUN, ":s3:::", ANY_RUN, f"/{_LOGS}/{account}/", ANY_RUN, "app"))
    return (("action", text(exact("s3:putobject"))), ("resource", place))


def log_owners(subject: Subject, service: str, likely: Sequence[str]) -> tuple[str, ...]:
    """The accounts whose logs a service may write to a bucket, for examples: those that the policy names, and one."""
    if not _writes_logs(subject, service):
        return ()
    return (*(one for one in named_in_logs(subject) if one.isdigit()), *likely[:1])


def premise_of_logs(services: Sequence[str]) -> str:
    """What a proof rests on that leaves out what is below the prefix of an own account, in a sentence."""
    writers = [one for one in services if global_name(one) in LOG_WRITERS]
    open_ = [one for one in writers if global_name(one) not in REFUSING_AWSLOGS]
    rests = "this rests on services that write below AWSLogs/ and an account id for that account only"
    return (
        f"{rests}, and on {', '.join(open_)} taking no prefix with AWSLogs in it, which is not documented"
        if open_
        else rests
    )


def _elsewhere(subject: Subject, service: str, logs_of: Sequence[str]) -> Constraints:
    """That a service does not write below the prefix of one of us."""
    if not _writes_logs(subject, service) or not (logs_of or writes_own_logs(subject)):
        return ()
    return (("resource", not_text(*map(like, _own_logs(subject, logs_of)))),)


def _writes_logs(subject: Subject, service: str) -> bool:
    """Whether a service writes to a bucket below the account or organization that it writes for."""
    return subject.document.resource_type == _BUCKET_POLICY and global_name(service) in LOG_WRITERS


def writes_own_logs(subject: Subject) -> bool:
    """Whether an Allow of a bucket policy is about the prefix of an own account."""
    if subject.document.kind != RESOURCE or subject.document.resource_type != _BUCKET_POLICY:
        return False
    own = [f"{_LOGS}/{one}/" for one in _own(subject)]
    entries = (str(e) for s in subject.policy.statements if s.effect == ALLOW for e in s.resources or ())
    return any(prefix in entry for entry in entries for prefix in own)


def _own(subject: Subject) -> tuple[str, ...]:
    """The accounts, and the organizations, below whose prefix a service writes for one of us."""
    boundary = subject.config.boundary
    declared = () if boundary is None else (*boundary.accounts, *boundary.organizations)
    return (subject.account, *declared, *third_party_accounts(subject.config))


def _own_logs(subject: Subject, logs_of: Sequence[str]) -> tuple[str, ...]:
    # A prefix has no AWSLogs in it, so that the first one is followed by whose log it is; no log is called as its
    # prefix without the slash, which policies name besides.
    of = (*_own(subject), *logs_of)
    return tuple(f"arn:*:s3:::*{_LOGS}/{one}{below}" for one in of for below in ("/*", ""))


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


def logs_whose(request: Request) -> str:
    """The account or organization by whose prefix an object is one of its logs; empty for any other object."""
    found = _OF_LOGS.search(request.resource) if global_name(request.caller.arn) in LOG_WRITERS else None
    return "" if found is None else found[1]
