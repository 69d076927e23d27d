"""
ARNs of the roles that a data source finds in an account: what is made of the list is known to be of such roles.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.inputs.terraform.snapshots.data_sources import is_of_roles
from trustproof.inputs.terraform.values.values import Attribute, Known, Value

#: Functions of one list that have its items, in order: a set of texts is sorted where it becomes a list.
_SAME_ITEMS = frozenset(("distinct", "flatten", "sort", "tolist", "toset"))


def made_of_roles(function: str, arguments: Sequence[Value]) -> Attribute | None:
    """What a function makes of the list of all, or of one of them; None for anything else."""
    match function, *arguments:
        case str(), Attribute() as roles if is_of_roles(roles) and function in _SAME_ITEMS:
            return roles
        case "one", Attribute() as roles if is_of_roles(roles):
            return _one(roles, 0)
        case "element", Attribute() as roles, Known(value=int() as at) if is_of_roles(roles) and at >= 0:
            return _one(roles, at)
    return None


def _one(roles: Attribute, at: int) -> Attribute:
    return Attribute(roles.address, f"{roles.name}[{at}]", roles.place, roles.sensitive)
