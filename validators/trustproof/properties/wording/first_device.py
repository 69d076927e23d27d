"""
What it takes to enrol a first MFA device, which nobody can do with MFA.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.engine.operands import action_pattern
from trustproof.model.document import IDENTITY
from trustproof.model.policy import ALLOW, Statement
from trustproof.model.text import Text
from trustproof.properties.edits import version
from trustproof.properties.question import Subject
from trustproof.results.edit import END, Edit, Value, set_value
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
#: Whoever has to set a password at the first sign-in does so before there can be a device:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage.html
FIRST_PASSWORD = "iam:ChangePassword"


def needed_for_a_first_device(subject: Subject, asked: Statement) -> tuple[str, ...]:
    """
    What users need to enrol a first MFA device, and to set a first password where a statement names that: they do both
    without MFA, and only this statement lets them.
    """
    others = [s for document in subject.documents for s in document.policy.statements if s.path != asked.path]
    # What allows more than that is to ask for MFA as well.
    spared = [s for s in others if s.effect == ALLOW and not s.conditions and _only_enrols(s)]
    needed = [a for a in FIRST_DEVICE[:2] if _lets(asked, a) and not any(_lets(s, a) for s in spared)]
    # Whoever may do anything is not thereby said to have a first password to change.
    named = any(str(action).lower() == FIRST_PASSWORD.lower() for action in asked.actions or ())
    needed += [FIRST_PASSWORD] if named and not any(_lets(s, FIRST_PASSWORD) for s in spared) else []
    return tuple(needed) if subject.document.kind == IDENTITY else ()


def but_a_first_device(needed: Sequence[str]) -> str:
    """What to add to a remedy that would keep users from enrolling a first MFA device, or from signing in before."""
    whose = "device and user" if {*needed} - {FIRST_PASSWORD} else "user"
    return f", and {' and '.join(needed)} for one's own {whose} without" if needed else ""


def allow_a_first_device(subject: Subject, needed: Sequence[str]) -> tuple[Edit, ...]:
    """The statement beside one that asks for MFA: whoever applied that alone would leave nobody able to enrol."""
    head = f"arn:{subject.partition or 'aws'}:iam::*:"
    devices = ("mfa/*",) if {*needed} - {FIRST_PASSWORD} else ()
    allow: dict[str, Value] = {
        "Effect": ALLOW,
        "Action": tuple(needed),
        "Resource": tuple(f"{head}{one}" for one in (*devices, "user/${aws:username}", "user/*/${aws:username}")),
    }
    return (
        # Where it is no variable, nobody is called so.
        *(() if subject.policy.has_variables else version(subject.policy)),
        set_value((*subject.policy.path, "Statement", END), None, allow),
    )


def is_self_service(statement: Statement) -> bool:
    """Whether a statement names what enrols a first device: a condition on MFA in it would let nobody enrol one."""
    return any(str(action).lower() in ENROLMENT for action in statement.actions or ())


def _only_enrols(statement: Statement) -> bool:
    known = {action.lower() for action in (*FIRST_DEVICE, FIRST_PASSWORD, "iam:GetAccountPasswordPolicy")}
    return statement.actions is not None and all(str(action).lower() in known for action in statement.actions)


def _lets(statement: Statement, action: str) -> bool:
    if statement.actions is not None:
        return any(covers(entry, action) for entry in statement.actions)
    return not any(covers(entry, action) for entry in statement.not_actions or ())


def covers(entry: Text, action: str) -> bool:
    """Whether an entry of Action may match an action."""
    return any(matches(pattern, action.lower()) for pattern in action_pattern(entry).larger)
