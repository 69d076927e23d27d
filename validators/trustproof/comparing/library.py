"""
Two readings of the same project compared: the library's front door, and that of the command.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import TypeAlias

from trustproof.analysis.selection import selected
from trustproof.api import read_config
from trustproof.comparing.differences import Comparison
from trustproof.comparing.revisions import write_revision
from trustproof.comparing.sides import Root, read_side
from trustproof.config.model import Config
from trustproof.errors import UsageError
from trustproof.inputs.settings import Settings
from trustproof.model.arn import is_account
from trustproof.results.difference import Difference

#: What one side is: a template, a directory of templates, a cloud assembly, or a template itself as a mapping.
Named: TypeAlias = "str | PathLike[str] | Mapping[str, object]"


def diff(
    old: Named,
    new: Named,
    *,
    config: Config | Mapping[str, object] | None = None,
    account: str | None = None,
    region: str | None = None,
    parameters: Mapping[str, str] | None = None,
    properties: Sequence[str] | None = None,
) -> Difference:
    """
    Compare two templates, directories or cloud assemblies by meaning: who gained access, who lost it, which properties
    changed their verdict.

    Every request of the result is allowed by one side and not by the other; both were asked of the evaluator. Both
    sides are taken to be deployed with the same values of parameters, and to the same account where nobody says which.

    >>> def role(*conditions):
    ...     return {"Resources": {"Admin": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {
    ...         "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"},
    ...         "Action": "sts:AssumeRole", "Condition": dict(conditions)}]}}}}}
    >>> held = role(("Bool", {"aws:MultiFactorAuthPresent": "true"}))
    >>> diff(held, held).is_empty
    True
    >>> [change.counterexample.credentials for change in diff(held, role()).gained]
    ['IAM user, long-term access key, no MFA']

    Args:
        old: a file, a directory, a cloud assembly, or a template as a mapping.
        new: likewise.
        config: the project's declarations; a mapping has the shape of ``trustproof.toml``.
        account: 12 digits; the account of templates that do not say theirs.
        region: likewise.
        parameters: template parameters to values, on both sides.
        properties: identifiers of the properties whose verdicts are compared; None for all that are switched on.

    Raises:
        InputError: something of one side cannot be read: a comparison that leaves something out is none.
        UsageError: an unknown property, or no account.
        ConfigError: the mapping is no configuration.
    """
    declared, read_with = _checked(config, account, region, parameters, properties)
    sides = [read_side(called, [_root(given)], declared, read_with) for called, given in (("old", old), ("new", new))]
    names = (_called(old, "old"), _called(new, "new"))
    return Comparison(sides[0], sides[1], declared, read_with).difference(names, properties)


def diff_since(
    revision: str,
    paths: Sequence[str | PathLike[str]],
    *,
    config: Config | Mapping[str, object] | None = None,
    account: str | None = None,
    region: str | None = None,
    parameters: Mapping[str, str] | None = None,
    properties: Sequence[str] | None = None,
) -> Difference:
    """
    Compare what a revision of git has at some paths with what is there now.

    The revision is read from the repository; neither the work tree nor the index is touched.

    Args:
        revision: ``origin/main``, a tag, the name of a commit: whatever git understands.
        paths: files and directories that git keeps.
        config: see `diff`; so are the other arguments.

    Raises:
        InputError: something of one side cannot be read.
        UsageError: git has no such revision, or keeps nothing at a path, and what `diff` raises.
        ConfigError: the mapping is no configuration.
    """
    if isinstance(paths, (str, PathLike)) or not paths:
        raise UsageError(f"paths must be a list of paths, and not empty, got {paths!r:.80}")
    declared, read_with = _checked(config, account, region, parameters, properties)
    named = [fspath(path) for path in paths]
    with tempfile.TemporaryDirectory(prefix="trustproof-") as folder:
        before = write_revision(revision, named, Path(os.path.realpath(folder)))
        empty = Path(folder, "nothing of these")
        empty.mkdir()
        # Each path has its place on both sides, so that the same file has the same name.
        roots = [
            Root(str(found or empty), f"{revision}:{_below(path)}") for path, found in zip(named, before, strict=True)
        ]
        old = read_side("old", roots, declared, read_with, may_be_empty=True)
        there = [Root(path) for path in named if os.path.lexists(path)]
        new = read_side("new", there, declared, read_with, may_be_empty=True)
        return Comparison(old, new, declared, read_with).difference((revision, ", ".join(named)), properties)


def _checked(
    config: Config | Mapping[str, object] | None,
    account: str | None,
    region: str | None,
    parameters: Mapping[str, str] | None,
    properties: Sequence[str] | None,
) -> tuple[Config, Settings]:
    if account is not None and not is_account(account):
        raise UsageError(f'account must be 12 digits, got "{account}"')
    declared = read_config(config)
    selected(declared, properties)
    return declared, Settings(account, region, parameters or {})


def _root(given: Named) -> Root:
    return Root(given if isinstance(given, Mapping) else fspath(given))


def _below(path: str) -> str:
    """A path as it stands behind the name of a revision."""
    plain = os.path.normpath(path)
    return "" if plain == os.curdir else plain


def _called(given: Named, otherwise: str) -> str:
    return otherwise if isinstance(given, Mapping) else fspath(given)
