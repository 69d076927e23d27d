"""
Plans and states as sources of templates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple, Protocol, TypeAlias

from trustproof.errors import InputError
from trustproof.escaping.text import first_of
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.deployment import Deployment
from trustproof.inputs.reader import Doubt
from trustproof.inputs.settings import Settings
from trustproof.inputs.terraform.accounts.providers import DEFAULT, Homes
from trustproof.inputs.terraform.accounts.state_accounts import refuse_another
from trustproof.inputs.terraform.edits.places import Places
from trustproof.inputs.terraform.edits.source_places import SourcePlaces, origins_of
from trustproof.inputs.terraform.edits.ways_of_writing import ways_of_writing
from trustproof.inputs.terraform.edits.wording import in_terraform
from trustproof.inputs.terraform.lowering.lowering import Root
from trustproof.inputs.terraform.plans.forgotten_resources import with_forgotten_resources
from trustproof.inputs.terraform.plans.late_deletes import with_late_deletes
from trustproof.inputs.terraform.plans.lost_attachments import with_lost_attachments
from trustproof.inputs.terraform.plans.plan import Plan
from trustproof.inputs.terraform.plans.planned_origins import made_of, read_from, stored_in_state, stored_values
from trustproof.inputs.terraform.plans.policies_written_twice import with_policies_as_written
from trustproof.inputs.terraform.plans.state import outputs_of_state, read_raw_state, read_state
from trustproof.inputs.terraform.resources.account_names import without_ids
from trustproof.inputs.terraform.resources.resource_lowering import LoweredTemplate, lower, together
from trustproof.inputs.terraform.resources.unknown_accounts import doubt_about_account
from trustproof.inputs.terraform.snapshots.detect import PLAN, STATE, check_version, kind_of
from trustproof.inputs.terraform.snapshots.snapshot import Snapshot
from trustproof.inputs.terraform.sources.secrets import hidden_policies, places_not_shown, secrets_of
from trustproof.inputs.terraform.values.instances import Note
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.values import Value
from trustproof.inputs.text.source import Maker, Map, Source, read_again
from trustproof.model.policy import Path
from trustproof.model.presentation import Presentation, covered
from trustproof.model.stored_values import StoredValue
from trustproof.model.text import Symbolic

#: What makes known what a plan does not know.
_WITH_SOURCE = "give the configuration with --source"
#: So many things are named of which one note says the same.
_NAMED = 5
#: Where a doubt about what is not in a plan stands: nowhere.
_NOWHERE = ("what is not in the plan",)


def doubts_together(doubt: str, path: Path = _NOWHERE) -> tuple[Doubt, ...]:
    """That nothing can be proved that depends on several resources, for a reason; nothing where there is none."""
    return (Doubt(path, doubt, True),) if doubt else ()


class WrittenConfiguration(Protocol):
    """
    The configuration that a plan was made of.
    """

    def snapshot(self, plan: Snapshot) -> Snapshot:
        """What the plan says, with what it does not know."""
        ...

    def value(self, address: str, argument: Path) -> Value | None:
        """What the configuration says of an argument; None where it says nothing."""
        ...

    def block(self, address: str) -> Place | None:
        """Where the block of a resource stands."""
        ...

    def text(self, file: str) -> str:
        """The text of one of its files."""
        ...

    def made_of(self, name: str) -> str:
        """What a value is made of that is only known when the plan is applied, by its name."""
        ...

    def look_up(self, name: str) -> str:
        """What a data source is given whose value has a name, without its address; empty for anything else."""
        ...

    def stored_values(self) -> Mapping[str, StoredValue]:
        """What it puts where others read it, by name."""
        ...

    def read_from(self, name: str) -> Mapping[str, bool]:
        """Under which of these names what is kept that a value is made of, each with whether it is the whole of it."""
        ...

    def may_be_pattern(self, name: str) -> bool:
        """Whether a value that has a name is made of what is written with a wildcard, or of a file that may be any."""
        ...

    def calls(self, address: str) -> Sequence[Place]:
        """Where the modules are called that a resource came through, outermost first."""
        ...


#: Gives the configuration of a plan, by its place and the plan's.
Configure: TypeAlias = "Callable[[Plan, str, str], WrittenConfiguration]"


class Made(NamedTuple):
    """
    A plan or state, and what was made of it.
    """

    #: One for each account.
    lowered: tuple[LoweredTemplate, ...]
    #: Why nothing can be proved that depends on several resources.
    doubt: str
    #: The configuration of a plan; None where it is not given.
    written: WrittenConfiguration | None
    #: A plan whose configuration is not given; None for anything else.
    plan: Plan | None = None
    #: What a state keeps where others read it, by name.
    kept: Mapping[str, StoredValue] = MappingProxyType({})

    def places(self, name: str) -> Places:
        """
        Where the parts of the templates stand: in the configuration, if that is given. An address is one for all
        accounts, so any of the templates can be asked for the places of all.
        """
        data, roots = together(self.lowered)
        given = self.written
        if given is None:
            return Places(name, data, roots)
        return SourcePlaces(
            name,
            data,
            roots,
            given.block,
            given.text,
            lambda root: given.value(root.address, root.argument),
            calls=given.calls,
        )


class LoweredSource(Source):
    """
    The source of a template that was made of a plan or state.

    Args:
        source: of that.
        made: all that was made of it.
        number: of the template among those.
        maker: makes it again.
    """

    def __init__(self, source: Source, made: Made, number: int, maker: Maker) -> None:
        super().__init__(source.name, source.text)
        lowered = made.lowered[number]
        self.maker: Maker = maker
        self.doubts: tuple[Doubt, ...] = doubts_together(made.doubt)
        self._places = made.places(source.name)
        notes, left_out = split_notes(lowered.notes)
        options = frozenset(("provider_accounts", *(("source",) if made.written is not None else ())))
        origins = origins_of(lowered.types) if made.written is not None else {}
        self._given = given = made.written
        self._plan, self._kept = made.plan, made.kept
        written, names = ways_of_writing(lowered, lambda root: None, str), lowered.account_names
        if given is None and lowered.home.account is not None:
            # A plan has the value of whatever is known.
            names = {}
        if given is not None:

            def value(root: Root) -> Value | None:
                return given.value(root.address, root.argument)

            written = ways_of_writing(lowered, value, given.text)
            names = without_ids(names, lowered.home.account, lowered.roots, value, given.text)
        secrets = secrets_of(lowered)
        self.presentation: Presentation = Presentation(
            lowered.types,
            secrets.texts,
            tuple(f"{source.name}: {note}" for note in notes),
            options,
            origins,
            written,
            left_out=left_out,
            left_out_words=LeftOutWords(lowered.notes, _no_text if given is None else given.text),
            unshown=places_not_shown(lowered),
            hidden=lowered.hidden,
            secret_keys=secrets.keys,
            account_names=names,
            place_names=lowered.place_names,
            credentials=lowered.home.credentials,
            in_its_words=in_terraform,
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
        """What a value is made of that is only known when it is applied, as far as the configuration says it."""
        if self._given is not None:
            return self._given.made_of(name)
        return "" if self._plan is None else made_of(self._plan, name)

    def look_up(self, name: str) -> str:
        """What a data source is given whose value has a name, as far as a configuration says it."""
        return "" if self._given is None else self._given.look_up(name)

    def stored_values(self) -> Mapping[str, StoredValue]:
        """What it puts where others read it, by name; a plan and a state say what is kept, and never show it."""
        if self._given is not None:
            return self._given.stored_values()
        return self._kept if self._plan is None else stored_values(self._plan)

    def read_from(self, name: str) -> Mapping[str, bool]:
        """Under which of these names what is kept that a value is made of, each with whether it is the whole of it."""
        if self._given is not None:
            return self._given.read_from(name)
        return {} if self._plan is None else read_from(self._plan, name)

    def may_be_pattern(self, name: str) -> bool:
        """Whether a value that has a name is made of what is written with a wildcard, or of a file that may be any."""
        return self._given is not None and self._given.may_be_pattern(name)

    @property
    def map(self) -> Map:
        """Where what the template was made of is written."""
        return self._places


def _no_text(file: str) -> str:
    """A plan or state alone has no sources."""
    raise KeyError(file)


class LeftOutWords(Mapping[str, str]):
    """
    What the blocks of what nobody has looked into are given, by what it is; the words of those of which that is not
    known: how they are laid out says nothing.

    It is looked for when somebody asks: only comparisons do, and a configuration is read at many values.

    Args:
        text: gives the text of a file, or raises a KeyError.
        arguments: gives what the block of an address is given; empty where nobody knows it.
    """

    def __init__(
        self, notes: Sequence[Note], text: Callable[[str], str], arguments: Callable[[str], str] = lambda _: ""
    ) -> None:
        self._notes = notes
        self._text = text
        self._arguments = arguments

    def __getitem__(self, what: str) -> str:
        return self._found[what]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __reduce__(self) -> tuple[type[dict[str, str]], tuple[dict[str, str]]]:
        return dict, (self._found,)

    @cached_property
    def _found(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for note in self._notes:
            place = note.place
            if note.is_left_out and note.given:
                found[note.what] = note.given
            elif note.is_left_out and place is not None and place.start >= 0:
                with suppress(KeyError):
                    words = " ".join(self._text(place.file)[place.start : place.end].split())
                    found[note.what] = self._arguments(note.what) or words
        return found


def split_notes(
    notes: Sequence[Note], secrets: frozenset[str] = frozenset()
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """
    What a reader of the report has to know, each reason once, and what nobody has looked into.

    Args:
        secrets: texts that are never shown; what nobody has looked into has its own, for comparisons.
    """
    known: dict[str, dict[str, None]] = {}
    for note in notes:
        if not note.is_left_out:
            known.setdefault(covered(note.reason, secrets), {})[note.what] = None
    return (
        tuple(f"{first_of(what, _NAMED)}: {reason}" for reason, what in known.items()),
        tuple((note.what, note.reason) for note in notes if note.is_left_out),
    )


class LoweredMaker(NamedTuple):
    """
    Reads a plan or state again, and gives the template for one of the places that it deploys to.
    """

    file: str
    settings: Settings
    #: Which of them.
    number: int

    def make(self) -> tuple[Source, Mapping[str, object]]:
        """
        Its source and its content.

        Raises:
            InputError: it is no longer what it was.
        """
        source, content = read_again(self.file)
        return made_again(source, made(source, content, self.settings), self.number, self)


def made_again(source: Source, found: Made, number: int, maker: Maker) -> tuple[Source, Mapping[str, object]]:
    """
    The source and the content of a template that was made before.

    Raises:
        InputError: there are no longer so many.
    """
    if len(found.lowered) <= number:
        raise InputError("has changed while it was checked", source.name)
    return LoweredSource(source, found, number, maker), found.lowered[number].data


def templates(source: Source, content: Mapping[str, object], settings: Settings) -> list[Template]:
    """
    The templates of a plan or state: one for each account that it deploys to.

    Raises:
        InputError: it is malformed, or says two accounts for one provider.
    """
    found = made(source, content, settings)
    return made_templates(source, found, settings, lambda number: LoweredMaker(source.name, settings, number))


def made_templates(source: Source, found: Made, settings: Settings, maker: Callable[[int], Maker]) -> list[Template]:
    """
    The templates that were made of a plan or state.

    Args:
        maker: gives what makes one of them again, by its number.
    """
    out: list[Template] = []
    for number, lowered in enumerate(found.lowered):
        own = LoweredSource(source, found, number, maker(number))
        home = lowered.home
        deployment = Deployment(home.account, home.region, None, settings.parameters)
        template = Template(own, lowered.data, deployment.in_organization(lowered.organization))
        template.doubts += own.doubts
        out.append(template)
    return out


def made(source: Source, content: Mapping[str, object], settings: Settings, configure: Configure | None = None) -> Made:
    """
    What is lowered of each place that a plan or state deploys to.

    Args:
        configure: gives the configuration of a plan; None where it is not given.

    Raises:
        InputError: the file is malformed, says two accounts for one provider, or is not of the configuration.
    """
    kind = kind_of(content)
    check_version(content, source.name)
    written: WrittenConfiguration | None = None
    plan: Plan | None = None
    kept: Mapping[str, StoredValue] = {}
    if kind == PLAN:
        plan = Plan(content, source.name)
        snapshot = plan.snapshot()
        if configure is not None and settings.source is not None:
            written = configure(plan, settings.source, source.name)
            snapshot = written.snapshot(snapshot)
        snapshot = with_late_deletes(snapshot)
    else:
        snapshot = read_state(content, source.name) if kind == STATE else read_raw_state(content, source.name)
        kept = stored_in_state(snapshot.instances, outputs_of_state(content))
        if kind == STATE:
            refuse_another(snapshot.instances, settings.account, source.name)
    given = dict(settings.provider_accounts)
    if settings.account is not None:
        given.setdefault(DEFAULT, settings.account)
    homes = Homes(snapshot, given, settings.region, source.name)
    if snapshot.forgotten:
        snapshot = with_forgotten_resources(snapshot, homes)
        homes = Homes(snapshot, given, settings.region, source.name)
    snapshot = with_policies_as_written(with_lost_attachments(snapshot, homes))
    is_alone = kind == PLAN and written is None
    found = lower(snapshot, homes, _WITH_SOURCE if is_alone else "")
    if is_alone:
        found = tuple(one._replace(notes=(*one.notes, *hidden_policies(one))) for one in found)
    # A provider that nothing is made with has nothing to say.
    full = tuple(one for one in found if one.data["Resources"] or one.notes)
    doubt = snapshot.doubt or doubt_about_account(snapshot, homes)
    return Made(full or found[:1], doubt, written, plan if is_alone else None, kept)
