"""
Prove who can get what from AWS IAM policies, offline, or show the request that gets through.
"""

from trustproof._check import Report, check, check_templates
from trustproof._library import prove
from trustproof._verdict import PROVED, REFUTED, UNKNOWN, Counterexample, Remedy, Result
from trustproof.config import Boundary, Config, ThirdParty, load_config
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
]
