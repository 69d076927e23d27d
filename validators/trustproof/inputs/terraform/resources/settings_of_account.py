"""
What a plan, state or configuration says of the settings against public policies of all buckets of its account, to other
templates that have policies there.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/configuring-block-public-access-account.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trustproof.inputs.cloudformation.values.bucket_settings import ALL_BUCKETS, OFF, ON, OPEN, BucketSettings
from trustproof.inputs.cloudformation.values.exclusive_claims import ACCOUNT_BLOCK as AROUND_ALL
from trustproof.inputs.cloudformation.values.exclusive_claims import Claim
from trustproof.inputs.terraform.accounts.providers import Homes
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.resources.public_access import ACCOUNT_BLOCK, is_of_own_account
from trustproof.inputs.terraform.resources.refused_policies import REFUSING, RESTRICTING
from trustproof.inputs.terraform.values.instances import Instance

_DELETED = " is deleted"
_OF_BUCKETS = ("aws_s3", "awscc_s3")


def settings_of_account(made: Lowering, homes: Homes, instances: Iterable[Instance]) -> list[BucketSettings] | None:
    """
    What is said of all buckets of the account; None where the template is about no buckets at all.

    Args:
        homes: all places that the input is about.
        instances: of the place of the template.
    """
    instances = [*instances]
    said = [*_said(made, instances)]
    there = {one.address for one in instances}
    for one in (*made.snapshot.deleted, *(one for one in made.snapshot.drifted if one.address not in there)):
        is_here = one.type == ACCOUNT_BLOCK and homes.of(one.provider) == made.home
        if is_here and is_of_own_account(made, one) is not False:
            said.append(BucketSettings(ALL_BUCKETS, OPEN, f"{one.address}{_DELETED}"))
    return said if said or any(one.type.startswith(_OF_BUCKETS) for one in instances) else None


def switched_off_for_account(said: Iterable[BucketSettings] | None) -> Iterator[Claim]:
    """What others may have switched on around all buckets of the account, and is off with this, or deleted."""
    if any(one.state == OFF or one.said.endswith(_DELETED) for one in said or ()):
        yield Claim(AROUND_ALL, (None,))


def _said(made: Lowering, instances: Iterable[Instance]) -> Iterator[BucketSettings]:
    for one in instances:
        is_own = is_of_own_account(made, one) if one.type == ACCOUNT_BLOCK else False
        if is_own is False:
            continue
        values = {name: made.known(one, name) for name in (REFUSING, RESTRICTING)}
        if is_own and one.condition is None and values[RESTRICTING] is True:
            words = f"RestrictPublicBuckets of {one.address}"
            yield BucketSettings(ALL_BUCKETS, ON, words, words)
        elif is_own and all(value is False or made.value(one, name) is None for name, value in values.items()):
            yield BucketSettings(ALL_BUCKETS, OFF)
        else:
            yield BucketSettings(ALL_BUCKETS, OPEN, f"it is not known what {one.address} does to it")
