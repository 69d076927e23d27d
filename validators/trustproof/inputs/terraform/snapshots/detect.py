"""
Which of Terraform's JSON files a content is.

https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from trustproof.errors import InputError

PLAN, STATE, RAW_STATE = "plan", "state", "raw state"

_SHOW = "give what terraform show -json writes of a plan file or a state"
#: By keys that they have: what else Terraform, OpenTofu and HCP Terraform write, and what to give instead.
#: https://developer.hashicorp.com/terraform/cloud-docs/api-docs/plans
#: https://developer.hashicorp.com/terraform/internals/machine-readable-ui
#: https://opentofu.org/docs/language/state/encryption/
_OTHERS = (
    (("plan_format_version",), f"a redacted plan of HCP Terraform, which says less than its json-output: {_SHOW}"),
    (("@level", "@message"), f"a message of terraform plan -json: {_SHOW}"),
    (("encrypted_data", "encryption_version"), "encrypted by OpenTofu: give what tofu show -json writes, in the clear"),
    (("format_version", "provider_schemas"), f"schemas of providers: {_SHOW}"),
    (("format_version", "diagnostics"), f"the output of terraform validate: {_SHOW}"),
)
_VERSION = re.compile(r"[01]\.[0-9]+")
#: The first lines of what they write that is no JSON as a whole.
_LINES = '{"@level":'


def kind_of(content: object) -> str:
    """`PLAN`, `STATE` (as ``terraform show -json`` writes it), `RAW_STATE` (``terraform.tfstate``), or nothing."""
    if not isinstance(content, Mapping):
        return ""
    if "format_version" in content:
        if any(key in content for key in ("planned_values", "resource_changes", "planned_output_changes")):
            return PLAN
        return STATE if "values" in content or "terraform_version" in content or _is_empty(content) else ""
    # Terraform reads one without the keys that only tell states from each other; of older ones it is said how.
    said = any(key in content for key in ("lineage", "serial", "resources", "modules"))
    is_raw = "version" in content and said and ("terraform_version" in content or _has_instances(content))
    return RAW_STATE if is_raw else ""


def _is_empty(content: Mapping[object, object]) -> bool:
    """Whether a content is what ``terraform show -json`` writes where there is no state."""
    version = content["format_version"]
    return len(content) == 1 and isinstance(version, str) and _VERSION.fullmatch(version) is not None


def _has_instances(content: Mapping[object, object]) -> bool:
    """Whether a content has a list of resources as a state lists them, or modules as an older one does."""
    found = content.get("resources") or content.get("modules")
    keys = ("instances", "resources")
    return isinstance(found, list) and any(isinstance(one, Mapping) and any(k in one for k in keys) for one in found)


def refusal(content: object, name: str = "") -> str:
    """
    What a file is that Terraform writes or reads, and that is not read here: a clause; empty for other files.

    Args:
        name: of the file.
    """
    if why := values_refusal(name):
        return why
    found = content if isinstance(content, Mapping) else {}
    return next((what for keys, what in _OTHERS if all(key in found for key in keys)), "")


def values_refusal(name: str) -> str:
    """Why a file with values of variables, which no configuration has read, is not read: a clause; empty for others."""
    if name.endswith((".tfvars", ".tfvars.json")):
        return "values of variables, which no configuration that is checked reads: name them with --var-file"
    return ""


def refusal_of_text(text: str) -> str:
    """The same for a text that is no JSON as a whole."""
    return _OTHERS[1][1].replace("a message", "messages") if text.startswith(_LINES) else ""


def resembles(text: str) -> bool:
    """Whether a text that cannot be parsed looks like one of them."""
    return '"terraform_version"' in text and ('"format_version"' in text or '"lineage"' in text)


def check_version(content: Mapping[str, object], file: str) -> None:
    """
    See that a file has a version that is read here.

    Raises:
        InputError: it has another one.
    """
    if "format_version" in content:
        version = content["format_version"]
        if not isinstance(version, str) or version.partition(".")[0] not in ("0", "1"):
            raise InputError(f"the format_version is {shown(version)}, expected one of 0.x and 1.x", file)
    elif content.get("version") != 4:
        expected = "expected 4: run terraform show -json, which reads older ones"
        raise InputError(f"the version of the state is {shown(content.get('version'))}, {expected}", file)


def object_of(value: object, what: str, file: str) -> Mapping[str, object]:
    """
    An object of the file; an empty one where there is none.

    Raises:
        InputError: there is something else.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InputError(f"{what} is {shown(value)}, expected an object", file)
    return value


def list_of_objects(value: object, what: str, file: str) -> list[Mapping[str, object]]:
    """
    A list of objects of the file; an empty one where there is none.

    Raises:
        InputError: there is something else.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise InputError(f"{what} is {shown(value)}, expected a list", file)
    return [object_of(item, f"an item of {what}", file) if item is not None else {} for item in value]


def text(value: object, what: str, file: str) -> str:
    """
    A text of the file.

    Raises:
        InputError: there is something else, or nothing.
    """
    if not isinstance(value, str):
        raise InputError(f"{what} is {shown(value)}, expected text", file)
    return value


def shown(value: object) -> str:
    """What a value of the file is, in a message."""
    if value is None:
        return "missing"
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 40 else f'"{value[:37]}..."'
    kinds: dict[type, str] = {dict: "an object", list: "a list", bool: "a truth value", int: "a number"}
    return f"{value}" if isinstance(value, int) and not isinstance(value, bool) else kinds.get(type(value), "a number")
