"""
Calls of IAM Identity Center (`sso-admin`) that moto does not have, or answers before it is known how they went; and of
its identity store, of which there is one.

https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreateAccountAssignment.html
"""

from __future__ import annotations

import json
from typing import Any

from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.moto.identity_center import JsonRESTError
from trustproof.sandbox.requests.wire import Answer, Call
from trustproof.sandbox.services.identity_center import identity_center, identity_store, why_elsewhere

_SERVICE, _STORE = "sso-admin", "identitystore"
_ATTRIBUTES = "InstanceAccessControlAttributeConfiguration"
#: Operations that moto does not have.
_BOUNDARIES = (
    "PutPermissionsBoundaryToPermissionSet",
    "GetPermissionsBoundaryForPermissionSet",
    "DeletePermissionsBoundaryFromPermissionSet",
)
#: Operations that answer with how far something has come: what they ask by, and what the answer is called.
_PROGRESS = {
    "DescribeAccountAssignmentCreationStatus": (
        "AccountAssignmentCreationRequestId",
        "AccountAssignmentCreationStatus",
    ),
    "DescribeAccountAssignmentDeletionStatus": (
        "AccountAssignmentDeletionRequestId",
        "AccountAssignmentDeletionStatus",
    ),
    "DescribePermissionSetProvisioningStatus": ("ProvisionPermissionSetRequestId", "PermissionSetProvisioningStatus"),
}


def answer(call: Call) -> Answer | None:
    """
    Answer a call that is allowed.

    Returns:
        None where it is about another service, or moto is to answer.

    Raises:
        Refused: there is no such permission set, assignment or request.
        Undecided: it is not that of the organization.
    """
    if call.service not in (_SERVICE, _STORE):
        return None
    if why := why_elsewhere(call.account, call.region):
        raise Undecided(why)
    if call.service == _STORE:
        store = call.parameters.get("IdentityStoreId")
        if store is not None and identity_store(str(store)) is None:
            raise RefusedRequest(f"IdentityStore {store} not found", "ResourceNotFoundException", 400)
        return None
    try:
        return _answer(call)
    except JsonRESTError as error:
        raise RefusedRequest(str(error.message), str(error.error_type), 400) from None


def _answer(call: Call) -> Answer | None:
    center, given = identity_center(), call.parameters
    if call.operation in _PROGRESS:
        asked, called = _PROGRESS[call.operation]
        return _json({called: center.progress(str(given.get(asked)))})
    if call.operation in ("CreateAccountAssignment", "DeleteAccountAssignment"):
        create = call.operation.startswith("Create")
        act = center.create_account_assignment if create else center.delete_account_assignment
        found = act(
            given["InstanceArn"],
            given["TargetId"],
            given["TargetType"],
            given["PermissionSetArn"],
            given["PrincipalType"],
            given["PrincipalId"],
        )
        return _json({f"AccountAssignment{'Creation' if create else 'Deletion'}Status": found})
    if call.operation in _BOUNDARIES:
        if call.operation.startswith("Get"):
            return _json({"PermissionsBoundary": center.boundary(given["InstanceArn"], given["PermissionSetArn"])})
        center.set_boundary(given["InstanceArn"], given["PermissionSetArn"], given.get("PermissionsBoundary"))
        return _json({})
    if call.operation.endswith(_ATTRIBUTES):
        return _json(_of_attributes(center, call.operation.removesuffix(_ATTRIBUTES), given))
    if call.operation == "ProvisionPermissionSet":
        of_account = given["TargetType"] == "AWS_ACCOUNT"
        found = center.provision(given["PermissionSetArn"], [given.get("TargetId")] if of_account else None)
        return _json({"PermissionSetProvisioningStatus": found})
    return None


def _of_attributes(center: Any, verb: str, given: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/userguide/attributesforaccesscontrol.html"""
    instance = given["InstanceArn"]
    if verb == "Describe":
        found = {"AccessControlAttributes": center.described_attributes(instance)}
        return {"Status": "ENABLED", _ATTRIBUTES: found}
    if verb == "Delete":
        center.delete_attributes(instance)
    else:
        change = center.create_attributes if verb == "Create" else center.update_attributes
        change(instance, given[_ATTRIBUTES]["AccessControlAttributes"])
    return {}


def _json(content: dict[str, Any]) -> Answer:
    return Answer(200, json.dumps(content).encode(), "application/x-amz-json-1.1")
