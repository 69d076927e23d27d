"""
Directories of configurations as sources of templates: one for each root module and account.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import NamedTuple, cast

from trustproof.errors import InputError
from trustproof.files.paths import real_path
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.deployment import Deployment
from trustproof.inputs.cloudformation.values.parameter import DEPENDS_ON
from trustproof.inputs.reader import IN_UNREAD_FILES
from trustproof.inputs.settings import Settings
from trustproof.inputs.terraform.accounts.providers import Home
from trustproof.inputs.terraform.configuration.modules.files import ChangedFiles, DiskFiles, Files
from trustproof.inputs.terraform.configuration.modules.modules import Loader
from trustproof.inputs.terraform.configuration.reading import RootConfiguration
from trustproof.inputs.terraform.edits.documents_in_text import is_filled_in, with_structures, without_references
from trustproof.inputs.terraform.edits.source_edits import Change, SourceEdits
from trustproof.inputs.terraform.edits.source_places import SourcePlaces, origins_of
from trustproof.inputs.terraform.edits.ways_of_writing import missing_argument, ways_of_writing
from trustproof.inputs.terraform.edits.wording import in_terraform
from trustproof.inputs.terraform.lowering.lowering import Root
from trustproof.inputs.terraform.resources.account_names import without_ids
from trustproof.inputs.terraform.resources.resource_lowering import LoweredTemplate, together
from trustproof.inputs.terraform.sources.configuration_readings import ConfigurationReadings, absent_blocks, lowered_of
from trustproof.inputs.terraform.sources.secrets import places_not_shown, secrets_of
from trustproof.inputs.terraform.sources.source import LeftOutWords, doubts_together, split_notes
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.text.positions import SourceMap
from trustproof.inputs.text.replacements import NotWritable, apply_replacements, texts
from trustproof.inputs.text.source import Map, Source
from trustproof.model.policy import Path
from trustproof.model.presentation import Presentation
from trustproof.model.stored_values import StoredValue
from trustproof.model.text import Symbolic
from trustproof.results.edit import DATA, Edit
from trustproof.results.report import Replacement


class ConfigurationParts(NamedTuple):
    """
    Of what all templates of a configuration are made: each holds the same, since they may be as many as its resources.
    """

    #: The text of all files.
    text: str
    made_of: tuple[Mapping[str, object], Mapping[tuple[str, Path], Root]]
    #: Address to the place of the block.
    blocks: Mapping[str, Place]
    #: Address to the places of the calls of modules around it, outermost first.
    calls: Mapping[str, Sequence[Place]]
    #: The addresses of blocks of which there are no instances.
    absent: tuple[str, ...]


def parts_of(read: RootConfiguration, made: Sequence[LoweredTemplate]) -> ConfigurationParts:
    """
    Of what the templates of a configuration are made.

    Args:
        made: all of them.
    """
    instances = read.instances()
    return ConfigurationParts(
        "\n".join(source.text for source in read.sources().values()),
        together(made),
        {one.address: one.place for one in instances if one.place is not None},
        {one.address: one.calls for one in instances if one.calls},
        tuple(address for address, _ in absent_blocks(read)),
    )


class ConfigurationSource(Source):
    """
    The source of a template that was lowered from a configuration.

    Args:
        root: the directory of the root module.
        read: the configuration.
        parts: what it is made of, in all of its templates.
        lowered: the template.
        maker: makes it again.
    """

    def __init__(
        self,
        root: str,
        read: RootConfiguration,
        parts: ConfigurationParts,
        lowered: LoweredTemplate,
        maker: ConfigurationMaker,
    ) -> None:
        super().__init__(root, parts.text)
        self.maker: ConfigurationMaker = maker
        self._read = read
        declared = cast("Mapping[str, Mapping[str, object]]", lowered.data.get("Parameters", {}))
        #: The parameters that stand for what expressions decide, each with the references that decide it.
        self._decided = {
            name: tuple(cast("Sequence[str]", one[DEPENDS_ON])) for name, one in declared.items() if DEPENDS_ON in one
        }
        self._places = SourcePlaces(
            root, *parts.made_of, parts.blocks.get, read.text, calls=lambda address: parts.calls.get(address, ())
        )
        secrets = secrets_of(lowered, read.secrets())
        notes, left_out = split_notes(lowered.notes, secrets.texts)
        options = frozenset(("provider_accounts", "var_files"))
        self.defaults: Mapping[str, str] = read.defaults if not maker.unset else {}
        self.instances: int = len(read.instances())
        self.goes_to: tuple[str | None, str | None] = (lowered.home.account, lowered.home.region)
        self.needs_caller: bool = read.needs_caller
        origins, written = origins_of(lowered.types), ways_of_writing(lowered, lambda root: root.value, read.text)
        self.presentation: Presentation = Presentation(
            lowered.types,
            secrets.texts,
            notes,
            options,
            origins,
            written,
            left_out,
            places_not_shown(lowered),
            secret_keys=secrets.keys,
            absent=parts.absent,
            place_names=lowered.place_names,
            credentials=lowered.home.credentials,
            files=read.real_files,
            in_its_words=in_terraform,
            left_out_words=LeftOutWords(lowered.notes, read.text, read.arguments_of),
            account_names=without_ids(
                lowered.account_names, lowered.home.account, lowered.roots, lambda root: root.value, read.text
            ),
        )

    def text_with_names(self, path: Path) -> Symbolic | None:
        """The text at a path with the references of its file as symbols; None where it has none."""
        return self._places.text_with_names(path)

    def is_given_elsewhere(self, path: Path) -> bool:
        """Whether the text at a path is not written there: an expression makes it, or a variable or module gives it."""
        return self._places.is_given_elsewhere(path)

    def is_closed(self, path: Path) -> bool:
        """Whether the type of a variable decides whether the key is there that a path ends in."""
        return self._places.is_closed(path)

    def made_of(self, name: str) -> str:
        """What a value is made of that is only known when it is applied: arguments of data sources and their like."""
        return self._read.made_of(name)

    def look_up(self, name: str) -> str:
        """What a data source is given whose value has a name, without its address; empty for anything else."""
        return self._read.look_up(name)

    def stored_values(self) -> Mapping[str, StoredValue]:
        """What it puts where others read it, by name."""
        return self._read.stored_values

    def read_from(self, name: str) -> Mapping[str, bool]:
        """Under which of these names a value is kept, each with whether it is the whole of it."""
        return self._read.read_from(name)

    def may_be_pattern(self, name: str) -> bool:
        """Whether a value that has a name is made of what is written with a wildcard, or of a file that may be any."""
        return self._read.may_be_pattern(name)

    @property
    def map(self) -> Map:
        """Where what the template was made of is written."""
        return self._places

    def refuses(self, name: str, value: str) -> bool:
        """Whether a validation is known not to admit a value of a variable, whatever else decides."""
        return None in self._read.refusals(name.removeprefix("var."), value)

    def admitted_values(self, name: str) -> Sequence[str]:
        """Some values of a variable that its validations are known to admit, as far as they are about nothing else."""
        found = self._read.witnesses
        return () if found is None else found.admitted_values(name)

    def decided_by(self, name: str) -> Sequence[str]:
        """The variables that decide an expression without a value, by its name, as far as they are known."""
        found = self._read.witnesses
        return () if found is None else found.decided_by(name)

    def doubt_about(self, values: Mapping[str, str]) -> str | None:
        """Why it is not known whether variables and expressions can have some values."""
        found = self._read.witnesses
        return None if found is None else found.doubt(values, self._decided)

    def names_behind(self, logical_ids: Collection[str], *, of_holders: bool) -> Collection[str]:
        """Which of the variables that have a default resources are made of, by what is written in their blocks."""
        return [f"var.{name}" for name in self._read.variables_behind.of(logical_ids, with_iam=of_holders)]

    def names_behind_buckets(self) -> Collection[str]:
        """Which of the variables buckets and what stands around them are made of, and the providers that make them."""
        return [f"var.{name}" for name in self._read.variables_behind.of_buckets]

    def without_defaults(self, names: Collection[str]) -> ConfigurationMaker | None:
        """What makes the content where some variables have other values than their defaults."""
        known = [name for name in names if name in self.defaults]
        return self.maker._replace(unset=frozenset(name.removeprefix("var.") for name in known)) if known else None


class ConfigurationMaker(NamedTuple):
    """
    Gives the template for one of the places that a configuration deploys to.
    """

    readings: ConfigurationReadings
    #: Which of them: where defaults are left out there may be others, in another order.
    home: Home
    #: The variables whose defaults are not read.
    unset: frozenset[str] = frozenset()

    def make(self) -> tuple[Source, Mapping[str, object]]:
        """
        Its source and its content.

        Raises:
            InputError: it is no longer what it was.
        """
        root = self.readings.root
        read, made = self.readings.at(self.unset)
        shared = [len({*one.home.providers} & {*self.home.providers}) for one in made]
        if not any(shared):
            raise InputError("has changed while it was checked", root)
        lowered = made[shared.index(max(shared))]
        return ConfigurationSource(root, read, parts_of(read, made), lowered, self), lowered.data

    def replacements(self, edits: Sequence[Edit]) -> tuple[Replacement, ...]:
        """What to replace in the sources so that they say what edits say; empty where that cannot be told."""
        of = self.readings
        return source_replacements(
            of.root,
            DiskFiles(of.named),
            lambda files: lowered_of(of.root, Loader(files, goes_on=True), of.settings, of.roots),
            edits,
        )


def source_replacements(
    root: str,
    files: Files,
    lowered: Callable[[Files], tuple[RootConfiguration, Sequence[LoweredTemplate]]],
    edits: Sequence[Edit],
) -> tuple[Replacement, ...]:
    """
    What to replace in sources so that they say what edits say; empty where that cannot be told.

    Args:
        root: the directory of the root module.
        files: the sources.
        lowered: gives what files say, and the templates of that.
    """
    try:
        read, made = lowered(files)
        (number,) = {at for at, one in enumerate(made) for edit in edits if _has(one, edit)}
        places = SourcePlaces(root, *together(made), lambda _: None, read.text, calls=lambda _: ())
        changes = SourceEdits(places.made_of, read.text, partial(missing_argument, made[number])).changes(edits)
        changed, again = lowered(ChangedFiles(files, _changed(changes, read.text)))
        if len(changed.errors) > len(read.errors):
            return ()
        for at, (one, other) in enumerate(zip(again, made, strict=True)):
            if at != number:
                is_same = texts(one.data) == texts(other.data)
            else:
                structured = with_structures(other.data, [edit for edit in edits if edit.path[0] != DATA])
                own = [without_references(edit, structured) for edit in edits if edit.path[0] != DATA]
                expected = apply_replacements(structured, own)
                is_same = is_filled_in(texts(with_structures(one.data, own)), texts(expected))
            if not is_same:
                return ()
    except (InputError, NotWritable, IndexError, KeyError, TypeError, ValueError):
        # Sources of many kinds lead here, and none of them is worse than having no suggestion.
        return ()
    found = []
    for change in sorted(changes):
        lines = SourceMap(read.text(change.file)).line_column
        found.append(Replacement(*lines(change.start), *lines(change.end), change.text, change.file))
    return tuple(found)


def _has(lowered: LoweredTemplate, edit: Edit) -> bool:
    """Whether an edit is about something in a template."""
    found = lowered.data.get(str(edit.path[0]))
    return isinstance(found, Mapping) and edit.path[1] in found


def _changed(changes: Sequence[Change], text: Callable[[str], str]) -> dict[str, bytes]:
    """The contents of files with changes in them."""
    found: dict[str, str] = {}
    for change in sorted(changes, reverse=True):
        before = found.get(change.file) or text(change.file)
        found[change.file] = before[: change.start] + change.text + before[change.end :]
    return {file: content.encode("utf-8", "surrogatepass") for file, content in found.items()}


def templates(root: str, named: str, settings: Settings, roots: int = 1) -> list[Template]:
    """
    The templates of a root module, as `read_root` gives them.

    Raises:
        InputError: a source is not what it claims to be.
    """
    found = read_root(root, named, settings, roots)
    for error in found.errors:
        raise error
    return [*found.templates]


class RootModule(NamedTuple):
    """
    What a root module says.
    """

    #: One for each account that it deploys to.
    templates: Sequence[Template]
    #: What is wrong with files beside which the others were read.
    errors: Sequence[InputError]
    #: The real paths of what was read.
    files: frozenset[str]


def read_root(root: str, named: str, settings: Settings, roots: int = 1) -> RootModule:
    """
    The templates of a root module, and what of it cannot be read.

    Args:
        root: its directory.
        named: the directory that was named.
        roots: how many root modules the run has.

    Raises:
        InputError: nothing of it can be read, or there are two accounts for one provider.
    """
    readings = ConfigurationReadings(root, named, settings, roots)
    read, made = readings.at(frozenset())
    parts = parts_of(read, made)
    doubts = doubts_together(read.lacks, IN_UNREAD_FILES)
    found: list[Template] = []
    for lowered in made:
        home = lowered.home
        source = ConfigurationSource(root, read, parts, lowered, ConfigurationMaker(readings, home))
        deployment = Deployment(home.account, home.region, None, settings.parameters)
        template = Template(source, lowered.data, deployment)
        template.doubts += doubts
        found.append(template.nested_nowhere() if read.needs_caller else template)
    broken = (real_path(error.file) for error in read.errors if error.file)
    return RootModule(found, read.errors, read.real_files.union(broken))
