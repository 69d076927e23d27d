"""
Two readings of the same project compared: the library's front door, and that of the command.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from os import PathLike, fspath
from pathlib import Path
from typing import TypeAlias

from trustproof.analysis.run.selection import identifiers, select
from trustproof.api import read_config
from trustproof.comparison.differences import Comparison
from trustproof.comparison.revisions.linked_files import with_linked_files, without_unread_files
from trustproof.comparison.revisions.outward_links import OUTWARD, OutwardLink, outward_links
from trustproof.comparison.revisions.revisions import (
    files_behind_filters,
    files_left_out,
    is_kept,
    submodules_unread,
    write_configurations,
    write_revision,
)
from trustproof.comparison.shortened_names import without_digests
from trustproof.comparison.subjects.sides import ComparisonSide, Root, read_side
from trustproof.comparison.template_labels import labelled_alike
from trustproof.config.loader import load_config
from trustproof.config.model import Config, Elsewhere
from trustproof.errors import ConfigError, UsageError
from trustproof.escaping.text import shown
from trustproof.files.paths import real_path
from trustproof.files.read import is_stream, kept_streams, stream_name
from trustproof.inputs.arguments import (
    check_place,
    check_policy_kind,
    check_values,
    path_or_template,
    path_text,
    path_texts,
)
from trustproof.inputs.settings import RESOLVED, Settings
from trustproof.inputs.submodules import NOT_CHECKED_OUT
from trustproof.inputs.walk import ExcludedPaths
from trustproof.model.document import POLICY_KINDS
from trustproof.model.sensitive_names import numbered_alone
from trustproof.properties import registry
from trustproof.results.difference import Difference
from trustproof.results.sentences import safe_to_print

#: What one side is: a template, a directory of templates, a cloud assembly, or a template itself as a mapping.
#: What is said of a side without a template.
_EMPTY = ", which has no template"
Named: TypeAlias = "str | PathLike[str] | Mapping[str, object]"


@safe_to_print
@numbered_alone()
def diff(
    old: Named,
    new: Named,
    *,
    config: Config | Mapping[str, object] | None = None,
    account: str | None = None,
    region: str | None = None,
    parameters: Mapping[str, str] | None = None,
    provider_accounts: Mapping[str, str] | None = None,
    old_source: str | PathLike[str] | None = None,
    source: str | PathLike[str] | None = None,
    var_files: Sequence[str | PathLike[str]] = (),
    policy_kind: str | None = None,
    properties: Sequence[str] | None = None,
) -> Difference:
    """
    Compare two templates, directories, cloud assemblies, plans of Terraform, policies or dumps of an account: who
    gained access, who lost it, and which properties changed their verdict, by meaning.

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
        provider_accounts: provider configurations of Terraform to accounts, as for `check`.
        old_source: the configuration that the old plan of Terraform was made of, as `source` for `check`. Each plan has
            its own: what only the other one says is not taken for what it will be.
        source: that of the new plan.
        var_files: files with values of the variables of Terraform configurations.
        policy_kind: what policy documents are that stand by themselves.
        properties: identifiers of the properties whose verdicts are compared; None for all that are switched on.

    Raises:
        InputError: something of one side cannot be read: a comparison that leaves something out is none.
        UsageError: an unknown property, or no account.
        ConfigError: the mapping is no configuration.
    """
    if isinstance(old, str) and old == new and is_stream(old):
        raise UsageError(f"{stream_name(old)} can be one side only: it is read to its end")
    files = path_texts(var_files, "the path of a file with values of variables")
    read_with = Settings(account, region, parameters or {}, provider_accounts or {}, None, files, policy_kind)
    properties = identifiers(properties)
    declared = _checked(config, read_with, properties)
    # Each side is read twice: what changed, and the verdicts.
    with kept_streams():
        return _diff(old, new, declared, read_with, properties, (old_source, source))


def _diff(
    old: Named,
    new: Named,
    declared: Config,
    read_with: Settings,
    properties: Sequence[str] | None,
    sources: Sequence[str | PathLike[str] | None],
) -> Difference:
    made_of = [None if one is None else path_text(one) for one in sources]
    # Where the other side has templates, a directory without one is one that has none yet, or none any more.
    sides = _read(old, new, declared, read_with, made_of, may_be_empty=True)
    if not any(side.templates for side in sides):
        sides = _read(old, new, declared, read_with, made_of, may_be_empty=False)
    for side in sides:
        # A configuration for a side that has no plan is for nothing.
        Settings(source=side.settings.source).refuse_unused(_options(side))
    names = (
        _called(old, "old") + ("" if sides[0].templates else _EMPTY),
        _called(new, "new") + ("" if sides[1].templates else _EMPTY),
    )
    return _compared(sides, names, declared, read_with, properties)


def _read(
    old: Named, new: Named, config: Config, settings: Settings, made_of: Sequence[str | None], *, may_be_empty: bool
) -> list[ComparisonSide]:
    return [
        read_side(called, [_root(given)], config, settings._replace(source=its), may_be_empty=may_be_empty)
        for called, given, its in zip(("old", "new"), (old, new), made_of, strict=True)
    ]


@safe_to_print
@numbered_alone()
def diff_since(
    revision: str,
    paths: Sequence[str | PathLike[str]],
    *,
    config: Config | Mapping[str, object] | None = None,
    account: str | None = None,
    region: str | None = None,
    parameters: Mapping[str, str] | None = None,
    old_parameters: Mapping[str, str] | None = None,
    provider_accounts: Mapping[str, str] | None = None,
    source: str | PathLike[str] | None = None,
    var_files: Sequence[str | PathLike[str]] = (),
    policy_kind: str | None = None,
    properties: Sequence[str] | None = None,
) -> Difference:
    """
    Compare what a revision of git has at some paths with what is there now.

    The revision is read from the repository; neither the work tree nor the index is touched.

    Args:
        revision: ``origin/main``, a tag, the name of a commit: whatever git takes for one, as long as nothing else is
            called so.
        paths: files and directories that git keeps.
        parameters: template parameters to values.
        old_parameters: those of the old side; None for the same.
        source: the configuration that a plan of Terraform was made of; the plan of the revision is read with what git
            has of it there.
        var_files: files with values of variables; on the old side, what git has of them at the revision.
        config: see `diff`; so are the other arguments. One that was read from a file of the repository is, for both
            sides, what the revision has there, as long as it has one: what is to be merged does not judge itself.

    Raises:
        InputError: something of one side cannot be read.
        UsageError: git has no such revision, or keeps nothing at a path, and what `diff` raises.
        ConfigError: the mapping is no configuration.
    """
    if isinstance(paths, (str, bytes, PathLike, Mapping)) or not isinstance(paths, Iterable):
        raise UsageError(f"paths must be a list of paths, and not empty, got {shown(paths)}")
    if not isinstance(revision, str):
        raise UsageError(f"revision must be the name of a revision of git, got {shown(revision)}")
    named = [path_text(path) for path in paths]
    if not named:
        raise UsageError(f"paths must be a list of paths, and not empty, got {shown(paths)}")
    files = path_texts(var_files, "the path of a file with values of variables")
    read_with = Settings(account, region, parameters or {}, provider_accounts or {}, None, files, policy_kind)
    properties = identifiers(properties)
    declared = _checked(config, read_with, properties)
    made_of = None if source is None else path_text(source)
    with tempfile.TemporaryDirectory(prefix="trustproof-") as temporary:
        folder = Path(real_path(temporary))
        before = write_revision(revision, named, folder)
        outward = [*outward_links(revision, named)]
        filtered = [*files_behind_filters(revision, named, folder), *files_left_out(revision, named, folder)]
        then_declared, declared = _judging(revision, declared, folder)
        empty = Path(folder, "nothing of these")
        empty.mkdir()
        # Each path has its place on both sides, so that the same file has the same name.
        roots = [
            Root(str(found or empty), f"{revision}:{_below(path)}") for path, found in zip(named, before, strict=True)
        ]
        then = {path: _then(revision, path, folder) for path in (*files, *([] if made_of is None else [made_of]))}
        before_with = read_with._replace(
            # Never what is there now: a plan whose configuration is not known is read by itself.
            source=None if made_of is None else then[made_of],
            parameters=read_with.parameters if old_parameters is None else old_parameters,
            # Of a file that git does not keep, nobody knows what else it was.
            var_files=tuple(was for file in files if (was := then[file] or _unkept(file)) is not None),
        )
        read_old = partial(
            read_side, "old", roots, then_declared, may_be_empty=True, others=_elsewhere(revision, then, folder)
        )
        now = [Root(path if os.path.lexists(path) else str(empty)) for path in named]
        read_new = partial(read_side, "new", now, declared, may_be_empty=True, others=_elsewhere(revision, {}, folder))
        old, new = read_old(settings=before_with), read_new(settings=read_with._replace(source=made_of))
        only_new, only_old = _given_alone(new, old), _given_alone(old, new)
        old = read_old(settings=_with_values(old.settings, only_new)) if only_new else old
        new = read_new(settings=_with_values(new.settings, only_old)) if only_old else new
        missing = (*submodules_unread(revision, named), *filtered)
        unread = ((new.label(path), path, why) for path, why in missing)
        old, new = _without_submodules(old), _without_submodules(new)
        new = new._replace(passed_over=(*new.passed_over, *unread))
        old, new = _with_outward_links(old, new, outward, then_declared, folder)
        lacking = ", ".join(path for path, found in zip(named, before, strict=True) if found is None)
        called = f"{revision}, which has no {lacking}" if lacking else revision
        found = _compared(
            (old, new), (called, ", ".join(named)), declared, read_with._replace(source=made_of), properties
        )
        return replace(found, notes=(*found.notes, *(_unchanged(revision, link) for link in outward if link.is_same)))


def _without_submodules(side: ComparisonSide) -> ComparisonSide:
    """A side without the submodules that it passed over: git says which of them are not what they were."""
    return side._replace(passed_over=tuple(one for one in side.passed_over if one[2] != NOT_CHECKED_OUT))


def _with_outward_links(
    old: ComparisonSide, new: ComparisonSide, links: Sequence[OutwardLink], config: Config, folder: Path
) -> tuple[ComparisonSide, ComparisonSide]:
    """
    Both sides with the links that lead out of the repository passed over; one that is the same on both sides has no
    part in the comparison, as little as what it leads to is a part of either.

    Args:
        config: that of the old side.
    """
    same = {link.label for link in links if link.is_same}
    excluded = ExcludedPaths(config.exclude, config.exclude_directory)
    places = {link.label: str(folder / link.name) for link in links if not link.is_same}
    passed_over = [(label, place, OUTWARD) for label, place in places.items() if not excluded.has(place)]
    kept = tuple(one for one in new.passed_over if one[0] not in same)
    return old._replace(passed_over=(*old.passed_over, *passed_over)), new._replace(passed_over=kept)


def _unchanged(revision: str, link: OutwardLink) -> str:
    return (
        f"{link.name} is {OUTWARD}, the same as at {revision}: what it leads to is a part of no revision, and is not "
        "compared"
    )


def _elsewhere(revision: str, then: Mapping[str, str | None], folder: Path) -> list[Root]:
    """What is read of a revision besides what is compared, with what the user calls it."""
    named = [Root(was, f"{revision}:{_below(path)}") for path, was in then.items() if was is not None]
    return [*named, Root(str(folder), f"{revision}:")]


def _judging(revision: str, declared: Config, folder: Path) -> tuple[Config, Config]:
    """
    What the old side and the new one are judged with: the same, and as the revision has it.

    A request to merge that could exclude what it changes, or switch off what it breaks, would judge itself. Where the
    revision has no configuration yet, it is that of the work tree; a mapping, what is outside of the repository, and
    what is named and not kept by git, is what it is.
    """
    top = write_configurations(revision, folder)
    if top is None:
        return declared, declared
    there = str(folder)
    name = _name(top, os.path.dirname(declared.file) if declared.file else os.curdir)
    found = Config()
    try:
        if declared.is_nearest:
            inside = _name(top, os.curdir)
            found = load_config(None, os.path.join(there, inside or ""), known=registry.options(), top=there)
        elif declared.file and name is not None:
            file = os.path.join(there, name, os.path.basename(declared.file))
            found = load_config(file, known=registry.options()) if os.path.isfile(file) else found
    except ConfigError as error:
        shown = (error.file or "").removeprefix(f"{there}{os.sep}")
        raise ConfigError(error.message, f"{revision}:{shown}", error.line) from None
    if found.file is None:
        if declared.file and name is not None and (declared.is_nearest or is_kept(declared.file)):
            # Nothing was excluded yet, and what is to be merged must not begin with that. What is found and not kept by
            # git may be a part of it tomorrow.
            declared = declared._replace(exclude=())
        return declared._replace(elsewhere=Elsewhere(there, top, is_whole=False)), declared
    return (
        found._replace(elsewhere=Elsewhere(there, there, is_whole=True)),
        found._replace(elsewhere=Elsewhere(top, there, is_whole=True)),
    )


def _name(top: str, directory: str) -> str | None:
    """A directory as the repository calls it; None for one outside of it."""
    found = os.path.relpath(real_path(directory or os.curdir), top)
    if found.split(os.sep)[0] == os.pardir:
        return None
    return "" if found == os.curdir else found


def _then(revision: str, path: str, folder: Path) -> str | None:
    """What a file or directory was at a revision; None where it was not there, or git does not keep it."""
    try:
        (found,) = write_revision(revision, [path], folder)
    except UsageError:
        return None
    return None if found is None else str(found)


def _given_alone(side: ComparisonSide, other: ComparisonSide) -> dict[str, str]:
    """
    The defaults that parameters have on another side, of those that are given a value on one side alone: where nobody
    gives one, a stack is made with the default, so that whoever gives one changes it.
    """
    names = side.settings.parameters.keys() - other.settings.parameters.keys()
    found: dict[str, set[str]] = {}
    for named in other.templates if names else ():
        for name, default in named.template.parameter_defaults().items():
            if name in names:
                found.setdefault(name, set()).add(default)
    # Templates with several defaults of one name are compared at any value of it.
    return {name: default for name, (default, *others) in found.items() if not others}


def _with_values(settings: Settings, values: Mapping[str, str]) -> Settings:
    return settings._replace(parameters={**settings.parameters, **values})


def _unkept(path: str) -> str | None:
    """A file that git does not keep; None for one that it keeps."""
    return None if is_kept(path) else path


def _checked(
    config: Config | Mapping[str, object] | None, settings: Settings, properties: Sequence[str] | None
) -> Config:
    """The configuration; what is told besides is what it has to be."""
    check_place(settings.account, settings.region, settings.provider_accounts)
    check_values(settings.parameters)
    check_policy_kind(settings.policy_kind, POLICY_KINDS, "policy_kind")
    declared = read_config(config)
    select(declared, properties)
    return declared


def _compared(
    sides: Sequence[ComparisonSide],
    names: tuple[str, str],
    config: Config,
    settings: Settings,
    properties: Sequence[str] | None,
) -> Difference:
    settings.refuse_unused({option for side in sides for option in _options(side)})
    declared = {name for side in sides for named in side.templates for name in named.template.parameter_names}
    given = {*settings.parameters, *(name for side in sides for name in side.settings.parameters)}
    for name in sorted({one.removesuffix(RESOLVED) for one in given} - declared):
        there = ", ".join(sorted(declared)) or "none"
        raise UsageError(f"no template has a parameter called {name}; the parameters there are: {there}")
    old, new = without_unread_files(*with_linked_files(*labelled_alike(sides[0], sides[1])))
    return without_digests(Comparison(old, new, config).difference(names, properties))


def _options(side: ComparisonSide) -> set[str]:
    """The options that are only for some inputs, and had a part in these."""
    return {option for named in side.templates for option in named.template.presentation.options}


def _root(given: Named) -> Root:
    return Root(path_or_template(given))


def _below(path: str) -> str:
    """A path as it stands behind the name of a revision."""
    plain = os.path.normpath(path)
    return "" if plain == os.curdir else plain


def _called(given: Named, otherwise: str) -> str:
    return otherwise if isinstance(given, Mapping) else stream_name(fspath(given))
