"""
Prove who can get what from AWS IAM policies, offline, or show the request that gets through.
"""

from __future__ import annotations

from trustproof.access.explain import explain
from trustproof.api import check, check_templates, load_config, property_ids, prove, read_config, toml_line
from trustproof.comparing.library import diff, diff_since
from trustproof.config.model import Boundary, Config, ThirdParty
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
from trustproof.model.request import Caller, Request
from trustproof.properties.base import Property
from trustproof.results.difference import AccessChange, Difference, Undecided, VerdictChange
from trustproof.results.explanation import Entrance, Explanation, Obstacle
from trustproof.results.report import Report
from trustproof.results.result import PROVED, REFUTED, UNKNOWN, Counterexample, Remedy, Result
from trustproof.results.version import version as _version

__all__ = [
    "PROVED",
    "REFUTED",
    "UNKNOWN",
    "AccessChange",
    "Boundary",
    "Caller",
    "CertificateError",
    "Config",
    "ConfigError",
    "Counterexample",
    "Difference",
    "Entrance",
    "Explanation",
    "InputError",
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
    "check",
    "check_templates",
    "diff",
    "diff_since",
    "explain",
    "load_config",
    "property_ids",
    "prove",
    "read_config",
    "toml_line",
]


def __getattr__(name: str) -> object:
    """``__version__``, which few programs ask for, and whose metadata takes as long to read as a template."""
    if name == "__version__":
        return _version()
    raise AttributeError(f"module 'trustproof' has no attribute {name!r}")
