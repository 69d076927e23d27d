"""
ARNs of managed policies: one that IAM attaches to nobody of a stack is said at synthesis, and so is a misspelt name.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._arguments import arguments, known_later, partly_known, references, regions
from trustproof_cdk._names import objects
from trustproof_cdk._synthesis import stacks

_OF_AWS = "aws"
_POLICY = "policy/"
_ACCEPTED = (
    "the ARN of a managed policy like 'arn:aws:iam::111122223333:policy/Limits' or "
    "'arn:aws:iam::aws:policy/ReadOnlyAccess'"
)
#: What has such an ARN, of the resources of the app.
_POLICIES: references.Givers = {
    "AWS::IAM::ManagedPolicy": (references.REF, "PolicyArn"),
    references.ANY: ("PolicyArn",),
}
_ARN_PARTS = 6
#: The path may have a colon, and the name has neither that nor a wildcard.
_RESOURCE = r"policy/([!-)+->@-~]+/)?[A-Za-z0-9_+=,.@-]{1,128}"
_TOKEN = "${Token["
#: IAM answers PolicyNotAttachable, of a boundary too:
#: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html
_OF_SERVICES = "aws-service-role/"


def refuse_unusable(scope: Construct, arn: str, argument: str) -> None:
    """
    Refuse a policy that IAM attaches to nobody in a stack; of a name that is not known here, only warn.

    Args:
        scope: in the stack of whoever has the policy, as one of its own or as a boundary.
        arn: as an object of the CDK has it; a token is looked at again in the synthesis, and what only a deployment
            knows of it passes.
        argument: by which it came.

    Raises:
        ValueError: it is the ARN of something else, of another account or partition, or the name of one of AWS's
            policies with a slip in it.
    """
    if policy_of_app(arn) is None:
        known_later.note_place(arn, argument, lambda text: _refuse_text(scope, text, argument))
    if not _is_readable(arn, argument):
        return
    _refuse_other_account(scope, objects.account_of(arn, "managed_policy_arn"), argument)
    regions.of_partition(scope, [arn] if arn.startswith("arn:") else [], argument)
    refuse_misspelt(scope, arn, argument)
    parts = arn.split(":", _ARN_PARTS - 1)
    if len(parts) == _ARN_PARTS and parts[4] != _OF_AWS and not arguments.is_token(parts[5]):
        name = parts[5].removeprefix(_POLICY)
        instead = f"give iam.ManagedPolicy.from_aws_managed_policy_name({name!r})"
        warn_of_name_of_aws(stacks.stack_of(scope), name, argument, instead)


def _refuse_text(scope: Construct, arn: str, argument: str) -> None:
    """Refuse an ARN likewise, of which only a deployment knows what is left open in it."""
    parts = arn.split(":", _ARN_PARTS - 1)
    if partly_known.UNKNOWN in arn and len(parts) < _ARN_PARTS:
        return
    if not _fits(parts, partly_known.UNKNOWN):
        raise ValueError(f"{argument} must be {_ACCEPTED}, got {arn!r}")
    _refuse_other_account(scope, None if partly_known.UNKNOWN in parts[4] else parts[4], argument)
    regions.of_partition(scope, [arn], argument)
    name = name_of_aws(arn)
    if name is not None and partly_known.UNKNOWN not in name:
        _refuse_slip(name, argument)


def _refuse_other_account(scope: Construct, theirs: str | None, argument: str) -> None:
    own = stacks.account_of(stacks.stack_of(scope))
    if theirs not in (None, _OF_AWS, own) and not arguments.is_token(own):
        raise ValueError(
            f"{argument} must be of account {own}, that of the stack, or of AWS, since IAM attaches no others; got a "
            f"policy of account {theirs}"
        )


def refuse_misspelt(scope: Construct, arn: str, argument: str) -> None:
    """
    Refuse a policy of AWS that only a service attaches, or whose name has a slip in it; warn of another one that is
    not known here.

    AWS publishes new ones every week: only a name that is a known one but for a letter, for how it is capitalized, or
    for its path, was meant to be that.

    Args:
        scope: in the stack of whoever has the policy.
        arn: of any policy.
        argument: by which it came.

    Raises:
        ValueError: with the name that was meant.
    """
    name = name_of_aws(arn)
    if name is None:
        return
    known = _refuse_slip(name, argument)
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=1)
    cdk.Annotations.of(stacks.stack_of(scope)).add_warning_v2(
        f"trustproof:unknown-aws-policy-{name}",
        f"{argument} has {name!r}, a name that AWS had given to no managed policy when this was released: unless it is "
        f"newer, the deployment fails{f'; did you mean {near[0]!r}?' if near else ''}",
    )


def warn_of_name_of_aws(construct: Construct, name: str, argument: str, instead: str, where: str = "") -> None:
    """
    Warn of a policy of one's own that is called like one of AWS, which was meant more often than not.

    Args:
        construct: what names it.
        name: after its path, where it has one; a token passes.
        argument: by which it came.
        instead: how AWS's is given.
        where: which accounts must have it, in words, where that is not said already.
    """
    # Only who names a policy has to wait for the names of those of AWS.
    import trustproof

    if name in trustproof.managed_policy_names():
        cdk.Annotations.of(construct).add_warning_v2(
            f"trustproof:policy-called-like-{name}",
            f"{argument} has the policy {name!r} of your own{where}, and not AWS's of that name: call it otherwise; "
            f"or, where AWS's was meant, {instead}",
        )


def _refuse_slip(name: str, argument: str) -> Collection[str]:
    """Refuse a name that is none of a policy of AWS, or of one that services attach; returns those that are known."""
    if name.startswith(_OF_SERVICES):
        raise ValueError(
            f"{argument} cannot have {name!r}: only the service whose role it is for attaches it, to that role"
        )
    # Only who names a policy of AWS has to wait for the names of all.
    import trustproof

    known = trustproof.managed_policy_names()
    if name not in known and (meant := trustproof.managed_policy_meant(name)):
        raise ValueError(
            f"{argument} cannot have {name!r}, a name that AWS has given to no managed policy; did you mean {meant!r}?"
        )
    return known


def name_of_aws(arn: str | None) -> str | None:
    """The path and name of a policy that AWS manages, where an ARN is that of one, and says which."""
    parts = (arn or "").split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS or parts[2:5] != ["iam", "", _OF_AWS] or arguments.is_token(parts[5]):
        return None
    return parts[5].removeprefix(_POLICY)


def policy_of_app(arn: str) -> iam.CfnManagedPolicy | None:
    """The policy of the app that an ARN refers to, where it is a reference."""
    # One that is a token in part says its name itself.
    found = references.referred_to(arn) if arn.startswith(_TOKEN) else None
    return found if isinstance(found, iam.CfnManagedPolicy) else None


def _is_readable(arn: str, argument: str) -> bool:
    """
    Whether it is known what an ARN is about, or where it is.

    Raises:
        ValueError: what is known is that it is none of a managed policy.
    """
    if arguments.is_looked_up(arn):
        return False
    parts = arn.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS and _TOKEN in arn:
        # A reference as a whole has an account all the same.
        if policy_of_app(arn) is None:
            references.refuse_other(arn, argument, _ACCEPTED, _POLICIES)
            return False
        return True
    if not _fits(parts, _TOKEN):
        raise ValueError(f"{argument} must be {_ACCEPTED}, got {arn!r}")
    return True


def _fits(parts: Sequence[str], unknown: str) -> bool:
    """Whether the parts are those of the ARN of a managed policy, as far as `unknown` is not in them."""
    patterns = map(re.compile, (r"arn", r"aws(-[a-z]+)*", r"iam", r"", r"[0-9]{12}|aws", _RESOURCE))
    fits = len(parts) == _ARN_PARTS and all(
        unknown in part or pattern.fullmatch(part) for part, pattern in zip(parts, patterns, strict=True)
    )
    # Where a token ends the name, it still is the name of a policy.
    return fits and parts[5].startswith((_POLICY, unknown))
