"""
Callers as people name them, and their requests to a role or resource.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from trustproof.aws.oidc_issuers import BUILT_IN_PROVIDERS
from trustproof.engine.caller_records import IDENTITY_CENTER_PATH, SEPARATOR
from trustproof.engine.domains import text
from trustproof.engine.region import Region
from trustproof.engine.request_space import request_space
from trustproof.model.arn import is_account
from trustproof.model.document import TRUST
from trustproof.model.request import (
    ANONYMOUS,
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SAML,
    SERVICE,
    USERS,
    WEB_IDENTITY,
)
from trustproof.properties.question import Subject
from trustproof.properties.shared.bounds import consulted_for
from trustproof.properties.shared.regions import TRUST_ACTIONS, Constraints, own_values, trust_regions
from trustproof.sets.patterns import ANY_RUN, Pattern, Wildcard, arn_like, exact, glob, join, like

#: Who belongs to an account.
OF_ACCOUNTS = (*USERS, ROLE_SESSION, IDENTITY_CENTER, FEDERATED_USER, ROOT)
#: What a caller may be named by, for messages.
ACCEPTED = (
    "an account (12 digits), the ARN of a user, role, session, federated user, root user or identity provider, the "
    "host of a service (lambda.amazonaws.com) or of a web identity provider (accounts.google.com), or anonymous"
)
#: What the hosts of services end in.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
_OF_SERVICES = (".amazonaws.com", ".amazonaws.com.cn", ".amazon.com", ".aws.internal")
_FIELDS = 6
#: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html, with the wildcards of a pattern.
_SESSION_NAME = "the name of a session, 2 to 64 letters, digits and _+=,.@-,"
_SESSION = re.compile(r"[\w+=,.@*?-]{2,64}|\*", re.ASCII)


class NamedCaller(NamedTuple):
    """
    Somebody, as somebody else names them.
    """

    #: As it was written.
    written: str
    kinds: tuple[str, ...]
    #: Of the records of these callers; empty for all of the kind.
    patterns: tuple[Pattern, ...] = ()

    @property
    def constraints(self) -> Constraints:
        """What restricts requests to this caller."""
        return (("caller", text(*self.patterns)),) if self.patterns else ()


def parse_caller(written: str) -> NamedCaller:
    """
    The caller that a text names; ``*`` and ``?`` in an ARN are wildcards.

    Raises:
        ValueError: it names nobody, or nobody that there may be.
    """
    if written == "anonymous":
        return NamedCaller(written, (ANONYMOUS,))
    if is_account(written):
        return NamedCaller(written, OF_ACCOUNTS, callers_in(written))
    if written in BUILT_IN_PROVIDERS:
        return NamedCaller(written, (WEB_IDENTITY,), (join(exact(written), SEPARATOR),))
    fields = written.split(":", _FIELDS - 1)
    if len(fields) == _FIELDS and fields[0] == "arn" and fields[2] in ("iam", "sts") and not fields[3]:
        found = _of_arn(written, fields)
        if found is not None:
            return found
    if "." in written and ":" not in written:
        if written.lower().endswith(_OF_SERVICES) and "/" not in written:
            return NamedCaller(written, (SERVICE,), (join(like(written), SEPARATOR),))
        # The provider of tokens that an account has made for a host; of EKS and Azure, a path follows that.
        provider = arn_pattern(f"arn:*:iam::*:oidc-provider/{written}")
        return NamedCaller(written, (WEB_IDENTITY,), (join(provider, SEPARATOR),))
    raise ValueError(f"expected {ACCEPTED}")


def callers_in(account: str) -> tuple[Pattern, ...]:
    """Everybody of an account."""
    head = join("arn:", Wildcard(":", True, True))
    return tuple(join(head, f":{service}::{account}:", ANY_RUN) for service in ("iam", "sts"))


def arn_pattern(written: str) -> Pattern:
    """The ARNs that a pattern matches; a wildcard stays within its field, so that none reaches over the account."""
    return arn_like(tuple(like(field) for field in written.split(":", _FIELDS - 1)))


def _within_field(field: str) -> Pattern:
    return glob(field, ":")


def _of_arn(written: str, fields: list[str]) -> NamedCaller | None:
    sort, _, name = fields[5].partition("/")
    pattern = arn_pattern(written)
    match fields[2], sort:
        case "iam", "user" if name:
            return NamedCaller(written, USERS, (join(pattern, SEPARATOR, ANY_RUN),))
        case "iam", "role" if name:
            kinds = (IDENTITY_CENTER,) if name.startswith(IDENTITY_CENTER_PATH) else (ROLE_SESSION, IDENTITY_CENTER)
            return NamedCaller(written, kinds, (join(pattern, SEPARATOR, ANY_RUN),))
        case "iam", "root" if not name:
            return NamedCaller(written, (ROOT,), (join(pattern, SEPARATOR),))
        case "iam", "saml-provider" if name:
            return NamedCaller(written, (SAML,), (join(pattern, SEPARATOR),))
        case "iam", "oidc-provider" if name:
            return NamedCaller(written, (WEB_IDENTITY,), (join(pattern, SEPARATOR),))
        case "sts", "federated-user" if name:
            return NamedCaller(written, (FEDERATED_USER,), (join(pattern, SEPARATOR),))
        case "sts", "assumed-role" if name:
            role, _, session = name.partition("/")
            if session and not _SESSION.fullmatch(session):
                raise ValueError(f'expected {_SESSION_NAME} after the role, got "{session}"')

            arn = f"arn:{fields[1]}:iam::{fields[4]}:role/"
            tail = join(like(role), SEPARATOR, ANY_RUN, ":", like(session)) if session else None
            tail = tail or join(like(role), SEPARATOR, ANY_RUN)
            # The ARN of a session does not say the path of its role.
            head = join(*(part for field in arn.split(":")[:5] for part in (_within_field(field), ":")), "role/")
            patterns = (join(head, tail), join(head, ANY_RUN, "/", tail))
            return NamedCaller(written, (ROLE_SESSION, IDENTITY_CENTER), patterns)
    return None


def requests_of(subject: Subject, kind: str, constraints: Constraints = ()) -> tuple[Region, ...]:
    """
    The requests of one kind of caller to the role or resource that a policy stands on.

    Args:
        subject: a trust policy or a resource policy.
        kind: of a caller.
        constraints: on these requests.
    """
    if subject.document.kind == TRUST:
        if kind not in TRUST_ACTIONS:
            # Nobody else gets credentials of a role.
            return ()
        return trust_regions(subject, kind, TRUST_ACTIONS[kind][0], constraints)
    space = request_space(kind, "", subject.partition, known_keys=own_values(subject))
    return (Region(space, (*constraints, *consulted_for(subject))),)
