"""
What services refuse of the policies of their resources, by a call and in a template.

What is not known to be refused is taken. What cannot be read is refused in any case: nothing could be decided of it.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-policy-language-overview.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import partial

from trustproof.aws.published import service
from trustproof.errors import PolicySyntaxError
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.model.document import RESOURCE
from trustproof.model.policy import Policy, Statement
from trustproof.model.substitution import policy_as_written
from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.principals.known_principals import exists
from trustproof.sandbox.principals.principals import UNKNOWN_SERVICE, invalid_principals, unknown_services

#: By the prefixes of the actions: the code, what is said of a policy that cannot be read, and of whom it names.
_REFUSALS = {
    "ecr": (
        "InvalidParameterException",
        "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'",
        "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Principal not found'",
    ),
    "events": (
        "ValidationException",
        "This policy contains invalid Json",
        "This policy contains an invalid principal",
    ),
    "execute-api": (
        "BadRequestException",
        "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.",
        "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.",
    ),
    "kms": (
        "MalformedPolicyDocumentException",
        "Policy contains a syntax error.",
        "Policy contains a statement with one or more invalid principals.",
    ),
    "logs": (
        "InvalidParameterException",
        "Unable to parse policy document",
        "Unable to validate policy document: it names an invalid principal",
    ),
    "s3": ("MalformedPolicy", "This policy contains invalid Json", "Invalid principal in policy"),
    "secretsmanager": (
        "MalformedPolicyDocumentException",
        "This resource policy contains a syntax error.",
        "This resource policy contains an unsupported principal.",
    ),
    "sns": (
        "InvalidParameter",
        "Invalid parameter: Policy Error: null",
        "Invalid parameter: Policy Error: PrincipalNotFound",
    ),
    "sqs": (
        "InvalidAttributeValue",
        "Invalid value for the parameter Policy.",
        "Invalid value for the parameter Policy.",
    ),
}
#: Services that refuse actions of others, and those of their own that there are not, with what they say.
_OF_ACTIONS = {
    "s3": "Policy has invalid action",
    "sns": "Invalid parameter: Policy statement action out of service scope!",
    "sqs": "Invalid value for the parameter Policy.",
}
#: What stands in the policy that a topic is made with, and is no action in the service authorization reference.
_MORE_ACTIONS = {"sns": ("receive",)}
_WITH_VARIABLES = "2012-10-17"
_PUTS_EVENTS = "events:putevents"
_MOST_BYTES_OF_BUCKET_POLICY = 20 * 1_024
#: Quotas of queue policies: what is counted, and how many there may be.
_MOST_OF_QUEUE_POLICY = {"actions": 7, "conditions": 10, "principals": 50, "statements": 20}


def check(prefix: str, text: str, account: str) -> None:
    """
    See that a service would take the policy of a resource.

    Args:
        prefix: of the service's actions: `sqs`.
        text: of the policy.
        account: of the resource.

    Raises:
        Refused: it would not, as it says.
        Undecided: the policy names a service of which nobody here knows whether there is one.
    """
    code, unreadable, invalid = _REFUSALS[prefix]
    try:
        policy = policy_as_written(parse_policy(text, kind=RESOURCE))
        document = json.loads(text)
    except (PolicySyntaxError, ValueError) as error:
        raise RefusedRequest(f"{unreadable} ({error})", code) from None
    if named := invalid_principals(document, partial(exists, asking=account)):
        raise RefusedRequest(f"{invalid} ({named[0]})", code)
    if unknown := unknown_services(document):
        raise Undecided(UNKNOWN_SERVICE.format(unknown[0]))
    if prefix in _OF_ACTIONS:
        for action in _actions(policy):
            if not _may_be_of(prefix, action):
                raise RefusedRequest(f"{_OF_ACTIONS[prefix]} ({action})", code)
    if prefix == "s3":
        _check_bucket_policy(policy, text)
    elif prefix == "sqs":
        _check_queue_policy(policy)
    elif prefix == "events":
        _check_bus_policy(policy)
    elif prefix == "logs":
        _check_log_policy(policy)
    elif prefix == "ecr" and any(
        one.resources is not None or one.not_resources is not None for one in policy.statements
    ):
        raise RefusedRequest(f"{unreadable} (a repository policy has no Resource)", code)


def _actions(policy: Policy) -> Iterator[str]:
    for statement in policy.statements:
        yield from map(str, (*(statement.actions or ()), *(statement.not_actions or ())))


def _may_be_of(prefix: str, action: str) -> bool:
    """Whether an entry of Action may name an action of a service; one with a wildcard in its name may name any."""
    vendor, _, name = action.lower().partition(":")
    if action == "*" or vendor != prefix:
        return action == "*"
    found = service(prefix)
    return _is_wild(name) or found is None or name in found.actions or name in _MORE_ACTIONS.get(prefix, ())


def _is_wild(name: str) -> bool:
    return bool(set(name) & set("*?$"))


def _check_bucket_policy(policy: Policy, text: str) -> None:
    if len(text.encode()) > _MOST_BYTES_OF_BUCKET_POLICY:
        raise RefusedRequest("Policy exceeds the maximum allowed document size.", "MalformedPolicy")
    found = service("s3")
    if found is None:
        return
    known = {_family(key) for action in found.actions.values() for key in action.keys}
    for statement in policy.statements:
        if statement.resources is None and statement.not_resources is None:
            raise RefusedRequest("Statement is missing required element", "MalformedPolicy")
        for condition in statement.conditions:
            key = _family(condition.key)
            if not key.startswith("s3:") or _is_wild(key):
                continue
            if key not in known:
                raise RefusedRequest(f"Policy has an invalid condition key ({condition.key})", "MalformedPolicy")
            if not _goes_with(key, statement):
                message = "Conditions do not apply to combination of actions and resources in statement"
                raise RefusedRequest(f"{message} ({condition.key})", "MalformedPolicy")


def _family(key: str) -> str:
    """A condition key without what follows its family: `s3:existingobjecttag`."""
    return key.strip().lower().partition("/")[0]


def _goes_with(key: str, statement: Statement) -> bool:
    """Whether some action that a statement names may carry a key."""
    found = service("s3")
    if found is None or statement.actions is None:
        return True
    for entry in statement.actions:
        pattern = str(entry).lower().partition(":")[2] or "*"
        for name, action in found.actions.items():
            if fnmatchcase(name, pattern) and key in map(_family, action.keys):
                return True
    return False


def _check_bus_policy(policy: Policy) -> None:
    """Rules of others on a bus are not made here, so nobody asks whom its policy lets make some."""
    for statement in policy.statements:
        if statement.actions is None or any(str(one).lower() != _PUTS_EVENTS for one in statement.actions):
            raise Undecided(f"of the policy of an event bus the sandbox enforces {_PUTS_EVENTS} only")


def _check_log_policy(policy: Policy) -> None:
    """
    Such a policy of an account is for services, as its page has it.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutResourcePolicy.html
    """
    if policy.version != _WITH_VARIABLES:
        # All of an account are read as one, which has one version.
        raise Undecided(f"of the policies of logs the sandbox enforces those of the version {_WITH_VARIABLES} only")
    for statement in policy.statements:
        if statement.principals is None or any(one.kind != "Service" for one in statement.principals):
            raise Undecided("whom else than services a policy of logs lets in is not known here")


def _check_queue_policy(policy: Policy) -> None:
    statements = policy.statements
    counted = {
        "actions": max(len(one.actions or ()) + len(one.not_actions or ()) for one in statements),
        "conditions": sum(len(one.conditions) for one in statements),
        "principals": sum(len(one.principals or ()) + len(one.not_principals or ()) for one in statements),
        "statements": len(statements),
    }
    for what, most in _MOST_OF_QUEUE_POLICY.items():
        if counted[what] > most:
            where = "a statement from the submitted policy" if what == "actions" else "the submitted policy"
            raise RefusedRequest(f"{counted[what]} {what} were found in {where}, max allowed is {most}", "OverLimit")
