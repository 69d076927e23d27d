"""
What it takes to enrol a first MFA device, which nobody can do with MFA.
"""

from __future__ import annotations

from trustproof.engine.operands import action_pattern
from trustproof.model.document import IDENTITY
from trustproof.model.policy import ALLOW, Statement
from trustproof.model.text import Text
from trustproof.properties.question import Subject
from trustproof.sets.patterns import matches

#: Without these nobody gets a first MFA device.
ENROLMENT = ("iam:createvirtualmfadevice", "iam:enablemfadevice", "iam:resyncmfadevice")
#: What AWS's own sample spares:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html
FIRST_DEVICE = (
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ListVirtualMFADevices",
    "iam:ResyncMFADevice",
    "sts:GetSessionToken",
)


def but_a_first_device(subject: Subject, asked: Statement) -> str:
    """What to add to a remedy that would keep users from enrolling a first MFA device, which they do without MFA."""
    if subject.document.kind != IDENTITY or not _lets_enrol(asked):
        return ""
    others = [s for document in subject.documents for s in document.policy.statements if s.path != asked.path]
    # What allows more than that is to ask for MFA as well.
    if any(s.effect == ALLOW and not s.conditions and _only_enrols(s) and _lets_enrol(s) for s in others):
        return ""
    return f", and {FIRST_DEVICE[0]} and {FIRST_DEVICE[1]} for one's own device and user without"


def _only_enrols(statement: Statement) -> bool:
    known = {action.lower() for action in FIRST_DEVICE}
    return statement.actions is not None and all(str(action).lower() in known for action in statement.actions)


def _lets_enrol(statement: Statement) -> bool:
    covered = [
        any(covers(entry, action) for entry in (statement.actions or statement.not_actions or ()))
        for action in ENROLMENT[:2]
    ]
    return all(covered) if statement.actions is not None else not any(covered)


def covers(entry: Text, action: str) -> bool:
    """Whether an entry of Action may match an action."""
    return any(matches(pattern, action.lower()) for pattern in action_pattern(entry).larger)
