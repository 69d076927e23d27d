"""
Prove who can get what from AWS IAM policies, offline, or show the request that gets through.
"""

from __future__ import annotations

from trustproof._lazy import lazily
from trustproof._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustproof._check import Report, check, check_templates
    from trustproof._library import prove
    from trustproof._load_config import load_config, toml_line
    from trustproof._verdict import PROVED, REFUTED, UNKNOWN, Counterexample, Remedy, Result
    from trustproof.config import Boundary, Config, ThirdParty
    from trustproof.errors import (
        CertificateError,
        ConfigError,
        InputError,
        NothingToProve,
        PolicySyntaxError,
        TemplateError,
        TrustproofError,
        UsageError,
    )
    from trustproof.model.request import Caller, Request
    from trustproof.properties._base import Property

__all__ = [
    "PROVED",
    "REFUTED",
    "UNKNOWN",
    "Boundary",
    "Caller",
    "CertificateError",
    "Config",
    "ConfigError",
    "Counterexample",
    "InputError",
    "NothingToProve",
    "PolicySyntaxError",
    "Property",
    "Remedy",
    "Report",
    "Request",
    "Result",
    "TemplateError",
    "ThirdParty",
    "TrustproofError",
    "UsageError",
    "check",
    "check_templates",
    "load_config",
    "prove",
    "toml_line",
]

_MODULES = {
    "trustproof._check": ("Report", "check", "check_templates"),
    "trustproof._library": ("prove",),
    "trustproof._load_config": ("load_config", "toml_line"),
    "trustproof._verdict": ("PROVED", "REFUTED", "UNKNOWN", "Counterexample", "Remedy", "Result"),
    "trustproof.config": ("Boundary", "Config", "ThirdParty"),
    "trustproof.model.request": ("Caller", "Request"),
    "trustproof.properties._base": ("Property",),
}
#: Name to the module that has it; what is in none of the others is an error.
_PLACES = {name: module for module, names in _MODULES.items() for name in names}

__getattr__ = lazily(__name__, {name: _PLACES.get(name, "trustproof.errors") for name in __all__})


def __dir__() -> list[str]:
    return [*globals(), *__all__]
