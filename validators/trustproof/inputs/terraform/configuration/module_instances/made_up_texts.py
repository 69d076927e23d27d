"""
Texts that a provider makes up, and whether one may have a wildcard.

https://registry.terraform.io/providers/hashicorp/random/latest/docs/resources/password
"""

from __future__ import annotations

from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.values import Known, Value

#: What makes texts of characters, by default of all that there are: special ones are ``!@#$%&*()-_=+[]{}<>:?``.
_TEXTS = ("random_password", "random_string")
#: What makes them of what has no wildcard, and puts this in between.
_PARTS = {"random_id": ("prefix",), "random_pet": ("prefix", "separator")}
#: The data source of a text of all characters: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html
_OF_AWS = "aws_secretsmanager_random_password"
MADE_UP = frozenset((*_TEXTS, *_PARTS, _OF_AWS))
_WILDCARDS = frozenset("*?")


def may_have_wildcard(instance: Instance) -> bool:
    """
    Whether a text that is made up may have a wildcard.

    Args:
        instance: of one of the types in `MADE_UP`.
    """
    values = instance.values
    if instance.type in _PARTS:
        return any(not _WILDCARDS.isdisjoint(repr(values.get(one))) for one in _PARTS[instance.type])
    if instance.type == _OF_AWS:
        left_out = _text(values.get("exclude_characters"))
        return not (_is(values.get("exclude_punctuation"), True) or set(left_out) >= _WILDCARDS)
    # So many special characters as are demanded are there, whatever `special` says.
    at_least = values.get("min_special")
    if _is(values.get("special"), False) and (at_least is None or _is(at_least, None) or _is(at_least, 0)):
        return False
    chosen = _text(values.get("override_special"))
    return not chosen or not _WILDCARDS.isdisjoint(chosen)


def _is(value: Value | None, wanted: object) -> bool:
    return isinstance(value, Known) and value.value == wanted and type(value.value) is not str


def _text(value: Value | None) -> str:
    return value.value if isinstance(value, Known) and isinstance(value.value, str) else ""
