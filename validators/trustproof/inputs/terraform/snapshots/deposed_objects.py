"""
Deposed objects: what was replaced, and could not be deleted, and so is still in AWS beside the new one.

https://developer.hashicorp.com/terraform/internals/json-format#change-representation
"""

from __future__ import annotations

from trustproof.inputs.terraform.values.conditions import Condition, Undecided

#: What is put behind the address of one.
DEPOSED = " (deposed object "


def instance_name(address: str, key: object) -> str:
    """
    What to call an instance.

    Args:
        key: of the deposed object that it is; empty, or no text, where it is none.
    """
    return f"{address}{DEPOSED}{key})" if isinstance(key, str) and key else address


def still_there(address: str) -> Condition | None:
    """
    What must hold for an instance to be there: what is to be deleted may be gone when somebody asks, and excuses
    nothing.

    Args:
        address: as it is `called`.
    """
    return Undecided(f"{address} is still there", is_expression=False) if DEPOSED in address else None
