"""
Every property, in the order of reports.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from trustproof.errors import UsageError
from trustproof.properties.assume_role_scoped import AssumeRoleScoped
from trustproof.properties.base import Property
from trustproof.properties.deployers_declared import DeployersDeclared
from trustproof.properties.external_id_required import ExternalIdRequired
from trustproof.properties.inside_boundary import InsideBoundary
from trustproof.properties.mfa_required import MfaRequired
from trustproof.properties.mfa_survives_chaining import MfaSurvivesChaining
from trustproof.properties.no_confused_deputy import NoConfusedDeputy
from trustproof.properties.saml_audience_bound import SamlAudienceBound
from trustproof.properties.sensitive_actions_require_mfa import SensitiveActionsRequireMfa
from trustproof.properties.session_duration_bounded import SessionDurationBounded
from trustproof.properties.statement_usable import StatementUsable
from trustproof.properties.web_identity_bound import WebIdentityBound

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
    The property with this identifier.

    Raises:
        UsageError: there is none; the message names those that there are.
    """
    found = _BY_IDENT.get(ident)
    if found is None:
        raise UsageError(f'no property is called "{ident}", expected one of {", ".join(_BY_IDENT)}')
    return found


def among(idents: Collection[str]) -> tuple[Property, ...]:
    """The properties with these identifiers, in the order of reports."""
    return tuple(found for found in PROPERTIES if found.ident in idents)


def options() -> Mapping[str, Mapping[str, object]]:
    """Identifier of each property to the options that the configuration accepts for it."""
    return {found.ident: found.options for found in PROPERTIES}
