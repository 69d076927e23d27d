"""
Operands of a form that no value of the key has, in words.
"""

from __future__ import annotations

from collections.abc import Callable

from trustproof.model.arn import is_account
from trustproof.model.policy import Condition, Path
from trustproof.properties.question import Finding
from trustproof.results.result import Remedy

_CHARACTERS = "letters, digits and _+=,.@-"
#: How remedies begin for a value that is no value of its key, or of nobody who is meant.
WRITE_IT, CORRECT_IT = "write a value", "correct the value"
#: What may be done besides, where nobody says which key is meant.
ANOTHER_KEY = ", or test a key that tells these callers apart instead of"
#: Shapes of parameters of AWS STS to the form of their values:
#: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_PARAMETERS = {
    "external-id": "an external id has 2 to 1,224 characters, all of them letters, digits and _+=,.@:/-",
    "session-name": f"the name of a session has 2 to 64 characters, all of them {_CHARACTERS}",
    "source-identity": (
        f"a source identity has 2 to 64 characters, all of them {_CHARACTERS}, and does not begin with aws:"
    ),
}
#: Shapes of ids to their form, and to what tells one.
#: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
_IDS: dict[str, tuple[str, Callable[[str], bool]]] = {
    "account": ("the id of an account has 12 digits", is_account),
    "organization": ("the id of an organization begins with o-", lambda value: value.startswith("o-")),
}


def of_wrong_form(condition: Condition, label: str, message: str, path: Path, shape: str) -> Finding | None:
    """
    A condition whose operands have a form that no value of its key has; None where their form is not what is wrong.

    Args:
        label: the condition in words.
        shape: of the values of the key, as `trustproof.aws.condition_keys.Key` names it.
    """
    values = [value for value in condition.operands if isinstance(value, str)]
    if not values or len(values) < len(condition.operands) or any("${" in value for value in values):
        return None
    if condition.key.lower() == "aws:principalarn":
        return _principal(values, message, path)
    if shape in _PARAMETERS:
        form = _PARAMETERS[shape]
        remedy = f"{WRITE_IT} of this form, and agree on it with whoever calls"
    elif shape in _IDS and not any(set(value) & set("*?$") or _IDS[shape][1](value) for value in values):
        form = _IDS[shape][0]
        # A number loses the zeros that it begins with, and an organization has none.
        remedy = "write the id out, in quotes" if shape == "account" else "write the id out, o- and what follows it"
    else:
        return None
    why = f"{form}; none is empty" if not any(values) else f"{form}; none meets {label}"
    return Finding(message, "no value has this form", path, (why,), Remedy(remedy))


def _principal(values: list[str], message: str, path: Path) -> Finding | None:
    """
    ARNs that ``aws:PrincipalArn`` never is: of a session it is the ARN of the role.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
    """
    fields = [value.split(":", 5) for value in values]
    if not all(len(one) == len(("arn", "partition", "service", "region", "account", "resource")) for one in fields):
        return None
    if all(one[2] == "sts" and one[5].startswith("assumed-role/") for one in fields):
        roles = dict.fromkeys(f"{one[0]}:{one[1]}:iam::{one[4]}:role/{one[5].split('/')[1]}" for one in fields)
        return Finding(
            message,
            "the ARN of a session is never in this key",
            path,
            ("aws:PrincipalArn of a session is the ARN of its role, with the path, and without the session's name",),
            Remedy(f"name the role: {' and '.join(roles)}, with its path where it has one"),
        )
    if all(one[2] == "iam" and one[5] == "root" for one in fields):
        accounts = dict.fromkeys(one[4] for one in fields)
        return Finding(
            message,
            "this is the root user alone",
            path,
            ("aws:PrincipalArn is the ARN of who calls, and :root is the root user, not each user and role",),
            Remedy(f"if the account is meant, test aws:PrincipalAccount: {' and '.join(accounts)}"),
        )
    return None
