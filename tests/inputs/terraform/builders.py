"""
Plans and states as Terraform writes them, of resources that a test lists.

Their form is that of Terraform 1.15 with the provider hashicorp/aws: what is unknown is no value and has a mark, the
configuration has the names of references, and a state has everything.
"""

from __future__ import annotations

import json
from typing import Any

from trustproof.inputs.terraform.values.instances import steps, without_keys

AWS = "registry.terraform.io/hashicorp/aws"
OWN, HUB, OTHER = "111122223333", "222222222222", "444455556666"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


class After:
    """
    A value that is known after the plan has been applied.

    Args:
        references: that it is made of, the longest first.
    """

    def __init__(self, *references: str) -> None:
        self.references = references


class Secret:
    """A value that is marked as sensitive."""

    def __init__(self, value: object) -> None:
        self.value = value


def policy(*statements: dict[str, Any]) -> str:
    """A policy as JSON text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(principal: Any = None, condition: dict[str, Any] | None = None) -> str:
    """A trust policy; one account may assume the role."""
    found: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{HUB}:root"} if principal is None else principal,
        "Action": "sts:AssumeRole",
    }
    return policy(found if condition is None else {**found, "Condition": condition})


def allow(*actions: str, **more: Any) -> dict[str, Any]:
    """A statement of an identity policy."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}


class Resource:
    """
    A resource or data source.

    Args:
        address: full, with keys.
        arguments: those that are set; an `After` is not known.
        computed: attributes that nobody sets: known where a value is given, else not.
        provider: the provider configuration.
        data: whether it is a data source.
    """

    def __init__(
        self,
        address: str,
        arguments: dict[str, Any],
        computed: dict[str, Any] | None = None,
        provider: str = "aws",
    ) -> None:
        self.address = address
        self.arguments = arguments
        self.computed = {"arn": After(), "id": After(), **(computed or {})}
        self.provider = provider
        *_, self.type, self.name = (step.partition("[")[0] for step in steps(address))
        self.is_data = "data" in steps(address)[:-2]

    @property
    def values(self) -> dict[str, Any]:
        """What is known."""
        return _known({**self.arguments, **self.computed})

    @property
    def unknown(self) -> dict[str, Any]:
        """The marks of what is not."""
        marks = {name: _unknown(value) for name, value in {**self.arguments, **self.computed}.items()}
        return {name: mark for name, mark in marks.items() if mark}

    @property
    def sensitive(self) -> dict[str, Any]:
        """The marks of what is never shown."""
        return {name: True for name, value in self.arguments.items() if isinstance(value, Secret)}

    @property
    def planned(self) -> dict[str, Any]:
        """As it stands among the planned values, or in a state."""
        return {
            "address": self.address,
            "mode": "data" if self.is_data else "managed",
            "type": self.type,
            "name": self.name,
            "provider_name": AWS if self.type.startswith("aws_") else "registry.terraform.io/hashicorp/awscc",
            "schema_version": 0,
            "values": self.values,
            "sensitive_values": self.sensitive,
        }

    @property
    def change(self) -> dict[str, Any]:
        """As it stands among the changes."""
        planned = self.planned
        del planned["values"], planned["sensitive_values"], planned["schema_version"]
        after = {"before": None, "after": self.values, "after_unknown": self.unknown, "after_sensitive": self.sensitive}
        return {**planned, "change": {"actions": ["create"], **after}}

    @property
    def configured(self) -> dict[str, Any]:
        """As it stands in the configuration."""
        address = without_keys(self.address)
        inner = address.split(".")
        while inner[0] == "module":
            inner = inner[2:]
        return {
            "address": ".".join(inner),
            "mode": "data" if self.is_data else "managed",
            "type": self.type,
            "name": self.name,
            "provider_config_key": self.provider,
            "expressions": {name: _expression(value) for name, value in self.arguments.items() if value is not None},
            "schema_version": 0,
        }


def _known(value: Any) -> Any:
    if isinstance(value, Secret):
        return value.value
    if isinstance(value, dict):
        return {key: _known(inner) for key, inner in value.items() if not isinstance(inner, After)}
    if isinstance(value, list):
        return [None if isinstance(item, After) else _known(item) for item in value]
    return value


def _unknown(value: Any) -> Any:
    if isinstance(value, After):
        return True
    if isinstance(value, dict):
        marks = {key: _unknown(inner) for key, inner in value.items()}
        return {key: mark for key, mark in marks.items() if mark}
    if isinstance(value, list):
        marked = [_unknown(item) for item in value]
        return [mark or False for mark in marked] if any(marked) else []
    return False


def _expression(value: Any) -> Any:
    if isinstance(value, After):
        return {"references": list(value.references)}
    if isinstance(value, Secret):
        return {"references": ["var.secret"]}
    if isinstance(value, list) and any(isinstance(item, After) for item in value):
        return {"references": [name for item in value if isinstance(item, After) for name in item.references]}
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return [{key: _expression(inner) for key, inner in item.items()} for item in value]
    return {"constant_value": value}


def plan(*resources: Resource, providers: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A first plan."""
    configurations = providers if providers is not None else {"aws": {"region": {"constant_value": "eu-west-1"}}}
    return {
        "format_version": "1.2",
        "terraform_version": "1.15.5",
        "planned_values": {"root_module": _modules([one for one in resources if not one.is_data], ())},
        "resource_changes": [one.change for one in resources if not one.is_data],
        "prior_state": {
            "format_version": "1.0",
            "values": {"root_module": _modules([one for one in resources if one.is_data], ())},
        },
        "configuration": {
            "provider_config": {
                key: {"name": "aws", "full_name": AWS, "expressions": found} for key, found in configurations.items()
            },
            "root_module": _configuration(resources),
        },
        "timestamp": "2026-01-01T00:00:00Z",
        "applyable": True,
        "complete": True,
        "errored": False,
        **more,
    }


def state(*resources: Resource) -> dict[str, Any]:
    """A state as ``terraform show -json`` writes it."""
    return {
        "format_version": "1.0",
        "terraform_version": "1.15.5",
        "values": {"root_module": _modules(list(resources), ())},
    }


def raw_state(*resources: Resource) -> dict[str, Any]:
    """A state as Terraform keeps it."""
    found: dict[str, dict[str, Any]] = {}
    for one in resources:
        inner = steps(without_keys(one.address))
        module = ".".join(inner[: -3 if one.is_data else -2])
        source, _, alias = one.provider.partition(".")
        provider = f'provider["{AWS.rpartition("/")[0]}/{source}"]' + (f".{alias}" if alias else "")
        entry = found.setdefault(
            without_keys(one.address),
            {"mode": "data" if one.is_data else "managed", "type": one.type, "name": one.name, "provider": provider}
            | ({"module": module} if module else {})
            | {"instances": []},
        )
        key = one.address.rpartition("[")[2].removesuffix("]") if one.address.endswith("]") else None
        index = {} if key is None else {"index_key": json.loads(key)}
        hidden = [[{"type": "get_attr", "value": name}] for name in one.sensitive]
        entry["instances"].append(
            {**index, "schema_version": 0, "attributes": one.values, "sensitive_attributes": hidden}
        )
    return {
        "version": 4,
        "terraform_version": "1.15.5",
        "serial": 1,
        "lineage": "00000000-0000-0000-0000-000000000000",
        "outputs": {},
        "resources": list(found.values()),
    }


def _modules(resources: list[Resource], module: tuple[str, ...]) -> dict[str, Any]:
    """Resources by their modules."""
    depth = len(module)
    own, inner = [], {}
    for one in resources:
        path = steps(one.address)
        if path[depth] == "module":
            inner.setdefault((*module, *path[depth : depth + 2]), []).append(one)
        else:
            own.append(one.planned)
    found: dict[str, Any] = {"resources": own} if own else {}
    if inner:
        found["child_modules"] = [{"address": ".".join(key), **_modules(listed, key)} for key, listed in inner.items()]
    return found


def _configuration(resources: tuple[Resource, ...]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for one in resources:
        here = root
        path = without_keys(one.address).split(".")
        while path[0] == "module":
            here = here.setdefault("module_calls", {}).setdefault(path[1], {}).setdefault("module", {})
            path = path[2:]
        listed = here.setdefault("resources", [])
        if one.configured not in listed:
            listed.append(one.configured)
    return root
