"""
Multi-factor authentication as a condition.
"""

from __future__ import annotations

import aws_cdk as cdk

from trustproof_cdk._arguments import durations

#: GetSessionToken gives credentials for 36 hours at most, so no MFA in a request is older.
_OLDEST = cdk.Duration.hours(36)
_YOUNGEST = cdk.Duration.seconds(1)


def mfa_conditions(max_age: cdk.Duration | None = None) -> dict[str, dict[str, str]]:
    """
    The conditions of an ``Allow`` that a request meets only when it was authenticated with MFA.

    ``Bool`` is not met by a request without the key, and the requests of long-term access keys have no such key; so
    ``BoolIfExists`` would let them in.

    Args:
        max_age: how long ago the MFA code may have been entered at most: 1 second to 36 hours.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
    """
    conditions = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    if max_age is not None:
        age = durations.seconds(max_age, "max_mfa_age", _YOUNGEST, _OLDEST)
        conditions["NumericLessThanEquals"] = {"aws:MultiFactorAuthAge": str(age)}
    return conditions
