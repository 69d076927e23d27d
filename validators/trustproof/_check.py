"""
The gate: every policy of every template, each property, one report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from trustproof._chains import Chains
from trustproof._jobs import Given, Task, Worker, run, speak_of_each_other
from trustproof._nodes import Attached, Node, with_attached
from trustproof._template_check import Checked
from trustproof._typing import NamedTuple
from trustproof._verdict import OFF, PROVED, UNKNOWN, Result
from trustproof.config import Config
from trustproof.errors import InputError, NothingToProve, UsageError
from trustproof.model.policy import Path
from trustproof.properties import registry
from trustproof.properties._base import Property
from trustproof.templates.elsewhere import TEMPLATE_BODY, Elsewhere
from trustproof.templates.inputs import Inputs, Settings, read_paths, read_templates
from trustproof.templates.source import STDIN_NAME
from trustproof.templates.template import Template

Progress = Callable[[int, "int | None"], None]


class Sources:
    """
    The texts of the templates that results point into; read again when somebody asks, so that a run over thousands of
    templates does not keep them.
    """

    def __init__(self) -> None:
        self._open: tuple[str, Template] | None = None
        #: Standard input cannot be read twice.
        self._stdin: Template | None = None

    def keep(self, template: Template) -> None:
        """Remember a template, until another one is looked at."""
        self._open = (template.name, template)
        if template.name == STDIN_NAME:
            self._stdin = template

    def position(self, template: str, path: Path) -> tuple[int, int, int] | None:
        """Line, column and end column of a value, from 1."""
        found = self._template(template).locate(path)
        return found.line, found.column, found.end_column

    def line(self, template: str, number: int) -> str:
        """One line of a template, from 1."""
        return self._template(template).source_line(number)

    def _template(self, name: str) -> Template:
        if self._open is None or self._open[0] != name:
            self._open = (name, self._stdin if name == STDIN_NAME and self._stdin is not None else _reopen(name))
        return self._open[1]


def _reopen(name: str) -> Template:
    """
    A template that has been read before; what is wrong with parts of it has been reported then.

    Raises:
        InputError: it is gone by now.
    """
    found = read_paths((name,))
    template = next(found.templates, None)
    if template is None:
        raise found.errors[0]
    return template


class Report(NamedTuple):
    """
    The outcome of a check.
    """

    #: Every result, the proved ones included, in the order of the templates.
    results: tuple[Result, ...]
    templates: int
    #: How many policies were asked about.
    policies: int
    #: Files of directories that are no templates: path and reason.
    skipped: tuple[tuple[str, str], ...]
    #: Inputs that could not be read; what they hold is not judged.
    errors: tuple[InputError, ...]
    #: What a reader must know to read the summary right.
    notes: tuple[str, ...]
    sources: Sources
    #: How many proofs were checked again; None where nobody asked for that.
    certified: int | None = None


def check(
    paths: Sequence[str],
    *,
    config: Config | Mapping[str, object] | None = None,
    account: str | None = None,
    region: str | None = None,
    parameters: Mapping[str, str] | None = None,
    properties: Sequence[str] | None = None,
    certify: bool = False,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Report:
    """
    Prove the properties of every policy in CloudFormation templates.

    Nothing is raised for a file that cannot be read: it is in the report's `errors`, and the other files are judged.

    Args:
        paths: files, directories of templates, cloud assemblies, or ``-`` for standard input.
        config: the project's declarations; a mapping has the shape of ``trustproof.toml``.
        account: 12 digits; the account of templates that do not say theirs.
        region: the Region of templates that do not say theirs.
        parameters: template parameters to the values at which they are judged.
        properties: identifiers of the properties to ask; None asks all that the configuration does not switch off.
        certify: whether every proof is checked again, without the search; its result then has a `certificate`.
        jobs: how many processes may check templates, where there are many; with more than one, a program of yours
            needs the guard ``if __name__ == "__main__"``.
        progress: called with the number of files done, and how many there are where that is known.

    Raises:
        UsageError: no path, an unknown property, or a parameter that no template has.
        ConfigError: the mapping is no configuration.
        CertificateError: a proof does not stand up to being checked again, which is a bug.
    """
    if not paths:
        raise UsageError("no path was named")
    if jobs < 1:
        raise UsageError(f"jobs must be at least 1, got {jobs}")
    declared = settings(config)
    asked = selected(declared, properties)
    found = Inputs(paths, Settings(account, region, parameters or {}))
    task = Task(found.settings, declared, tuple(p.ident for p in asked), certify)
    given: list[Given] = []
    merged = _Merged()
    for done, (unit, total, items) in enumerate(run(found, task, jobs), 1):
        for item in items:
            if isinstance(item, Given):
                found.take(unit, item.declared)
                given.append(merged.read(item))
            else:
                found.take(unit, item)
        found.finish(unit)
        if progress is not None:
            progress(done, total or None)
    report = merged.report(given, asked, found, task, jobs)
    if found.unused_parameters and found.count:
        names = ", ".join(found.unused_parameters)
        there = ", ".join(sorted(found.declared_parameters)) or "none"
        raise UsageError(f"no template has a parameter called {names}; the parameters there are: {there}")
    return report


def check_templates(
    templates: Iterable[tuple[str, str | None, str | None]],
    *,
    config: Config | Mapping[str, object] | None = None,
    properties: Sequence[str] | None = None,
) -> Report:
    """
    Prove the properties of templates whose accounts and Regions are known.

    Args:
        templates: (file, account, Region); None where it is not known.
        config: the project's declarations; a mapping has the shape of ``trustproof.toml``.
        properties: identifiers of the properties to ask.

    Raises:
        InputError: a template cannot be read.
        UsageError: an unknown property.
    """
    read: list[Template] = []
    for outer in read_templates(templates):
        read.append(outer)
        for inner in outer.embedded():
            if isinstance(inner, InputError):
                raise inner
            read.append(inner)
    declared = settings(config)
    asked = selected(declared, properties)
    inputs = Inputs((), Settings())
    task = Task(inputs.settings, declared, tuple(p.ident for p in asked))
    worker, merged = Worker(task), _Merged()
    given = [worker.ask(template, (number, 0)) for number, template in enumerate(read)]
    for one in given:
        merged.read(one)
    report = merged.report(given, asked, inputs, task, 1)
    for error in report.errors:
        raise error
    return report


def settings(config: Config | Mapping[str, object] | None) -> Config:
    """A configuration, from what a caller of the library gives."""
    if config is None:
        return Config()
    return config if isinstance(config, Config) else Config.from_mapping(config, known=registry.options())


def selected(config: Config, properties: Sequence[str] | None) -> tuple[Property, ...]:
    """
    The properties to ask, in the order of reports.

    Raises:
        UsageError: an identifier is unknown.
        NothingToProve: none is left.
    """
    wanted = {registry.find(ident).ident for ident in properties} if properties is not None else None
    found = tuple(
        p
        for p in registry.PROPERTIES
        if (wanted is None or p.ident in wanted) and config.severity(p.ident, p.severity) != OFF
    )
    if not found:
        raise NothingToProve("every property is switched off, so nothing would be proved")
    return found


class _Merged:
    """
    What the templates gave, put together in their order.
    """

    def __init__(self) -> None:
        self._results: list[Result] = []
        self._nodes: list[Node] = []
        self._attached: list[Attached] = []
        self._policies = 0
        self._without: list[str] = []
        #: By template: why nothing can be proved of it, and what it refers to and does not hold.
        self._doubts: dict[str, str] = {}
        self._elsewhere: dict[str, tuple[Elsewhere, ...]] = {}
        self._names: list[str] = []
        self._sources = Sources()

    def read(self, given: Given) -> Given:
        """What one more template gave; a file can be read again, so that its template need not be kept."""
        if given.template is None:
            return given
        self._sources.keep(given.template)
        return given if given.name == STDIN_NAME else given._replace(template=None)

    def _add(self, name: str, checked: Checked) -> None:
        self._results += (*checked.results, *checked.composed, *checked.others)
        self._nodes.extend(checked.nodes)
        self._attached.extend(checked.attached)
        self._policies += sum(checked.policies)
        self._names.append(name)
        if checked.doubt:
            self._doubts[name] = checked.doubt
        if checked.elsewhere:
            self._elsewhere[name] = self._elsewhere.get(name, ()) + checked.elsewhere
        if not sum(checked.policies):
            self._without.append(name)

    def report(self, given: list[Given], asked: Sequence[Property], inputs: Inputs, task: Task, jobs: int) -> Report:
        """Ask what hangs on several templates, and report."""
        notes: tuple[str, ...] = ()
        if speak_of_each_other(given):
            from trustproof._linked import link

            given, errors, notes = link(given, task, jobs)
            inputs.errors.extend(errors)
        for one in given:
            self._add(one.name, one.checked)
        for across in asked:
            if across.across_templates:
                nodes = with_attached(self._nodes, self._attached)
                self._results.extend(Chains(nodes, across, certify=task.certify).results())
        results = tuple(map(self._told, self._results))
        return Report(
            results,
            len(given),
            self._policies,
            tuple((s.path, s.reason) for s in inputs.skipped),
            tuple(inputs.errors),
            (*_notes(self._without, len(given)), *_not_looked_into(self._elsewhere, self._names), *notes),
            self._sources,
            sum(1 for result in results if result.certificate) if task.certify else None,
        )

    def _told(self, result: Result) -> Result:
        """A result as the report has it: no proof of what a macro may change, and each resource with its StackSet."""
        if TEMPLATE_BODY in result.path:
            stack_set = result.path[result.path.index(TEMPLATE_BODY) - 2]
            result = result._replace(logical_id=f"{stack_set}/{result.logical_id}")
        doubt = self._doubts.get(result.template)
        if doubt is None or result.verdict != PROVED:
            return result
        message = f"not decided whether {registry.find(result.property).summary}: {result.logical_id}"
        return result._replace(verdict=UNKNOWN, message=message, reasons=(doubt,), certificate=())


def _not_looked_into(elsewhere: Mapping[str, Sequence[Elsewhere]], names: Sequence[str]) -> Iterator[str]:
    """A line for each template with resources whose own templates are not in the input."""
    from os.path import abspath, dirname, join

    there = {abspath(name) for name in names} if elsewhere else set()
    for name, resources in elsewhere.items():
        # Before it is packaged, a template names another one by its path.
        left = [r.what for r in resources if not r.location or abspath(join(dirname(name), r.location)) not in there]
        if left:
            whose = "whose template is elsewhere" if len(left) == 1 else "whose templates are elsewhere"
            yield f"{name}: not looked into: {', '.join(left)}, {whose}"


def _notes(without: Sequence[str], templates: int) -> tuple[str, ...]:
    if not without:
        return ()
    if len(without) == templates:
        return ("no template has a policy that was asked about: nothing was proved",)
    shown = ", ".join(without[:3]) + (f" and {len(without) - 3} more" if len(without) > 3 else "")
    return (f"without a policy that was asked about: {shown}",)
