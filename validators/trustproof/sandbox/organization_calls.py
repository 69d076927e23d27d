"""
Calls of Organizations: what the accounts file says is told, and nothing is changed by a call.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganization.html
"""

from __future__ import annotations

import json

from trustproof.sandbox.errors import Undecided
from trustproof.sandbox.organization import MANAGEMENT_ACCOUNT
from trustproof.sandbox.state import State
from trustproof.sandbox.wire import Answer, Call

_READS = ("Describe", "List")


def answer(state: State, call: Call) -> Answer | None:
    """
    Answer a call that is allowed.

    Returns:
        None where it is about another service, or moto is to answer.

    Raises:
        Undecided: it changes the organization, which is that of the accounts file.
    """
    if call.service != "organizations":
        return None
    if not call.operation.startswith(_READS):
        raise Undecided(
            f"{call.operation} would stop nobody: the organization, its units and its control policies are those of "
            "the accounts file"
        )
    organization = state.surroundings.organization
    if call.operation != "DescribeOrganization" or call.account not in organization:
        return None
    identifier = organization.id
    arn = f"arn:{call.partition}:organizations::{MANAGEMENT_ACCOUNT}"
    described = {
        "Id": identifier,
        "Arn": f"{arn}:organization/{identifier}",
        "FeatureSet": "ALL",
        "MasterAccountArn": f"{arn}:account/{identifier}/{MANAGEMENT_ACCOUNT}",
        "MasterAccountId": MANAGEMENT_ACCOUNT,
        "MasterAccountEmail": "management@example.com",
    }
    return Answer(200, json.dumps({"Organization": described}).encode(), "application/x-amz-json-1.1")
