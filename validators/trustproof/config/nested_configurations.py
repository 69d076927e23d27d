"""
What a configuration may let pass that one above it does not: one of some templates in place of that of the run, and
that of the run in place of those further up.

Whoever changes a directory writes the configuration in it as well; so the one above says which of them may do so.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from trustproof.config.baseline_file import configured_baseline
from trustproof.config.model import Boundary, Config, OwnTokens, PropertySettings
from trustproof.files.paths import real_path
from trustproof.model.file_patterns import spec_of
from trustproof.results.result import ERROR, OFF, SEVERITIES, Severity


def all_above(config: Config) -> Iterator[Config]:
    """The configurations that were found further up, the next one first."""
    while config.above is not None:
        config = config.above
        yield config


def is_listed(own: Config, main: Config) -> bool:
    """
    Whether a configuration knows of one below it: it is an override of it, a file that it extends, or listed in its
    ``nested``.

    Args:
        own: the one below.
        main: that of the run, or one further up.
    """
    if own.file is None or own.file == main.file:
        return True
    real = real_path(own.file)
    if real in map(real_path, main.extends):
        return True
    relative = os.path.relpath(real, real_path(main.directory)).replace(os.sep, "/")
    return bool(main.nested) and spec_of(main.nested).match_file(relative)


def differences(own: Config, main: Config, severities: Mapping[str, Severity]) -> tuple[str, ...]:
    """
    What a configuration says that lets more pass than that of the run may, in words; what is off, aside.

    Args:
        severities: identifier of each property to its severity where a configuration does not say.
    """
    lists = (
        ("issuer", own.issuers or (), main.issuers or ()),
        ("third party", own.third_parties, main.third_parties),
        ("waiver", own.waivers, main.waivers),
    )
    counts = [(name, sum(one not in there for one in here)) for name, here, there in lists]
    missing = [one.name for one in main.invariants if one not in own.invariants]
    found = (
        "a [boundary] of its own" if not _is_within(own.boundary, main.boundary) else "",
        *_wider_tokens(own.tokens or (), main.tokens or ()),
        "an [organization] of its own" if own.organization not in (None, main.organization) else "",
        "[sensitive] actions of its own" if own.sensitive_actions != main.sensitive_actions else "",
        *(_counted(number, name) for name, number in counts),
        "waivers in templates" if own.template_waivers and not main.template_waivers else "",
        f"no {', '.join(missing)}" if missing else "",
        *_milder(own, main, severities),
        *_options(own, main),
    )
    return tuple(filter(None, found))


def differences_of_run(own: Config, above: Config) -> tuple[str, ...]:
    """What the configuration of a run says of the run as a whole that lets more pass than one further up may."""
    found = (
        "no [boundary]" if own.boundary is None and above.boundary is not None else "",
        "an exclude of its own" if not _leaves_out_no_more(own, above) else "",
        "a baseline of its own" if own.baseline is not None and _baseline(own) != _baseline(above) else "",
    )
    return tuple(filter(None, found))


def _leaves_out_no_more(own: Config, above: Config) -> bool:
    if not own.exclude or real_path(own.exclude_directory) == real_path(above.exclude_directory):
        return own.exclude in ((), above.exclude)
    # What stands for a name at any depth leaves out from below no more than it does from above; with a pattern that
    # takes another one back, each is worth what stands beside it.
    patterns = (*own.exclude, *above.exclude)
    return {*own.exclude} <= {*above.exclude} and not any(one.startswith("!") or "/" in one[:-1] for one in patterns)


def _baseline(config: Config) -> str | None:
    file = configured_baseline(config)
    return None if file is None else real_path(file)


def newly_off(own: Config, main: Config, severities: Mapping[str, Severity]) -> tuple[str, ...]:
    """The properties that a configuration switches off, and that of the run does not."""
    return tuple(
        ident
        for ident in sorted({*severities, *own.properties})
        if own.severity(ident, severities.get(ident, ERROR))
        == OFF
        != main.severity(ident, severities.get(ident, ERROR))
    )


def _milder(own: Config, main: Config, severities: Mapping[str, Severity]) -> Iterator[str]:
    for ident in sorted({*severities, *own.properties, *main.properties}):
        default = severities.get(ident, ERROR)
        here, there = own.severity(ident, default), main.severity(ident, default)
        if OFF not in (here, there) and SEVERITIES.index(here) > SEVERITIES.index(there):
            yield f"{ident} {here}"


def _options(own: Config, main: Config) -> Iterator[str]:
    """Which side of a number is the milder one only its property knows."""
    for ident in sorted({*own.properties, *main.properties}):
        here, there = (one.properties.get(ident, PropertySettings()).options for one in (own, main))
        if here != there:
            yield f"{ident} with options of its own"


def _is_within(own: Boundary | None, main: Boundary | None) -> bool:
    if own is None or own == main:
        return True
    return (
        main is not None
        and {*own.accounts} <= {*main.accounts}
        and {*own.organizations} <= {*main.organizations}
        and own.network_bounds <= main.network_bounds
    )


def _wider_tokens(own: Sequence[OwnTokens], main: Sequence[OwnTokens]) -> Iterator[str]:
    """That it leaves out a provider, or declares more; where nothing is declared above, it asks for more only."""
    here, there = ({one.provider.lower(): one for one in each} for each in (own, main))
    if there and not here:
        yield "no [[boundary.tokens]]"
    elif there and not all(name in here for name in there):
        yield "fewer [[boundary.tokens]]"
    elif there and not {*_patterns(own)} <= {*_patterns(main)}:
        yield "[[boundary.tokens]] of its own"


def _patterns(tokens: Sequence[OwnTokens]) -> Iterator[tuple[str, str, str]]:
    for one in tokens:
        yield from ((one.provider.lower(), claim, each) for claim, patterns in one.claims for each in patterns)


def _counted(number: int, name: str) -> str:
    plural = name[:-1] + "ies" if name.endswith("y") else f"{name}s"
    return f"{number} {name if number == 1 else plural}" if number else ""
