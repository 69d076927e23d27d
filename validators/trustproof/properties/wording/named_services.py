"""
The services that something of a template has come to what a policy is about: remedies that name them in place of
everybody.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from trustproof.aws.service_principals import NOT_TO
from trustproof.model.document import IDENTITY_POOLS, TRUST, Source
from trustproof.model.policy import ALLOW, Statement
from trustproof.properties.question import Subject
from trustproof.results.result import Remedy
from trustproof.sets.patterns import like, matches

#: How many are named who are told a role.
_NAMED = 3
_CLOUDFRONT = "cloudfront.amazonaws.com"
_KEY, _VIA_SERVICE = "AWS::KMS::Key", "kms:viaservice"
#: By the type of what services deliver to, or encrypt with, what they need there; and what that is called.
_DELIVERED = {
    "AWS::S3::BucketPolicy": ("s3:putobject",),
    _KEY: ("kms:encrypt", "kms:decrypt", "kms:generatedatakey"),
}
_COMING = {
    "AWS::S3::BucketPolicy": ("delivers here", "deliver here"),
    _KEY: ("has it use this key", "have it use this key"),
}
_BOTH = "aws:SourceArn and aws:SourceAccount"
#: What to test of services that say for whom they deliver to a bucket, where it is not both keys of the source:
#: https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html
#: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
#: The manual's policy for load balancers binds the objects, and tests no key:
#: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
_KEYS_IN_BUCKETS = {
    "config.amazonaws.com": "aws:SourceAccount",
    "cloudtrail.amazonaws.com": "aws:SourceArn",
    "logdelivery.elasticloadbalancing.amazonaws.com": "a Resource below AWSLogs/ and your account id",
}
#: Likewise of keys; of others nothing is documented, or that they send no key to test (EventBridge, and S3):
#: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
#: https://docs.aws.amazon.com/config/latest/developerguide/s3-kms-key-policy.html
#: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html
#: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-least-privilege-policy.html
#: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
_KEYS_IN_KEYS = {
    "cloudtrail.amazonaws.com": "aws:SourceArn",
    "config.amazonaws.com": "aws:SourceAccount",
    "guardduty.amazonaws.com": _BOTH,
    "logs.amazonaws.com": "kms:EncryptionContext:aws:logs:arn",
    "sns.amazonaws.com": "aws:SourceAccount",
}
#: Services whose manual tests both keys, or the account alone, where they notify a topic or call a function:
#: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.GrantingPermissions.html
#: https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
#: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-add-event-destination-sns.html
_BY_BOTH = ("events.rds.amazonaws.com", "budgets.amazonaws.com", "ses.amazonaws.com")
#: https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_lambda-functions.html
#: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html
_BY_ACCOUNT = ("config.amazonaws.com", "secretsmanager.amazonaws.com")
#: Services of which no manual says that they send a key to test:
#: https://docs.aws.amazon.com/dtconsole/latest/userguide/set-up-sns.html
_UNSAID = ("codestar-notifications.amazonaws.com",)
#: Services whose name has a Region in it, where they use keys.
_REGIONAL = {"logs.amazonaws.com": "logs.REGION.amazonaws.com"}


def meant_sources(subject: Subject, statement: Statement) -> tuple[Source, ...]:
    """What of the template has services come to what a policy is about, for what a statement allows."""
    if subject.document.kind == TRUST:
        # Who is told a role assumes it with credentials of its own: no service comes there in its own name.
        return ()
    if subject.document.resource_type == _KEY and any(c.key.lower() == _VIA_SERVICE for c in statement.conditions):
        # It is for whoever calls another service, which calls for them, and not in its own name.
        return ()
    forms = [one for one in subject.policy.statements if one.path == statement.path]
    absent = {guard.name for one in forms for guard in one.guards if guard.value is False} if len(forms) == 1 else set()
    # What is there only where the statement is not comes to another form of it.
    there = [one for one in subject.document.sources if one.condition not in absent]
    needed = _DELIVERED.get(subject.document.resource_type)
    if needed is None or statement.actions is None:
        # An identity pool gives a role to its users, and sends nothing.
        return tuple(one for one in there if one.service != IDENTITY_POOLS)
    allowed = any(matches(like(str(action).lower()), one) for action in statement.actions for one in needed)
    return tuple(one for one in there if allowed or one.service == _CLOUDFRONT)


def told_a_role(subject: Subject) -> str:
    """Who of the template is told a role, and so assumes it, in words; empty for any other policy, and for nobody."""
    told = [one.logical_id for one in subject.document.sources if one.service != IDENTITY_POOLS]
    if subject.document.kind != TRUST or not told:
        return ""
    named = list(dict.fromkeys(told))
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    is_, has = ("is", "has") if len(named) == 1 else ("are", "have")
    return f"{' and '.join(named[:_NAMED])}{more} {is_} told this role, and {has} to get in still"


def in_place_of_everybody(subject: Subject, statement: Statement, sources: Sequence[Source]) -> Remedy:
    """What to do where something of the template has services come here, as words: they have no organization."""
    type_ = subject.document.resource_type
    services = tuple(dict.fromkeys(one.service for one in sources))
    silent = [one for one in services if type_ in NOT_TO.get(one, ()) or not _tested(subject, one, services)]
    by = list(dict.fromkeys(one.logical_id for one in sources))
    told: dict[str, list[str]] = {}
    for service in services:
        if service not in (*silent, *_UNSAID):
            called = _REGIONAL.get(service, service) if type_ == _KEY else service
            told.setdefault(_tested(subject, service, services), []).append(called)
    said = [f"{' and '.join(named)}, with {keys}" for keys, named in told.items()]
    if unsaid := [one for one in services if one in _UNSAID and one not in silent]:
        said.append(f"{' and '.join(unsaid)}, of which the manual names no key to test")
    if silent:
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
        said.append(f"{' and '.join(silent)}, without a Condition since it sends no key to test here")
    one, several = _COMING.get(type_, ("sends notifications here", "send notifications here"))
    if subject.document.grant is not None:
        one, several = "calls this function", "call this function"
    elif services == (_CLOUDFRONT,):
        one, several = "reads here", "read here"
    what = "the service" if len(services) == 1 else "the services"
    text = (
        f"name {what} {', and '.join(said)}, in place of everybody: {' and '.join(by)} "
        f"{one if len(by) == 1 else several}, and a service has no organization"
    )
    if subject.document.has_further_sources:
        text += "; others may come here too, so name each that is meant"
    if _CLOUDFRONT in services:
        # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
        text += "; CloudFront signs only what it asks of an origin with an origin access control: give it one first"
    if type_ == _KEY and not _lets_in_own_account(subject, statement):
        # A key that lets in its account nowhere is managed by nobody.
        text += "; and name the account too, which manages the key"
    return Remedy(text)


def _lets_in_own_account(subject: Subject, statement: Statement) -> bool:
    """Whether another statement lets in somebody of the own account by name."""
    return any(
        entry.kind == "AWS" and subject.account in str(entry.value)
        for one in subject.policy.statements
        if one.effect == ALLOW and one.path != statement.path
        for entry in one.principals or ()
    )


def _tested(subject: Subject, service: str, services: Collection[str]) -> str:
    """The keys to test of a service that comes to what a policy is about, beside others."""
    if subject.document.grant is not None:
        return "SourceAccount" if service in _BY_ACCOUNT else "SourceArn"
    if subject.document.resource_type == _KEY:
        return _KEYS_IN_KEYS.get(service, "")
    if subject.document.resource_type in _DELIVERED and service != _CLOUDFRONT:
        return _KEYS_IN_BUCKETS.get(service, _BOTH)
    return _BOTH if "s3.amazonaws.com" in services or service in _BY_BOTH else "aws:SourceArn"
