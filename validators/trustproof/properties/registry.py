"""
Every property, in the order of reports.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from trustproof.config.model import Config
from trustproof.errors import UsageError
from trustproof.escaping.text import shown
from trustproof.properties.assume_role_scoped import AssumeRoleScoped
from trustproof.properties.base import Property
from trustproof.properties.deployers_declared import DeployersDeclared
from trustproof.properties.external_id_required import ExternalIdRequired
from trustproof.properties.inside_boundary import InsideBoundary
from trustproof.properties.invariant import invariant
from trustproof.properties.mfa_required import MfaRequired
from trustproof.properties.mfa_survives_chaining import MfaSurvivesChaining
from trustproof.properties.no_confused_deputy import NoConfusedDeputy
from trustproof.properties.saml_audience_bound import SamlAudienceBound
from trustproof.properties.sensitive_actions_require_mfa import SensitiveActionsRequireMfa
from trustproof.properties.session_duration_bounded import SessionDurationBounded
from trustproof.properties.statement_usable import StatementUsable
from trustproof.properties.web_identity_bound import WebIdentityBound
from trustproof.results.result import OWN_PROPERTY

PROPERTIES: tuple[Property, ...] = (
    MfaRequired(),
    InsideBoundary(),
    StatementUsable(),
    SensitiveActionsRequireMfa(),
    ExternalIdRequired(),
    NoConfusedDeputy(),
    WebIdentityBound(),
    SamlAudienceBound(),
    AssumeRoleScoped(),
    DeployersDeclared(),
    MfaSurvivesChaining(),
    SessionDurationBounded(),
)

_BY_IDENT = {found.ident: found for found in PROPERTIES}


def find(ident: str) -> Property:
    """
    The property with this identifier; what begins with ``invariant-`` is one that a configuration may declare.

    Raises:
        UsageError: there is none; the message names those that there are.
    """
    if not isinstance(ident, str):
        raise UsageError(f"a property is named by its identifier, got {shown(ident)}")
    found = invariant(ident) if ident.startswith(OWN_PROPERTY) else _BY_IDENT.get(ident)
    if found is None:
        raise UsageError(f'no property is called "{ident}", expected one of {", ".join(_BY_IDENT)}')
    return found


def invariant_properties(config: Config) -> tuple[Property, ...]:
    """The properties of the invariants that a configuration declares."""
    return tuple(invariant(one.ident) for one in config.invariants)


def among(idents: Collection[str]) -> tuple[Property, ...]:
    """The properties with these identifiers, in the order of reports."""
    own = (invariant(ident) for ident in idents if ident.startswith(OWN_PROPERTY))
    return (*(found for found in PROPERTIES if found.ident in idents), *own)


def options() -> Mapping[str, Mapping[str, object]]:
    """Identifier of each property to the options that the configuration accepts for it."""
    return {found.ident: found.options for found in PROPERTIES}
