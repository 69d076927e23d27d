"""
What keeps a statement from being used by its words alone: a principal under the name of another kind, an action that is
none, a resource without ARN, what leaves out everything.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from trustproof.aws.action_resources import is_published
from trustproof.aws.oidc_issuers import BUILT_IN_PROVIDERS
from trustproof.aws.operation_names import ACTION_OF_OPERATION
from trustproof.model.arn import is_account
from trustproof.model.document import IDENTITY
from trustproof.model.policy import Principal, Statement
from trustproof.model.text import Symbolic, Text

_FIELDS = 6
_HOST = re.compile(r"[^:]*\.amazonaws\.com(\.cn)?")
#: What names are written with that stand where an account or an ARN is to, and ids that look so.
_NAME = re.compile(r"[A-Za-z][\w+=,.@/-]*", re.ASCII)
_ID = re.compile(r"A[A-Z0-9]{3}|[0-9a-f]{64}$")
#: What the names of actions are written with, and the wildcards of a policy.
_ACTION = re.compile(r"[A-Za-z0-9*?-]+:[A-Za-z0-9*?-]+", re.ASCII)
_OF_OPERATIONS = {operation.lower(): action for operation, action in ACTION_OF_OPERATION.items()}
_NO_PROVIDER = (":role/", ":user/", ":root", ":assumed-role/")


class Refused(NamedTuple):
    """
    An element of a statement that keeps it from being used.
    """

    element: str
    #: What is wrong, as a sentence.
    why: str
    #: What to write instead.
    instead: str
    #: What is said where it stands.
    label: str = "AWS takes this in no policy"


@lru_cache(maxsize=2048)
def refused_elements(document_kind: str, statement: Statement) -> tuple[Refused, ...]:
    """
    What of a statement AWS refuses, or takes for nothing; empty where that is not certain.

    Args:
        document_kind: that of the policy.
    """
    found = [one for entry in statement.principals or () if (one := _of_principal(entry)) is not None]
    found += _of_names(statement)
    found += _of_actions(statement)
    for element, left_out in (("NotAction", statement.not_actions), ("NotResource", statement.not_resources)):
        if "*" in (left_out or ()):
            why = f"{element} * leaves nothing that the statement could be about"
            found.append(Refused(element, why, f"write {element[3:]}, or remove the statement", "this leaves nothing"))
    if document_kind == IDENTITY:
        found += (one for text in statement.resources or () if (one := _of_resource(text)) is not None)
    return tuple(found)


def _of_principal(entry: Principal) -> Refused | None:
    value = entry.value
    begins, ends = _ends(value)
    shown = f"{entry.kind}: {value}"
    is_host = not begins.startswith("arn:") and _HOST.fullmatch(ends) is not None
    if entry.kind == "Service":
        if begins.startswith("arn:") or (isinstance(value, str) and is_account(value)):
            why = f"AWS refuses {shown}: a service is named by its host, as lambda.amazonaws.com"
            return Refused("Principal", why, "name an ARN or an account under AWS, and a service by its host")
        if isinstance(value, str) and value.isalpha():
            why = f"AWS refuses {shown}: a service is named by its host, as {value.lower()}.amazonaws.com"
            return Refused("Principal", why, "name the service by its host")
    if entry.kind == "AWS" and is_host:
        why = f"AWS refuses {shown}: a name is no principal of AWS, and the host of a service stands under Service"
        return Refused("Principal", why, "name the service under Service")
    if entry.kind == "Federated":
        is_other = begins.startswith("arn:") and any(kind in _written(value) for kind in _NO_PROVIDER)
        is_service = isinstance(value, str) and is_host and value not in BUILT_IN_PROVIDERS
        if is_other or is_service or (isinstance(value, str) and is_account(value)):
            why = f"AWS refuses {shown}: Federated names a provider of identities, by its ARN or its host"
            return Refused("Principal", why, "name roles, users and accounts under AWS, and services under Service")
    return None


def _of_names(statement: Statement) -> Iterator[Refused]:
    """Names beside other principals; what has no other principals nobody can use, and is told by these."""
    entries = statement.principals or ()
    for entry in entries if len(entries) > 1 else ():
        value = entry.value
        if entry.kind != "AWS" or not isinstance(value, str) or _ID.match(value) or _HOST.fullmatch(value):
            continue
        if _NAME.fullmatch(value):
            why = f"AWS refuses AWS: {value}: a name is no principal"
            yield Refused("Principal", why, "name an account by its id, and a user or role by its ARN")


def _ends(value: Text) -> tuple[str, str]:
    """What a text is known to begin and to end with."""
    if isinstance(value, str):
        return value, value
    first, last = value.parts[0], value.parts[-1]
    return first if isinstance(first, str) else "", last if isinstance(last, str) else ""


def _written(value: Text) -> str:
    """What is known of a text; what stands for the rest has a name, in which anything may be written."""
    return value if isinstance(value, str) else "<>".join(one for one in value.parts if isinstance(one, str))


def _of_actions(statement: Statement) -> Iterator[Refused]:
    """An action without service is refused; others that are none do no harm beside one that is."""
    known = [action for action in statement.actions or () if isinstance(action, str)]
    for action in known:
        if ":" not in action and action != "*" and "$" not in action:
            why = f'AWS refuses the action "{action}": it names no service, as s3:GetObject does'
            yield Refused("Action", why, "write the service and a colon before the name of the action")
            return
    if not known or len(known) != len(statement.actions or ()):
        return
    faults = list(map(_fault, known))
    if all(faults):
        yield from (Refused("Action", fault, "name an action of AWS", "this is no action of AWS") for fault in faults)


def _fault(action: str) -> str:
    """Why no action is meant by a text; empty where one may be."""
    if "$" in action or action == "*":
        return ""
    if _ACTION.fullmatch(action) is None:
        return f'no action of AWS is called "{action}": their names are made of letters and digits'
    needed = None if is_published(action) else _OF_OPERATIONS.get(action.lower())
    return "" if needed is None else f"{action} is an operation and no action: who calls it needs {needed}"


def _of_resource(text: Text) -> Refused | None:
    """AWS takes ``*`` and what begins like an ARN."""
    begins, _ = _ends(text)
    if isinstance(text, Symbolic):
        if not text.names_resource and not (begins and _is_no_arn(begins, is_whole=False)):
            return None
        named = text.symbols[0].name
        why = f"AWS refuses the resource {text}: a name, an id or a URL is no ARN"
        return Refused("Resource", why, f"name {named} by its ARN")
    if "$" in text:
        return None
    fields = text.count(":") + 1
    if text.startswith("arn:") and fields < _FIELDS and not set(text) & set("*?"):
        return Refused("Resource", f"{text} is no ARN: it has {fields} fields of {_FIELDS}", "name it by its ARN")
    if not _is_no_arn(text, is_whole=True):
        return None
    return Refused("Resource", f'AWS refuses the resource "{text}": it is neither an ARN nor *', "name it by its ARN")


def _is_no_arn(text: str, *, is_whole: bool) -> bool:
    head = text[:4]
    if set(head) & set("*?$"):
        return False
    return not ("arn:".startswith(head) if len(head) < 4 and not is_whole else head == "arn:")
