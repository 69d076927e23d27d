"""
A role for people of other accounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Unpack

import aws_cdk as cdk
from constructs import Construct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._callers import permission_set_people as people
from trustproof_cdk._constructor import construct
from trustproof_cdk._roles import carried_sessions
from trustproof_cdk._roles.role import RoleOptions, TrustingRole
from trustproof_cdk._trust import demands
from trustproof_cdk._trust.trust import ASSUME_ROLE, SET_SOURCE_IDENTITY, TAG_SESSION, TrustStatement
from trustproof_cdk.conditions import ConditionBlock, conjoin
from trustproof_cdk.mfa import mfa_conditions
from trustproof_cdk.trusted import Trusted, trusted_callers


@construct
class CrossAccountRole(TrustingRole):
    """
    A role that the trusted callers may assume, and only with MFA.

    The trust policy allows ``sts:AssumeRole`` when ``aws:MultiFactorAuthPresent`` is ``true``; a request without the
    key is not allowed.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        trusted: who may assume the role; of several, each is trusted by itself.
        mfa: False gives the role to callers without MFA. Only for callers who cannot have it: role sessions and
            Identity Center sessions never carry it, whatever their users did to begin the session.
        max_mfa_age: how long ago the MFA code may have been entered at most: 1 second to 36 hours.
        session_name_is_user_name: the role session must be named after the IAM user who begins it, so that logs name
            the person. Callers who are not IAM users cannot assume the role.
        source_identities: the caller must set one of these source identities: texts, patterns with ``*``, or
            ``${aws:username}``.
        session_tags: the caller must pass exactly these tags, each with one of the given values; ``*`` is any value.
        transitive_tags: which of the tags may be passed on to sessions chained from this one. Default: all of them.
        source_ips: public addresses or prefixes that requests must come from.
        vpc_endpoints: VPC endpoints that requests must come through.
        valid_from: when the role may be assumed first.
        valid_until: when the role may be assumed no more. Sessions that were begun before last as long as they last.
        conditions: further conditions. They narrow the trust; none of them can replace what is demanded above.
        options: what every role takes, see `RoleOptions`.

    Raises:
        ValueError: an argument that IAM would refuse, or a combination that nobody could meet.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        trusted: Trusted | Sequence[Trusted],
        mfa: bool = True,
        max_mfa_age: cdk.Duration | None = None,
        session_name_is_user_name: bool = False,
        source_identities: Iterable[str] | None = None,
        session_tags: Mapping[str, Iterable[str]] | None = None,
        transitive_tags: Iterable[str] | None = None,
        source_ips: Iterable[str] | None = None,
        vpc_endpoints: Iterable[str] | None = None,
        valid_from: datetime | None = None,
        valid_until: datetime | None = None,
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        arguments.flag(mfa, "mfa")
        arguments.flag(session_name_is_user_name, "session_name_is_user_name")
        if max_mfa_age is not None and not mfa:
            raise ValueError("max_mfa_age cannot be given with mfa=False: a request without MFA has no age of it")
        demanded: list[ConditionBlock | None] = [
            mfa_conditions(max_mfa_age) if mfa else {},
            demands.session_name_is_user_name() if session_name_is_user_name else {},
            identity := demands.source_identities(source_identities),
            tags := demands.session_tags(session_tags, transitive_tags),
            demands.network(source_ips, vpc_endpoints),
            demands.time_window(valid_from, valid_until),
            conditions,
        ]
        actions = [ASSUME_ROLE, *([SET_SOURCE_IDENTITY] if identity else []), *([TAG_SESSION] if tags else [])]
        callers = trusted_callers(trusted)
        for caller in callers:
            _refuse_what_nobody_meets(caller, mfa, demanded)
        self._passes_tags_on, self._callers = transitive_tags is not None, callers
        super().__init__(
            scope,
            construct_id,
            statements=[
                TrustStatement({"AWS": caller.principals}, actions, conjoin(caller.conditions, *demanded))
                for caller in callers
            ],
            trusted=[entity for caller in callers for entity in caller.entities],
            **options,
        )
        demands.warn_of_the_past(self, valid_until)
        if not any(caller.may_carry_mfa for caller in callers):
            demands.warn_of_an_hour(self, options.get("max_session_duration"))

    def _look_at_callers(self, trusted: Sequence[object]) -> None:
        super()._look_at_callers(trusted)
        people.note_trusted(self, self._callers)
        carried_sessions.warn_of_refused_sessions(self, trusted, self._statements)

    @property
    def passes_tags_on(self) -> bool:
        """Whether it has ``transitive_tags``."""
        return self._passes_tags_on


def _refuse_what_nobody_meets(caller: Trusted, mfa: bool, demanded: Sequence[ConditionBlock | None]) -> None:
    if caller.may_carry_mfa:
        return
    if mfa:
        raise ValueError(
            f"{caller!r} cannot assume a role that demands MFA: sessions of roles and of Identity Center never carry "
            "aws:MultiFactorAuthPresent; pass mfa=False, and demand MFA where these sessions begin"
        )
    for block in demanded:
        demands.refuse_mfa_of("sessions of roles and of Identity Center", block)
    if demands.USER_NAME in str(demanded):
        raise ValueError(
            f"{caller!r} cannot assume a role that demands {demands.USER_NAME}: only requests of IAM users carry it"
        )
