"""
Every property, in the order of reports.

Most templates have nothing that most properties ask about, and importing the module of a property takes longer than
asking it. So the registry knows of those what decides whether there is something to ask, and imports the rest then.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from trustproof._typing import TYPE_CHECKING, cast
from trustproof._verdict import ERROR
from trustproof.errors import UsageError
from trustproof.model.document import IDENTITY, TRUST
from trustproof.properties._options import names
from trustproof.properties.inside_boundary import InsideBoundary
from trustproof.properties.mfa_required import MfaRequired
from trustproof.properties.session_duration_bounded import SessionDurationBounded
from trustproof.properties.statement_usable import StatementUsable

if TYPE_CHECKING:
    from trustproof.properties._base import Property, Subject


class _Later:
    """
    A property whose module is imported when something else than this is asked of it.

    Args:
        load: imports it.
        may_apply: a quick look at a policy, that may say yes too often.
    """

    severity = ERROR
    about_roles = False
    wants_request = False

    def __init__(
        self,
        ident: str,
        load: Callable[[], Property],
        may_apply: Callable[[Subject], bool],
        *,
        holders: tuple[str, ...] = (),
        across_templates: bool = False,
        options: Mapping[str, object] | None = None,
    ) -> None:
        self.ident = ident
        self.holders = holders
        self.across_templates = across_templates
        self.options = options or {}
        self._load = load
        self._may_apply = may_apply
        self._loaded: Property | None = None

    def applies_to(self, subject: Subject) -> bool:
        """Whether the property has something to ask of a policy."""
        return self._may_apply(subject) and self.load().applies_to(subject)

    def load(self) -> Property:
        """The property itself."""
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded

    def __getattr__(self, name: str) -> object:
        if name.startswith("_"):
            # Of what asks how to copy or to send it, nothing is to be imported.
            raise AttributeError(name)
        # The next time, it is found without coming here.
        found = self.__dict__[name] = getattr(self.load(), name)
        return found


def _is_identity(subject: Subject) -> bool:
    return subject.document.kind == IDENTITY


def _has_third_parties(subject: Subject) -> bool:
    return bool(subject.config.third_parties)


def _declares_administrators(subject: Subject) -> bool:
    return _is_identity(subject) and subject.config.option("deployers-declared", "administrators") is not None


def _names_service(subject: Subject) -> bool:
    return any(
        entry.kind == "Service"
        for statement in subject.policy.statements
        for entry in (*(statement.principals or ()), *(statement.not_principals or ()))
    )


def _names_provider(subject: Subject) -> bool:
    return subject.document.kind == TRUST and any(
        statement.unreadable or any(entry.kind == "Federated" for entry in statement.principals or ())
        for statement in subject.policy.statements
    )


def _never(_: Subject) -> bool:
    return False


def _sensitive() -> Property:
    from trustproof.properties.sensitive_actions_require_mfa import SensitiveActionsRequireMfa

    return SensitiveActionsRequireMfa()


def _external_id() -> Property:
    from trustproof.properties.external_id_required import ExternalIdRequired

    return ExternalIdRequired()


def _deputy() -> Property:
    from trustproof.properties.no_confused_deputy import NoConfusedDeputy

    return NoConfusedDeputy()


def _web_identity() -> Property:
    from trustproof.properties.web_identity_bound import WebIdentityBound

    return WebIdentityBound()


def _saml() -> Property:
    from trustproof.properties.saml_audience_bound import SamlAudienceBound

    return SamlAudienceBound()


def _scoped() -> Property:
    from trustproof.properties.assume_role_scoped import AssumeRoleScoped

    return AssumeRoleScoped()


def _deployers() -> Property:
    from trustproof.properties.deployers_declared import DeployersDeclared

    return DeployersDeclared()


def _chaining() -> Property:
    from trustproof.properties.mfa_survives_chaining import MfaSurvivesChaining

    return MfaSurvivesChaining()


_USERS, _HOLDERS = ("user", "group"), ("user", "group", "role", "permission set")
_LATER = (
    _Later("sensitive-actions-require-mfa", _sensitive, _is_identity, holders=_USERS),
    _Later("external-id-required", _external_id, _has_third_parties),
    _Later("no-confused-deputy", _deputy, _names_service),
    _Later("web-identity-bound", _web_identity, _names_provider),
    _Later("saml-audience-bound", _saml, _names_provider),
    _Later("assume-role-scoped", _scoped, _is_identity, holders=_HOLDERS),
    _Later(
        "deployers-declared", _deployers, _declares_administrators, holders=_HOLDERS, options={"administrators": names}
    ),
    _Later("mfa-survives-chaining", _chaining, _never, across_templates=True),
)

PROPERTIES: tuple[Property, ...] = (
    # Those that most templates have something for are imported at once.
    MfaRequired(),
    InsideBoundary(),
    StatementUsable(),
    *cast("tuple[Property, ...]", _LATER),
    SessionDurationBounded(),
)

_BY_IDENT = {found.ident: found for found in PROPERTIES}


def find(ident: str) -> Property:
    """
    The property with this identifier, itself: its documentation can be asked for.

    Raises:
        UsageError: there is none; the message names those that there are.
    """
    found = _BY_IDENT.get(ident)
    if found is None:
        raise UsageError(f'no property is called "{ident}", expected one of {", ".join(_BY_IDENT)}')
    return found.load() if isinstance(found, _Later) else found


def among(idents: Collection[str]) -> tuple[Property, ...]:
    """The properties with these identifiers, in the order of reports."""
    return tuple(found for found in PROPERTIES if found.ident in idents)


def options() -> Mapping[str, Mapping[str, object]]:
    """Identifier of each property to the options that the configuration accepts for it."""
    return {found.ident: found.options for found in PROPERTIES}
