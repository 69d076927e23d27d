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
from trustproof.inputs.terraform.instances import Note
from trustproof.inputs.terraform.lower import Lowered, lower
from trustproof.inputs.terraform.places import Places
from trustproof.inputs.terraform.plan import Plan
from trustproof.inputs.terraform.providers import DEFAULT, Homes
from trustproof.inputs.terraform.secrets import secrets_of
from trustproof.inputs.terraform.snapshot import Snapshot
from trustproof.inputs.terraform.state import read_raw_state, read_state
from trustproof.inputs.text.source import Map, Source, read_again
from trustproof.model.presentation import Presentation

#: What makes known what a plan does not know.
_WITH_SOURCE = ""
#: Where a doubt about what is not in a plan stands: nowhere.
_NOWHERE = ("what is not in the plan",)


class LoweredSource(Source):
    """
    The source of a template that was made of something else.

    Args:
        source: of that.
        lowered: the template.
        maker: makes it again.
        doubt: why nothing can be proved that depends on several resources.
    """

    def __init__(self, source: Source, lowered: Lowered, maker: LoweredMaker, doubt: str) -> None:
        super().__init__(source.name, source.text)
        self.maker = maker
        self.doubts = (Doubt(_NOWHERE, doubt, True),) if doubt else ()
        self._places = Places(source.name, lowered.data, lowered.roots)
        self.presentation = Presentation(
            lowered.types, secrets_of(lowered), tuple(f"{source.name}: {_shown(note)}" for note in lowered.notes)
        )

    @property
    def map(self) -> Map:
        """Where what the template was made of is written."""
        return self._places


def _shown(note: Note) -> str:
    return f"{note.what}: {note.reason}"


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
        made = _lowered(source, content, self.settings)
        if len(made) <= self.number:
            raise InputError("has changed while it was checked", self.file)
        lowered, doubt = made[self.number]
        return LoweredSource(source, lowered, self, doubt), lowered.data


def templates(source: Source, content: Mapping[str, object], settings: Settings) -> list[Template]:
    """
    The templates of a plan or state: one for each account that it deploys to.

    Raises:
        InputError: it is malformed, or says two accounts for one provider.
    """
    found: list[Template] = []
    for number, (lowered, doubt) in enumerate(_lowered(source, content, settings)):
        maker = LoweredMaker(source.name, settings, number)
        made = LoweredSource(source, lowered, maker, doubt)
        home = lowered.home
        template = Template(made, lowered.data, Deployment(home.account, home.region, None, settings.parameters))
        template.doubts += made.doubts
        found.append(template)
    return found


def _lowered(source: Source, content: Mapping[str, object], settings: Settings) -> list[tuple[Lowered, str]]:
    """What is lowered of each place, and why something cannot be proved of all of them."""
    kind = kind_of(content)
    check_version(content, source.name)
    snapshot = _snapshot(kind, content, source.name)
    given = dict(settings.provider_accounts)
    if settings.account is not None:
        given.setdefault(DEFAULT, settings.account)
    homes = Homes(snapshot, given, settings.region, source.name)
    made = lower(snapshot, homes, _WITH_SOURCE if kind == PLAN else "")
    # A provider that nothing is made with has nothing to say.
    full = [one for one in made if one.data["Resources"] or one.notes]
    return [(one, snapshot.doubt) for one in full or made[:1]]


def _snapshot(kind: str, content: Mapping[str, object], file: str) -> Snapshot:
    if kind == PLAN:
        return Plan(content, file).snapshot()
    return read_state(content, file) if kind == STATE else read_raw_state(content, file)
