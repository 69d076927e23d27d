"""
What the three ways into a role have in common: the role, what its trust policy is asked, and the session.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from trustproof.model.document import TRUST
from trustproof.model.policy import Policy
from trustproof.model.request import IDENTITY_CENTER, ROLE_SESSION, Caller, ContextValue, Request
from trustproof.sandbox.authorization.authorize import authorize
from trustproof.sandbox.authorization.context import Need, tag_map
from trustproof.sandbox.authorization.decide import not_authorized
from trustproof.sandbox.authorization.possible_keys import unknown_in_session
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.clock import iso
from trustproof.sandbox.credentials.credentials import Credentials, role_by_arn
from trustproof.sandbox.errors import AccessDenied, RefusedRequest
from trustproof.sandbox.iam.protected_roles import is_of_identity_center
from trustproof.sandbox.requests.wire import Call
from trustproof.sandbox.sts.parameters import packed_size, session_policies
from trustproof.spec.decision import actions_needed

DEFAULT_DURATION = 3_600
SHORTEST, LONGEST = 900, 43_200
#: The families of condition keys that are known of every call for a role.
COMPUTED = ("sts:", "aws:requesttag/", "aws:tagkeys", "aws:resourcetag/", "iam:resourcetag/")


@dataclass
class RoleRequest:
    """
    What a call asks of a role, whichever of the three it is.
    """

    role: Any
    session: str
    duration: int
    tags: Mapping[str, str] = field(default_factory=dict)
    #: The keys of those that go on to the next role, as they were written.
    transitive: frozenset[str] = frozenset()
    source_identity: str | None = None
    #: Whether the calling session had the source identity, and the call does not pass it again.
    source_identity_is_carried: bool = False
    #: Further condition keys of the request, lower-cased.
    keys: Mapping[str, ContextValue] = field(default_factory=dict)
    #: Those of which nobody knows whether the request has them.
    unknown: tuple[str, ...] = ()
    #: Condition keys that the session keeps.
    kept: Mapping[str, ContextValue] = field(default_factory=dict)
    #: When the session ends at the latest.
    latest: float | None = None

    def context_keys(self) -> dict[str, ContextValue]:
        """The condition keys that the trust policy can ask for."""
        keys: dict[str, ContextValue] = {"sts:rolesessionname": self.session}
        if self.source_identity is not None and not self.source_identity_is_carried:
            keys["sts:sourceidentity"] = self.source_identity
        for name, value in self.tags.items():
            keys[f"aws:requesttag/{name.lower()}"] = value
        if self.tags:
            keys["aws:tagkeys"] = tuple(self.tags)
        if self.transitive:
            keys["sts:transitivetagkeys"] = tuple(sorted(self.transitive))
        for name, value in tag_map(self.role.tags).items():
            keys[f"aws:resourcetag/{name.lower()}"] = value
            keys[f"iam:resourcetag/{name.lower()}"] = value
        return {**keys, **self.keys}


def find_role(arn: str, action: str, caller: Caller) -> Any:
    """
    A role by its ARN.

    Raises:
        Denied: there is none, which is not told from one that does not trust the caller.
    """
    role = role_by_arn(arn)
    if role is None:
        said = f"{not_authorized(caller, action)} on resource: {arn}"
        raise AccessDenied(f"{said} because no resource-based policy allows the {action} action")
    return role


def check_trust(
    state: State, call: Call, caller: Caller, credentials: Credentials | None, action: str, asked: RoleRequest
) -> None:
    """
    Let the trust policy, and the caller's own policies, decide everything that the call needs.

    Raises:
        Unauthorized: something is not allowed.
        Undecided: something cannot be decided.
    """
    keys = asked.context_keys()
    carried = (
        {}
        if credentials is None or credentials.source_identity is None
        else {"aws:sourceidentity": credentials.source_identity}
    )
    probe = Request(caller, action, asked.role.arn, {**keys, **carried})
    needs = [
        Need(
            needed,
            asked.role.arn,
            asked.role.account_id,
            policy=asked.role.assume_role_policy_document,
            policy_kind=TRUST,
            keys=keys,
            computed=COMPUTED,
            # It is there when a call passes one; whether it is, too, when one is carried on, is not documented.
            unknown=(*asked.unknown, *(("sts:sourceidentity",) if asked.source_identity_is_carried else ())),
        )
        for needed in actions_needed(probe)
    ]
    authorize(state, caller, credentials, needs, dict(call.http.headers), call.region)


def check_duration(asked: RoleRequest) -> None:
    """
    Raises:
        Refused: `ValidationError`, for a session longer than the role allows.
    """
    most = int(asked.role.max_session_duration or 3_600)
    if asked.duration > most:
        raise RefusedRequest("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")


def open_session(state: State, call: Call, asked: RoleRequest) -> dict[str, Any]:
    """
    Make the session.

    Returns:
        the members that all three answers have.
    """
    role = asked.role
    policies, size = session_policies(call.parameters, role.account_id)
    packed = packed_size(size + sum(len(key) + len(value) for key, value in asked.tags.items()))
    made = _session(state, call, asked, policies)
    role.last_used = datetime.now(UTC).replace(tzinfo=None)
    answer: dict[str, Any] = {
        "Credentials": credentials_member(made),
        "AssumedRoleUser": {"AssumedRoleId": made.caller.userid, "Arn": made.caller.display_arn},
    }
    if packed is not None:
        answer["PackedPolicySize"] = packed
    if asked.source_identity is not None:
        answer["SourceIdentity"] = asked.source_identity
    return answer


def _session(state: State, call: Call, asked: RoleRequest, policies: Sequence[Policy] | None) -> Credentials:
    role = asked.role
    now = state.clock.now()
    expires = now + asked.duration
    if asked.latest is not None:
        expires = min(expires, asked.latest)
    kind = IDENTITY_CENTER if is_of_identity_center(role) else ROLE_SESSION
    caller = Caller(kind, role.arn, asked.session, f"{role.id}:{asked.session}")
    return state.credentials.issue(
        Credentials(
            "",
            "",
            caller,
            issued=now,
            expires=expires,
            policies=None if policies is None else tuple(policies),
            tags=dict(asked.tags),
            transitive=asked.transitive,
            source_identity=asked.source_identity,
            kept=asked.kept,
            unknown=() if call.credentials is None else unknown_in_session(call.credentials.caller),
            entity=role.id,
        )
    )


def credentials_member(made: Credentials) -> dict[str, Any]:
    """`Credentials`, as answers have them."""
    assert made.expires is not None
    return {
        "AccessKeyId": made.access_key,
        "SecretAccessKey": made.secret,
        "SessionToken": made.token,
        "Expiration": iso(made.expires),
    }
