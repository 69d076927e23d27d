"""
Prove who can get what from AWS IAM policies, offline, or show the request that gets through.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustproof.access.control_denials import ControlDenial, control_denials
    from trustproof.access.explain import explain
    from trustproof.api import (
        check,
        check_templates,
        load_config,
        managed_policy_document,
        managed_policy_names,
        property_ids,
        prove,
        read_config,
        toml_line,
        with_baseline,
    )
    from trustproof.aws.action_names import action_meant, published_actions
    from trustproof.aws.policy_names import managed_policy_meant
    from trustproof.aws.resources_of_actions import resources_of_action
    from trustproof.comparison.library import diff, diff_since
    from trustproof.config.model import Boundary, Config, ThirdParty
    from trustproof.config.toml import parse_toml
    from trustproof.errors import (
        CertificateError,
        ConfigError,
        InputError,
        NothingToProve,
        NotProvedError,
        PolicySyntaxError,
        TemplateError,
        TrustproofError,
        UsageError,
    )
    from trustproof.escaping.text import printable
    from trustproof.integrations.separate_process import CheckProcess, check_separately
    from trustproof.model.request import Caller, Request
    from trustproof.properties.base import Property
    from trustproof.results.difference import AccessChange, Difference, FurtherAccess, Move, Undecided, VerdictChange
    from trustproof.results.explanation import Entrance, Explanation, Obstacle
    from trustproof.results.report import Report
    from trustproof.results.result import PROVED, REFUTED, UNKNOWN, Counterexample, Remedy, Result
    from trustproof.spec.entries import condition_met

#: The modules of the public names. They are looked through in this order when a name is first asked for, and no further
#: than it is found: a check does not wait for what compares and explains, nor `trustproof --help` for what proves.
MODULES = (
    "escaping.text",
    "errors",
    "model.request",
    "spec.entries",
    "results.result",
    "results.report",
    "config.model",
    "config.toml",
    "properties.base",
    "api",
    "integrations.separate_process",
    "aws.policy_names",
    "aws.action_names",
    "aws.resources_of_actions",
    "results.explanation",
    "results.difference",
    "access.explain",
    "access.control_denials",
    "comparison.library",
)

__all__ = [
    "PROVED",
    "REFUTED",
    "UNKNOWN",
    "AccessChange",
    "Boundary",
    "Caller",
    "CertificateError",
    "CheckProcess",
    "Config",
    "ConfigError",
    "ControlDenial",
    "Counterexample",
    "Difference",
    "Entrance",
    "Explanation",
    "FurtherAccess",
    "InputError",
    "Move",
    "NotProvedError",
    "NothingToProve",
    "Obstacle",
    "PolicySyntaxError",
    "Property",
    "Remedy",
    "Report",
    "Request",
    "Result",
    "TemplateError",
    "ThirdParty",
    "TrustproofError",
    "Undecided",
    "UsageError",
    "VerdictChange",
    "action_meant",
    "check",
    "check_separately",
    "check_templates",
    "condition_met",
    "control_denials",
    "diff",
    "diff_since",
    "explain",
    "load_config",
    "managed_policy_document",
    "managed_policy_meant",
    "managed_policy_names",
    "parse_toml",
    "printable",
    "property_ids",
    "prove",
    "published_actions",
    "read_config",
    "resources_of_action",
    "toml_line",
    "with_baseline",
]


def __getattr__(name: str) -> object:
    """A public name, or ``__version__``: https://peps.python.org/pep-0562/"""
    if name == "__version__":
        return import_module("trustproof.results.version").version()
    if name in __all__:
        for module in MODULES:
            found = vars(import_module(f"trustproof.{module}"))
            if name in found:
                globals()[name] = found[name]
                return found[name]
    raise AttributeError(f"module 'trustproof' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
