"""
What a configuration keeps in its state for others: its outputs, and which of them a data source reads there.

https://developer.hashicorp.com/terraform/language/state/remote-state-data
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trustproof.inputs.terraform.configuration.module_instance import ModuleInstance
from trustproof.inputs.terraform.configuration.value_origins import made_of
from trustproof.inputs.terraform.configuration.work import Fault
from trustproof.inputs.terraform.instances import Instance
from trustproof.inputs.terraform.values import Fields, Known, Value, is_sensitive
from trustproof.model.stored_values import NOT_KNOWN, StoredValue, output_of_state

TYPE = "terraform_remote_state"
#: The kinds of backends to the arguments that say which state it is: where they are the same, it is the same one.
#: https://developer.hashicorp.com/terraform/language/backend
_WHICH = {
    "azurerm": ("storage_account_name", "container_name", "key"),
    "consul": ("path",),
    "cos": ("bucket", "prefix", "key"),
    "gcs": ("bucket", "prefix"),
    "http": ("address",),
    "kubernetes": ("secret_suffix", "namespace"),
    "oss": ("bucket", "prefix", "key"),
    "pg": ("conn_str", "schema_name"),
    "remote": ("hostname", "organization", "workspaces.name"),
    "s3": ("bucket", "key"),
}
#: What is meant where nothing is said: https://developer.hashicorp.com/terraform/language/backend/remote
_DEFAULTS = {"hostname": "app.terraform.io"}
_DEFAULT_WORKSPACE = "default"


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
        kept = StoredValue(str(known) if is_told else None, f"{said} {made_of(root, said)}".strip())
        yield output_of_state(name, *backend), kept


def outputs_read(data: Instance, address: str, name: str, behind: str) -> dict[str, bool]:
    """
    Under which names the outputs are kept that a value is made of, each with whether the value is the whole of it.

    Args:
        data: the data source.
        address: of it, as the name has it.
        name: of the value.
        behind: what that is made of.
    """
    backend = data.values.get("backend")
    kind = str(backend.value) if isinstance(backend, Known) else NOT_KNOWN
    config, workspace = data.values.get("config"), data.values.get("workspace")
    which = tuple(_text(_inside(config, one), one) for one in _WHICH.get(kind, ()))
    is_default = workspace is None or (isinstance(workspace, Known) and workspace.value == _DEFAULT_WORKSPACE)
    if not isinstance(config, Fields) or not is_default or not which:
        which = (NOT_KNOWN,)
    start = rf"{re.escape(address)}\.outputs"
    whole = re.fullmatch(rf"{start}\.([\w-]+)", name)
    outputs = [whole[1]] if whole else re.findall(rf"{start}(?:\.|\[\")([\w-]+)", f"{name}\n{behind}") or [NOT_KNOWN]
    return {output_of_state(one, kind, which): whole is not None for one in outputs}


def _backend(root: ModuleInstance) -> tuple[str, tuple[str, ...]]:
    """What keeps the state of a configuration: its kind, and which one it is. A file that is not here may say it."""
    for settings in root.module.settings:
        for block in settings.body.blocks("backend", "cloud"):
            kind = block.labels[0] if block.labels else "remote"
            found = []
            for name in _WHICH.get(kind, ()):
                outer, _, inner = name.rpartition(".")
                bodies = [one.body for one in block.body.blocks(outer)] if outer else [block.body]
                argument = bodies[0].argument(inner) if bodies else None
                try:
                    value = None if argument is None else root.evaluator.value(argument.expression, {})
                except (Fault, RecursionError):
                    value = None
                found.append(_text(value, name))
            return kind, tuple(found) or (NOT_KNOWN,)
    return NOT_KNOWN, (NOT_KNOWN,)


def _inside(config: Value | None, name: str) -> Value | None:
    for step in name.split("."):
        config = config.by_key.get(step) if isinstance(config, Fields) else None
    return config


def _text(value: Value | None, name: str) -> str:
    """A text of a backend; what is not said there may be said elsewhere: by `-backend-config`, or the environment."""
    if isinstance(value, Known) and isinstance(value.value, str) and not is_sensitive(value):
        return value.value
    return _DEFAULTS.get(name, NOT_KNOWN) if value is None else NOT_KNOWN
