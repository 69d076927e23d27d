"""
Whether Terraform makes one resource after another one: it does where the first refers to the second, through others
too, or waits for it by ``depends_on``.

A plan names references, also of what repeats a block or a module. It does not say what a local is made of, which may
be a constant: nothing waits by one.

https://developer.hashicorp.com/terraform/internals/graph
"""

from __future__ import annotations

from trustproof.inputs.terraform.snapshots.snapshot import Snapshot
from trustproof.inputs.terraform.values.instances import Instance, without_keys


def comes_whenever(snapshot: Snapshot, instance: Instance, other: Instance) -> bool:
    """
    Whether an instance may be made or changed before, while and after another one is replaced, as far as is known: it
    waits for that by nothing.
    """
    goal = without_keys(other.address)
    found: set[str] = set()
    waiting = [without_keys(instance.address)]
    while waiting:
        for name in snapshot.waits_for(waiting.pop()):
            if goal == name or goal.startswith(f"{name}."):
                return False
            if name not in found:
                found.add(name)
                waiting.append(name)
    return True
