"""
What modules call providers: what counts is the source of a provider, and not the name that a module has for it.

https://developer.hashicorp.com/terraform/language/providers/requirements#local-names
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform.builders import AWS, HUB, OTHER, Resource, plan, trust
from trustproof.results.report import Report

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")


def required(**sources: str) -> str:
    """A block that says what a module calls providers."""
    lines = "".join(f'    {name} = {{\n      source = "{source}"\n    }}\n' for name, source in sources.items())
    return f"terraform {{\n  required_providers {{\n{lines}  }}\n}}\n"


def provider(name: str, account: str = HUB, more: str = "") -> str:
    return f'provider "{name}" {{\n  allowed_account_ids = ["{account}"]\n{more}}}\n'


def role(provider_: str = "") -> str:
    line = f"  provider = {provider_}\n" if provider_ else ""
    return f'resource "aws_iam_role" "r" {{\n{line}  name = "r"\n  assume_role_policy = {json.dumps(trust())}\n}}\n'


CALL = 'module "m" {\n  source = "./m"\n%s}\n'
#: Sources of the root module and of one that it calls, and the account of the role; None where it is not read.
NAMES: dict[str, tuple[str, str, str | None]] = {
    "the name of every day": (required(aws="hashicorp/aws") + provider("aws") + role(), "", HUB),
    "no requirement": (provider("aws") + role(), "", HUB),
    "a short source": (required(aws="aws") + provider("aws") + role(), "", HUB),
    "a requirement of a version only": (
        'terraform {\n  required_providers {\n    aws = "~> 5.0"\n  }\n}\n' + provider("aws") + role(),
        "",
        HUB,
    ),
    "another host": (required(aws="registry.opentofu.org/hashicorp/aws") + provider("aws") + role(), "", HUB),
    "another name": (required(amazon="hashicorp/aws") + provider("amazon") + role("amazon"), "", HUB),
    "another name with an alias": (
        required(amazon="hashicorp/aws")
        + provider("amazon")
        + provider("amazon", OTHER, '  alias = "x"\n')
        + role("amazon.x"),
        "",
        OTHER,
    ),
    "another source": (required(aws="acme/aws") + provider("aws") + role(), "", None),
    "another source with an alias": (
        required(aws="acme/aws") + provider("aws", HUB, '  alias = "x"\n') + role("aws.x"),
        "",
        None,
    ),
    "both": (
        required(aws="acme/aws", amazon="hashicorp/aws") + provider("amazon") + provider("aws", OTHER) + role("amazon"),
        "",
        HUB,
    ),
    "a module with a name of its own": (
        provider("aws") + CALL % "",
        required(amazon="hashicorp/aws") + role("amazon"),
        HUB,
    ),
    "a module that is passed it by its own name": (
        required(cloud="hashicorp/aws")
        + provider("cloud")
        + provider("cloud", OTHER, '  alias = "x"\n')
        + CALL % "  providers = {\n    amazon = cloud.x\n  }\n",
        required(amazon="hashicorp/aws") + role("amazon"),
        OTHER,
    ),
    "a module with another source": (provider("aws") + CALL % "", required(aws="acme/aws") + role(), None),
}


@pytest.mark.parametrize(("root", "module", "account"), NAMES.values(), ids=NAMES.keys())
def test_a_provider_is_what_its_source_is(tmp_path: Path, root: str, module: str, account: str | None) -> None:
    """The provider of AWS is read by any name, in the account of its configuration; another one called so is not."""
    (tmp_path / "main.tf").write_text(root)
    if module:
        (tmp_path / "m").mkdir()
        (tmp_path / "m" / "main.tf").write_text(module)
    report = trustproof.check([tmp_path], config={}, properties=["mfa-required"])
    assert [one.account for one in report.results] == ([account] if account else [])
    assert any("which is of the provider acme/aws, which is not read" in note for note in report.notes) == (not account)


def test_json_says_it_too(tmp_path: Path) -> None:
    """A requirement in JSON is one."""
    content = {
        "terraform": {"required_providers": {"amazon": {"source": "hashicorp/aws"}, "aws": {"source": "acme/aws"}}},
        "provider": {"amazon": {"allowed_account_ids": [HUB]}},
        "resource": {
            "aws_iam_role": {
                name: {"name": name, "provider": local, "assume_role_policy": trust()}
                for name, local in (("a", "amazon"), ("b", "aws"))
            }
        },
    }
    (tmp_path / "main.tf.json").write_text(json.dumps(content))
    report = trustproof.check([tmp_path], config={}, properties=["mfa-required"])
    assert [(one.logical_id, one.account) for one in report.results] == [("aws_iam_role.a", HUB)]


def planned(name: str, source: str) -> dict[str, Any]:
    """A plan of one role, whose provider has some name and source."""
    arguments = {"name": "r", "assume_role_policy": trust()}
    content = plan(Resource("aws_iam_role.r", arguments, {"arn": None}, name), providers={})
    content["configuration"]["provider_config"] = {
        name: {
            "name": name.partition(".")[0],
            "full_name": source,
            "expressions": {"allowed_account_ids": {"constant_value": [HUB]}},
        }
    }
    text = json.dumps(content).replace(f'"provider_name": "{AWS}"', f'"provider_name": "{source}"')
    return dict(json.loads(text))


@pytest.mark.parametrize(
    ("name", "source", "account"),
    [
        ("aws", AWS, HUB),
        ("amazon", AWS, HUB),
        ("amazon.x", AWS, HUB),
        ("aws", "registry.terraform.io/acme/aws", None),
        ("amazon", "registry.opentofu.org/hashicorp/aws", HUB),
    ],
)
def test_a_plan_names_the_source(check: Callable[..., Report], name: str, source: str, account: str | None) -> None:
    """In a plan the configuration of a provider by any name counts, where it is that of AWS."""
    report = check(planned(name, source), properties=["mfa-required"])
    assert report.errors == ()
    assert [one.account for one in report.results] == ([account] if account else [])


def test_the_account_of_the_command_line_is_that_of_the_default_provider(check: Callable[..., Report]) -> None:
    """``--account`` is for the provider of AWS without an alias, whatever it is called."""
    content = planned("amazon", AWS)
    content["configuration"]["provider_config"]["amazon"]["expressions"] = {}
    report = check(content, account=OTHER, properties=["mfa-required"])
    assert [one.account for one in report.results] == [OTHER]
