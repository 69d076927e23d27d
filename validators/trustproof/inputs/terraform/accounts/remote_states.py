"""
States that others read: which of their outputs a data source reads, and what tells two states apart.

https://developer.hashicorp.com/terraform/language/state/remote-state-data
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from trustproof.inputs.terraform.values.values import Fields, Known, Value, is_sensitive
from trustproof.model.stored_values import NOT_KNOWN, output_of_state

TYPE = "terraform_remote_state"
#: The data source of the outputs of a workspace of HCP Terraform:
#: https://registry.terraform.io/providers/hashicorp/tfe/latest/docs/data-sources/outputs
OF_WORKSPACE = "tfe_outputs"
#: The attributes that have the outputs, by the data source.
_OUTPUTS = {TYPE: ("outputs",), OF_WORKSPACE: ("values", "nonsensitive_values")}
#: The kinds of backends to the arguments that say which state it is: where they are the same, it is the same one.
#: https://developer.hashicorp.com/terraform/language/backend
WHICH = {
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


def outputs_read(data: Mapping[str, Value], address: str, name: str, behind: str) -> dict[str, bool]:
    """
    Under which names the outputs are kept that a value is made of, each with whether the value is the whole of it.

    Args:
        data: what the data source is given.
        address: of it, as the name or what is behind that has it.
        name: of the value.
        behind: what that is made of.
    """
    type_ = OF_WORKSPACE if f"data.{OF_WORKSPACE}." in address else TYPE
    if type_ == OF_WORKSPACE:
        # Its provider says the host.
        kind, named = "remote", [data.get(one) for one in ("organization", "workspace")]
        which = (NOT_KNOWN, *(NOT_KNOWN if one is None else backend_text(one, "") for one in named))
    else:
        kind, which = _backend_read(data)
    start = rf"{re.escape(address)}\.(?:{'|'.join(_OUTPUTS[type_])})"
    whole = re.fullmatch(rf"{start}\.([\w-]+)", name)
    outputs = [whole[1]] if whole else re.findall(rf"{start}(?:\.|\[\")([\w-]+)", f"{name}\n{behind}") or [NOT_KNOWN]
    return {output_of_state(one, kind, which): whole is not None for one in outputs}


def _backend_read(data: Mapping[str, Value]) -> tuple[str, tuple[str, ...]]:
    """The kind of backend that is read, and which of that kind."""
    backend = data.get("backend")
    kind = str(backend.value) if isinstance(backend, Known) else NOT_KNOWN
    config, workspace = data.get("config"), data.get("workspace")
    which = tuple(backend_text(_inside(config, one), one) for one in WHICH.get(kind, ()))
    is_default = workspace is None or (isinstance(workspace, Known) and workspace.value == _DEFAULT_WORKSPACE)
    if not isinstance(config, Fields) or not is_default or not which:
        which = (NOT_KNOWN,)
    return kind, which


def _inside(config: Value | None, name: str) -> Value | None:
    for step in name.split("."):
        config = config.by_key.get(step) if isinstance(config, Fields) else None
    return config


def backend_text(value: Value | None, name: str) -> str:
    """A text of a backend; what is not said there may be said elsewhere: by `-backend-config`, or the environment."""
    if isinstance(value, Known) and isinstance(value.value, str) and not is_sensitive(value):
        return value.value
    return _DEFAULTS.get(name, NOT_KNOWN) if value is None else NOT_KNOWN
