"""
Principals as patterns on the caller's record.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from trustproof.aws.oidc_issuers import BUILT_IN_PROVIDERS
from trustproof.engine.caller_records import NAME_LENGTH, SEPARATOR
from trustproof.engine.generated_names import generated_name
from trustproof.engine.operands import fills_field, spellings
from trustproof.engine.request_space import RequestSpace
from trustproof.model.arn import is_account
from trustproof.model.policy import Principal
from trustproof.model.request import (
    ANONYMOUS,
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    SAML,
    SERVICE,
    USERS,
    WEB_IDENTITY,
)
from trustproof.model.text import GENERATED_NAME, Symbol, Symbolic, Text
from trustproof.sets.patterns import ANY_RUN, EVERYTHING, Pattern, Wildcard, exact, join

_NO_SEPARATOR = Wildcard(SEPARATOR, True, True)
_ROLES = (ROLE_SESSION, IDENTITY_CENTER)
_UNSIGNED = (SAML, WEB_IDENTITY, ANONYMOUS)


class Cover(NamedTuple):
    """
    Which callers of one kind an entry covers.

    `larger` and `smaller` differ where the entry is not fully known; `note` says why.
    """

    larger: tuple[Pattern, ...]
    smaller: tuple[Pattern, ...]
    note: str = ""


_NOBODY = Cover((), ())


def cover(principal: Principal, space: RequestSpace) -> Cover:
    """
    The callers of this request space's kind that an entry of a ``Principal`` element covers.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    kind = space.kind
    value = principal.value
    if principal.kind == "*" or (principal.kind == "AWS" and value == "*"):
        # That the bare "*" speaks of services and federated callers, and {"AWS": "*"} does not, is assumed.
        barred = () if principal.kind == "*" else (SAML, WEB_IDENTITY, SERVICE)
        return Cover((EVERYTHING,), (EVERYTHING,)) if kind not in barred else _NOBODY
    if isinstance(value, Symbolic):
        return _symbolic(principal, value, space)
    if principal.kind == "Service":
        return _just(value) if kind == SERVICE else _NOBODY
    if principal.kind == "Federated":
        return _just(value) if kind == _federated_kind(value) else _NOBODY
    if principal.kind == "AWS" and kind not in (SERVICE, *_UNSIGNED):
        patterns = _named(value, space)
        return Cover(patterns, patterns)
    return _NOBODY


def _just(value: str) -> Cover:
    pattern = exact(value + SEPARATOR)
    return Cover((pattern,), (pattern,))


def surely_spared(principal: Principal, space: RequestSpace) -> tuple[Pattern, ...]:
    """
    Whom an entry of ``NotPrincipal`` leaves out of an Allow in every reading.

    The manual advises to list account, role *and* session, so an entry alone may not be enough; ``*`` is.
    """
    everyone = principal.kind == "*" or (principal.kind == "AWS" and principal.value == "*")
    return cover(principal, space).smaller if everyone else ()


def _federated_kind(value: str) -> str:
    if ":saml-provider/" in value:
        return SAML
    if ":oidc-provider/" in value or value in BUILT_IN_PROVIDERS:
        return WEB_IDENTITY
    return ""


def _named(value: str, space: RequestSpace) -> tuple[Pattern, ...]:
    """Patterns for the entity, or all of the account, that an ``AWS`` entry names."""
    kind = space.kind
    if is_account(value):
        return _account(join("arn:", space.partition or Wildcard(":", True, True)), value, kind)
    fields = value.split(":", 5)
    if len(fields) == 6 and fields[3]:
        # No principal's ARN has a Region.
        return ()
    if len(fields) != 6 or fields[0] != "arn":
        # A unique id: AWS shows it in the place of a principal that was deleted.
        if value.startswith("AIDA") and kind in USERS:
            return (join(_NO_SEPARATOR, SEPARATOR + value),)
        if value.startswith("AROA") and kind in _ROLES:
            return (join(_NO_SEPARATOR, SEPARATOR + value + ":", ANY_RUN),)
        return ()
    partition, service, account, resource = fields[1], fields[2], fields[4], fields[5]
    if len(resource.rpartition("/")[2]) > NAME_LENGTH:
        # Nobody has such a name.
        return ()
    if service == "iam" and resource == "root":
        return _account(join(f"arn:{partition}"), account, kind)
    entity = resource.partition("/")[0]
    if service == "iam" and ((entity == "user" and kind in USERS) or (entity == "role" and kind in _ROLES)):
        return (join(value + SEPARATOR, ANY_RUN),)
    if service == "sts" and entity == "assumed-role" and kind in _ROLES:
        return _session(partition, account, resource)
    if service == "sts" and entity == "federated-user" and kind == FEDERATED_USER:
        return (exact(value + SEPARATOR),)
    return ()


def _account(head: Pattern, account: str, kind: str) -> tuple[Pattern, ...]:
    service = "sts" if kind == FEDERATED_USER else "iam"
    return (join(head, f":{service}::{account}:", ANY_RUN),)


def _session(partition: str, account: str, resource: str) -> tuple[Pattern, ...]:
    # assumed-role/NAME/SESSION leaves out the role's path.
    _, _, rest = resource.partition("/")
    name, _, session = rest.partition("/")
    if not session:
        return ()
    head = f"arn:{partition}:iam::{account}:role/"
    tail = join(name + SEPARATOR, Wildcard(SEPARATOR + ":", True, True), ":" + session)
    return (join(head, tail), join(head, _NO_SEPARATOR, "/", tail))


def _symbolic(principal: Principal, value: Symbolic, space: RequestSpace) -> Cover:
    if value.names_resource and (principal.kind == "AWS" or len(value.parts) == 1):
        # Nothing else is taken for a principal than an ARN, an account, a service's host, or the id of a user or role.
        return _NOBODY
    note = f"the principal {value} is not known before deployment"
    kind = space.kind
    options = spellings(value)
    if options != (value,):
        chosen = [cover(principal._replace(value=option), space).larger for option in options]
        larger = tuple(dict.fromkeys(pattern for patterns in chosen for pattern in patterns))
        return Cover(larger, (), note) if larger else _NOBODY
    if principal.kind == "Service":
        return Cover((join(_hole(value), SEPARATOR),) if kind == SERVICE else (), (), note if kind == SERVICE else "")
    if principal.kind == "Federated":
        known = _federated_kind(str(value))
        fits = kind in (SAML, WEB_IDENTITY) and (not known or known == kind)
        return Cover((join(_hole(value), SEPARATOR),) if fits else (), (), note if fits else "")
    if principal.kind != "AWS" or kind in (SERVICE, *_UNSIGNED):
        return _NOBODY
    larger = _symbolic_aws(value, space)
    return Cover(larger, (), note) if larger else _NOBODY


def _symbolic_aws(value: Symbolic, space: RequestSpace) -> tuple[Pattern, ...]:
    """Everybody whom an ``AWS`` entry with unknown parts may turn out to cover."""
    known = _beginning(value)
    if ":user/" in known and space.kind not in USERS:
        return ()
    if (":role/" in known or ":assumed-role/" in known) and space.kind not in _ROLES:
        return ()
    if ":federated-user/" in known and space.kind != FEDERATED_USER:
        return ()
    if ":user/" in known or ":role/" in known:
        return (join(_hole(value), SEPARATOR, ANY_RUN),)
    behind = known.split(":", 5)[5:]
    for entity, kinds in (("user", USERS), ("role", _ROLES)):
        if behind == [entity]:
            # A path that is not known begins with a slash.
            return (join(_hole(value), SEPARATOR, ANY_RUN),) if space.kind in kinds else ()
    last = value.parts[-1]
    first = value.parts[0]
    fields = first.split(":") if isinstance(first, str) else []
    if isinstance(first, str) and len(fields) >= 6 and fields[4] and not fields[5]:
        # arn:aws:iam::ACCOUNT:<unknown> stays inside the account, all of which it may be; that of a topic is nobody's.
        if fields[2] not in ("iam", "sts"):
            return ()
        return _account(join(f"arn:{fields[1]}"), fields[4], space.kind)
    if isinstance(first, str) and len(fields) >= 6 and fields[4] and fields[5].startswith("assumed-role/"):
        # Sessions of whichever role of the account.
        return (join(f"arn:{fields[1]}:iam::{fields[4]}:role/", ANY_RUN),)
    if isinstance(last, str) and last.startswith(":user/") and space.kind not in USERS:
        return ()
    if isinstance(last, str) and last.startswith(":role/") and space.kind not in _ROLES:
        return ()
    if isinstance(last, str) and last.startswith((":user/", ":role/")):
        return (join(_hole(value), SEPARATOR, ANY_RUN),)
    return (EVERYTHING,)


def _beginning(value: Symbolic) -> str:
    """A text up to the first unknown part that may hold a colon; those before, which fill a field, as ``<>``."""
    known = ""
    for index, part in enumerate(value.parts):
        if isinstance(part, Symbol) and not fills_field(value.parts, index):
            break
        known += part if isinstance(part, str) else "<>"
    return known


def _hole(value: Text) -> Pattern:
    if isinstance(value, str):
        return exact(value)
    return join(*(piece for index in range(len(value.parts)) for piece in _pieces(value.parts, index)))


def _pieces(parts: Sequence[str | Symbol], index: int) -> Pattern:
    """What a part of a principal may be; of a name that CloudFormation generates, what such names look like."""
    part = parts[index]
    if isinstance(part, str):
        return exact(part)
    if part.holds == GENERATED_NAME:
        return generated_name(part.name.rpartition("/")[2])
    return (Wildcard(SEPARATOR + ":", True, True) if fills_field(parts, index) else _NO_SEPARATOR,)
