"""
Plans, states and configurations as sources of templates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trustproof.errors import InputError
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.deployment import Deployment
from trustproof.inputs.reader import Doubt
from trustproof.inputs.settings import Settings
from trustproof.inputs.terraform.detect import PLAN, STATE, check_version, kind_of
from trustproof.inputs.terraform.lower import Lowered, lower
from trustproof.inputs.terraform.places import Places
from trustproof.inputs.terraform.plan import Plan
from trustproof.inputs.terraform.planned import PlannedConfiguration
from trustproof.inputs.terraform.providers import DEFAULT, Homes
from trustproof.inputs.terraform.secrets import secrets_of
from trustproof.inputs.terraform.snapshot import Snapshot
from trustproof.inputs.terraform.source_places import SourcePlaces
from trustproof.inputs.terraform.state import read_raw_state, read_state
from trustproof.inputs.text.source import Map, Source, read_again
from trustproof.model.presentation import Presentation

#: What makes known what a plan does not know.
_WITH_SOURCE = "give the configuration with --source"
#: Where a doubt about what is not in a plan stands: nowhere.
_NOWHERE = ("what is not in the plan",)


class LoweredSource(Source):
    """
    The source of a template that was made of something else.

    Args:
        source: of that.
        read: all that was made of it.
        number: of the template among those.
        maker: makes it again.
    """

    def __init__(self, source: Source, read: _Read, number: int, maker: LoweredMaker) -> None:
        super().__init__(source.name, source.text)
        lowered, doubt = read.lowered[number], read.snapshot.doubt
        self.maker = maker
        self.doubts = (Doubt(_NOWHERE, doubt, True),) if doubt else ()
        self._places = read.places(source.name, lowered)
        notes = tuple(f"{source.name}: {note.what}: {note.reason}" for note in lowered.notes)
        self.presentation = Presentation(lowered.types, secrets_of(lowered), notes, read.options)

    @property
    def map(self) -> Map:
        """Where what the template was made of is written."""
        return self._places


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
        made = _read(source, content, self.settings)
        if len(made.lowered) <= self.number:
            raise InputError("has changed while it was checked", self.file)
        return LoweredSource(source, made, self.number, self), made.lowered[self.number].data


def templates(source: Source, content: Mapping[str, object], settings: Settings) -> list[Template]:
    """
    The templates of a plan or state: one for each account that it deploys to.

    Raises:
        InputError: it is malformed, says two accounts for one provider, or is not of the configuration that is given.
    """
    read = _read(source, content, settings)
    found: list[Template] = []
    for number, lowered in enumerate(read.lowered):
        made = LoweredSource(source, read, number, LoweredMaker(source.name, settings, number))
        home = lowered.home
        template = Template(made, lowered.data, Deployment(home.account, home.region, None, settings.parameters))
        template.doubts += made.doubts
        found.append(template)
    return found


class _Read(NamedTuple):
    """
    A plan or state, and what was made of it.
    """

    snapshot: Snapshot
    lowered: tuple[Lowered, ...]
    #: The configuration of a plan; None where it is not given.
    configuration: PlannedConfiguration | None
    #: Which options have had a part in it.
    options: frozenset[str]

    def places(self, name: str, lowered: Lowered) -> Places:
        """Where the parts of a template stand: in the configuration, if that is given."""
        given = self.configuration
        if given is None:
            return Places(name, lowered.data, lowered.roots)
        return SourcePlaces(
            name,
            lowered.data,
            lowered.roots,
            given.block,
            given.text,
            lambda root: given.value(root.address, root.argument),
        )


def _read(source: Source, content: Mapping[str, object], settings: Settings) -> _Read:
    """What is lowered of each place that a plan or state deploys to."""
    kind = kind_of(content)
    check_version(content, source.name)
    configuration: PlannedConfiguration | None = None
    if kind == PLAN:
        plan = Plan(content, source.name)
        snapshot = plan.snapshot()
        if settings.source is not None:
            configuration = PlannedConfiguration(plan, settings.source, source.name)
            snapshot = configuration.snapshot(snapshot)
    else:
        snapshot = read_state(content, source.name) if kind == STATE else read_raw_state(content, source.name)
    given = dict(settings.provider_accounts)
    if settings.account is not None:
        given.setdefault(DEFAULT, settings.account)
    homes = Homes(snapshot, given, settings.region, source.name)
    made = lower(snapshot, homes, _WITH_SOURCE if kind == PLAN and configuration is None else "")
    # A provider that nothing is made with has nothing to say.
    full = tuple(one for one in made if one.data["Resources"] or one.notes)
    options = {"provider_accounts", *(("source",) if configuration is not None else ())}
    return _Read(snapshot, full or made[:1], configuration, frozenset(options))
