"""
What a configuration keeps in its state for others: its outputs.

https://developer.hashicorp.com/terraform/language/state/remote-state-data
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.terraform.accounts.remote_states import WHICH, backend_text
from trustproof.inputs.terraform.configuration.module_instances.module_instance import ModuleInstance
from trustproof.inputs.terraform.configuration.module_instances.value_origins import made_of
from trustproof.inputs.terraform.configuration.modules.lifecycle import is_kept
from trustproof.inputs.terraform.configuration.values.work import Fault
from trustproof.inputs.terraform.values.values import Known, is_sensitive
from trustproof.model.stored_values import NOT_KNOWN, StoredValue, output_of_state


def kept_outputs(root: ModuleInstance) -> Iterator[tuple[str, StoredValue]]:
    """The outputs of a configuration, each by the name under which others read it; none of a sensitive one is shown."""
    backend = _backend(root)
    for name, block in root.module.outputs.items():
        is_hidden = block.body.argument("sensitive") is not None
        try:
            value = root.output(name)
            said, known = repr(value), value.value if isinstance(value, Known) else None
            is_hidden = is_hidden or is_sensitive(value)
        except (Fault, RecursionError):
            said, known = f"output.{name}", None
        is_told = isinstance(known, str) and not is_hidden
        behind = f"{said} {made_of(root, said)}".strip()
        kept = StoredValue(str(known) if is_told else None, behind, is_set_by_others=is_kept(behind))
        yield output_of_state(name, *backend), kept


def _backend(root: ModuleInstance) -> tuple[str, tuple[str, ...]]:
    """What keeps the state of a configuration: its kind, and which one it is. A file that is not here may say it."""
    for settings in root.module.settings:
        for block in settings.body.blocks("backend", "cloud"):
            kind = block.labels[0] if block.labels else "remote"
            found = []
            for name in WHICH.get(kind, ()):
                outer, _, inner = name.rpartition(".")
                bodies = [one.body for one in block.body.blocks(outer)] if outer else [block.body]
                argument = bodies[0].argument(inner) if bodies else None
                try:
                    value = None if argument is None else root.evaluator.value(argument.expression, {})
                except (Fault, RecursionError):
                    value = None
                found.append(backend_text(value, name))
            return kind, tuple(found) or (NOT_KNOWN,)
    return NOT_KNOWN, (NOT_KNOWN,)
