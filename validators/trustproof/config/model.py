"""
What a project declares: its boundary, third parties, sensitive actions and property settings.

The file is ``trustproof.toml``, or ``[tool.trustproof]`` in ``pyproject.toml``; both have the same tables.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from trustproof.config.invariants import Invariant
from trustproof.results.result import ERROR, Severity
from trustproof.results.rules import RULES
from trustproof.results.waiver import Waiver

#: Identifier of every property to the options it has besides ``severity``. An option is a type (``int`` does not accept
#: booleans), or a function that returns the value to keep and raises ValueError with what is accepted in words
#: (``a whole number of seconds``).
Known: TypeAlias = "Mapping[str, Mapping[str, object]]"


class Boundary(NamedTuple):
    """
    Who is one of us, besides the account that a template is deployed to.
    """

    #: 12-digit account ids.
    accounts: tuple[str, ...] = ()
    #: Ids of organizations: ``o-a1b2c3d4e5``.
    organizations: tuple[str, ...] = ()
    #: Whether a fixed network (a VPC, an address range) bounds a resource policy, as it does for AWS.
    network_bounds: bool = True


class OwnTokens(NamedTuple):
    """
    Which tokens of a web identity provider are one's own: any claim of those that name a customer there says it.
    """

    #: The host, and path, of the issuer.
    provider: str
    #: Claims, lower-cased, each with patterns with ``*`` and ``?``, which are compared without regard to letter case.
    claims: tuple[tuple[str, tuple[str, ...]], ...]


class ThirdParty(NamedTuple):
    """
    A vendor whose machines assume roles; held by an external id, not by MFA.
    """

    name: str
    accounts: tuple[str, ...]


class Organization(NamedTuple):
    """
    What service and resource control policies are attached to.
    """

    #: The id of the root: ``r-a1b2``.
    root: str
    #: 12-digit ids of the member accounts, in whatever unit; the management account, which no such policy is about, is
    #: none of them.
    accounts: tuple[str, ...]
    #: Ids of organizational units (``ou-a1b2-c3d4e5f6``), each with those of the accounts that are below it, in
    #: whatever unit; accounts that are not listed are below none of them.
    units: tuple[tuple[str, tuple[str, ...]], ...] = ()


class PropertySettings(NamedTuple):
    """
    What a project says about one property.
    """

    #: ``error``, ``warning``, ``note`` or ``off`` (the property is not asked); None where the project does not say.
    severity: Severity | None = None
    options: Mapping[str, object] = {}
    #: Whether a waiver may be about it.
    waivable: bool = True


class Override(NamedTuple):
    """
    What holds for some templates in place of what the rest of the configuration says.
    """

    #: Patterns as in a ``.gitignore``, relative to the file.
    paths: tuple[str, ...]
    #: Has the boundary, the third parties, the sensitive actions and the properties, and nothing else.
    config: Config


class Elsewhere(NamedTuple):
    """
    Templates that are judged as if they were in another directory: those of a revision, or by the configurations of it.
    """

    #: A directory; of the templates below it.
    here: str
    #: The one at the same places of which their configurations are looked for.
    there: str
    #: Whether there is nothing to be looked for above that.
    is_whole: bool

    def place(self, path: str) -> str:
        """Where something would be that is here."""
        return _moved(path, self.here, self.there)

    def origin(self, path: str) -> str:
        """Where something is that would be there."""
        return _moved(path, self.there, self.here)


def _moved(path: str, old: str, new: str) -> str:
    if path == old:
        return new
    return f"{new}{path.removeprefix(old)}" if path.startswith(f"{old}{os.sep}") else path


class Config(NamedTuple):
    """
    The declarations of a project; ``Config()`` declares nothing.
    """

    #: None where no boundary is declared, which is not the same as an empty one.
    boundary: Boundary | None = None
    #: Of identity providers that are one's own: the host and path of each issuer, or the SHA-256 of what signs; None
    #: where the project does not say.
    issuers: tuple[str, ...] | None = None
    #: Of web identity providers, which tokens are one's own; None where the project does not say.
    tokens: tuple[OwnTokens, ...] | None = None
    third_parties: tuple[ThirdParty, ...] = ()
    #: Action patterns; None where the project does not say.
    sensitive_actions: tuple[str, ...] | None = None
    properties: Mapping[str, PropertySettings] = {}
    #: What is left out of the directories that are checked: patterns as in a ``.gitignore``, relative to the file,
    #: or to `exclude_file`.
    exclude: tuple[str, ...] = ()
    #: The configurations below that may let more pass: patterns as in a ``.gitignore``, relative to the file.
    nested: tuple[str, ...] = ()
    #: Where the declarations were read from.
    file: str | None = None
    waivers: tuple[Waiver, ...] = ()
    #: Whether waivers count that stand in the templates themselves.
    template_waivers: bool = False
    #: The file of findings that were there before, as the file of the configuration names it; None where there is none.
    baseline: str | None = None
    #: For templates whose paths match; the last that does wins.
    overrides: tuple[Override, ...] = ()
    #: The files that this one extends, the first one first, and those that they extend.
    extends: tuple[str, ...] = ()
    #: What the project asks besides the properties that there are.
    invariants: tuple[Invariant, ...] = ()
    #: None where nothing is said of what control policies are attached to.
    organization: Organization | None = None
    #: Whether it was found by searching, so that what stands nearer to a template counts in its place.
    is_nearest: bool = False
    #: The next one upward that may have settled something for it; None where there is none, or it was named.
    above: Config | None = None
    #: Whether overrides have been taken into it.
    is_overridden: bool = False
    #: None where the configurations of templates are where these are.
    elsewhere: Elsewhere | None = None
    #: Whether no waiver counts, of whichever configuration.
    without_waivers: bool = False
    #: The file that says in its place who is one of us: one above it has settled that; empty where it says so itself.
    boundary_file: str = ""
    #: The file that says in its place what is left out, likewise.
    exclude_file: str = ""
    #: What it says that does not count, since one above it has settled that, as its tables are called.
    uncounted: tuple[str, ...] = ()

    @property
    def boundary_table(self) -> str:
        """What a person is told to write an account of one's own into."""
        return f"[boundary] of {self.boundary_file}" if self.boundary_file else "[boundary]"

    @property
    def declaring_file(self) -> str:
        """The file that a boundary is to be declared in."""
        return self.boundary_file or "trustproof.toml"

    @property
    def directory(self) -> str:
        """What the patterns of its file are relative to."""
        return self._origin(self.file)

    @property
    def exclude_directory(self) -> str:
        """What the patterns of `exclude` are relative to."""
        return self._origin(self.exclude_file or self.file)

    def _origin(self, file: str | None) -> str:
        found = os.path.dirname(file) if file else "."
        return found if self.elsewhere is None else self.elsewhere.origin(os.path.abspath(found))

    def extended(self, own: Config) -> Config:
        """
        These declarations, and those of a file (or a table) that extends them.

        A boundary and a list of actions take the place of these; third parties come to these; of a property, each
        setting that is written takes the place of the one here. What may not be waived, stays so. An invariant takes
        the place of one by the same name, and comes to the others.
        """
        properties = dict(self.properties)
        for ident, said in own.properties.items():
            before = properties.get(ident, PropertySettings())
            properties[ident] = PropertySettings(
                said.severity or before.severity,
                {**before.options, **said.options},
                said.waivable and before.waivable,
            )
        known = set(self.third_parties)
        return own._replace(
            boundary=self.boundary if own.boundary is None else own.boundary,
            issuers=self.issuers if own.issuers is None else own.issuers,
            tokens=self.tokens if own.tokens is None else own.tokens,
            third_parties=(*self.third_parties, *(one for one in own.third_parties if one not in known)),
            sensitive_actions=self.sensitive_actions if own.sensitive_actions is None else own.sensitive_actions,
            properties=properties,
            invariants=tuple({one.name: one for one in (*self.invariants, *own.invariants)}.values()),
            organization=self.organization if own.organization is None else own.organization,
        )

    def is_waivable(self, ident: str) -> bool:
        """Whether a waiver may be about a property; none may be about waivers."""
        return all(ident != rule.ident for rule in RULES) and self.properties.get(ident, PropertySettings()).waivable

    def severity(self, ident: str, default: Severity = ERROR) -> Severity:
        """The severity of a property when it is refuted: ``error``, ``warning``, ``note`` or ``off``."""
        return self.properties.get(ident, PropertySettings()).severity or default

    def option(self, ident: str, name: str, default: object = None) -> object:
        """The value of a property's option; `default` where the project does not say."""
        return self.properties.get(ident, PropertySettings()).options.get(name, default)
