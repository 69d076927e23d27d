"""
What a configuration settles for those below it: a change to a directory must not loosen what the project has decided.
"""

from __future__ import annotations

from trustproof.config.model import Config
from trustproof.errors import ConfigError


def apply_limits(own: Config, above: Config) -> Config:
    """
    A configuration, with what the one above it has settled: of each property with ``waivable = false``, everything.

    Who is one of us, which vendors and actions there are, and what control policies are attached to, then is what the
    one above says, too: each of them may decide about such a property. So does what is left out, and nobody asks there.

    Raises:
        ConfigError: there is a waiver about such a property.
    """
    refused = next((one for one in own.waivers if not above.is_waivable(one.ident)), None)
    if refused is not None:
        where = above.file or "the configuration of the run"
        raise ConfigError(
            f"{refused.ident} cannot be waived: waivable = false in {where}", own.file or "", refused.line
        )
    # Where an override settles something, it does so for the templates that it is about.
    return without_settled_waivers(own, above)._replace(above=above)


def without_settled_waivers(own: Config, above: Config) -> Config:
    """The same, whatever the configuration waives: of its waivers, those of what is settled do not count."""
    fixed = {ident: said for ident, said in above.properties.items() if not said.waivable}
    if not fixed:
        return own
    overrides = tuple(
        one._replace(
            config=one.config._replace(
                properties={ident: said for ident, said in one.config.properties.items() if ident not in fixed},
                boundary=None,
                issuers=None,
                tokens=None,
                third_parties=(),
                sensitive_actions=None,
            )
        )
        for one in own.overrides
    )
    declared = (
        ("[boundary]", own.boundary not in (None, above.boundary)),
        ("[[boundary.tokens]]", own.tokens not in (None, above.tokens)),
        ("[[third-party]]", not {*own.third_parties} <= {*above.third_parties}),
        ("[sensitive]", own.sensitive_actions not in (None, above.sensitive_actions)),
        ("[organization]", own.organization not in (None, above.organization)),
        ("exclude", not {*own.exclude} <= {*above.exclude}),
    )
    uncounted = (*own.uncounted, *(name for name, is_other in declared if is_other))
    asked = {one.name: one for one in (*own.invariants, *(one for one in above.invariants if one.ident in fixed))}
    return own._replace(
        exclude=above.exclude,
        exclude_file=above.exclude_file or (above.file if above.file != own.file and above.file else ""),
        properties={**own.properties, **fixed},
        boundary=above.boundary,
        boundary_file=above.boundary_file or (above.file if above.file != own.file and above.file else ""),
        issuers=above.issuers,
        tokens=above.tokens,
        third_parties=above.third_parties,
        sensitive_actions=above.sensitive_actions,
        organization=above.organization,
        invariants=tuple(asked.values()),
        overrides=overrides,
        uncounted=uncounted,
    )
