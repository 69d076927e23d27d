"""
Whether Terraform makes one resource after another one: it does where the first refers to the second, through others
too, or waits for it by ``depends_on``.

A plan names references. It does not say what a local, a module or a variable of a module is made of, which may be
anything.

https://developer.hashicorp.com/terraform/internals/graph
"""

from __future__ import annotations

from trustproof.inputs.terraform.snapshots.snapshot import Snapshot
from trustproof.inputs.terraform.values.instances import Instance, without_keys

#: How references begin of which a plan does not say what they are made of.
_OPEN = ("local.", "module.", "each.", "count.", "self.")
_VARIABLE, _DATA = "var.", "data."


def comes_whenever(snapshot: Snapshot, instance: Instance, argument: str, other: Instance) -> bool:
    """
    Whether an instance may be made or changed before, while and after another one is replaced, as far as is known: it
    writes out what that is called, and waits for it by nothing else.

    Args:
        argument: by which it names the other one.
    """
    block = without_keys(instance.address)
    is_written_out = snapshot.references.get((block, argument)) == ()
    return is_written_out and not _may_wait(snapshot, block, without_keys(other.address), set())


def _may_wait(snapshot: Snapshot, block: str, other: str, seen: set[str]) -> bool:
    """
    Whether a block may come after another one.

    Args:
        seen: the blocks that were looked at; it receives this one.
    """
    seen.add(block)
    *modules, _, _ = block.removeprefix(_DATA).replace(f".{_DATA}", ".").split(".")
    for name in snapshot.waits_for(block):
        if name.startswith(_OPEN) or (modules and name.startswith(_VARIABLE)):
            return True
        steps = without_keys(name).split(".")
        found = ".".join((*modules, *steps[: 3 if name.startswith(_DATA) else 2]))
        if found == other or (found not in seen and _may_wait(snapshot, found, other, seen)):
            return True
    return False
