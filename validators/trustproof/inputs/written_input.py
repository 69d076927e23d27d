"""
What is asked of an input as it is written: what stands where, in which words, and how it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from trustproof.model.outward_changes import OutwardChanges
from trustproof.model.policy import Path
from trustproof.model.position import Position
from trustproof.model.presentation import Presentation
from trustproof.model.stored_values import StoredValue
from trustproof.model.text import Symbolic, Text
from trustproof.results.edit import Edit, Value


class NamedTarget(NamedTuple):
    """
    What an input has a service come to, by an ARN that is not of its own account.
    """

    #: None where it is given at deployment.
    account: str | None
    #: As in the ARN, after the account: ``function:handler``.
    name: str
    #: The account that the input is deployed to; None where it does not say.
    own: str | None = None


class WrittenResource(Protocol):
    """
    How a resource is written, with functions of the language that it is written in; it can be sent to other processes.
    """

    def value(self, path: Path) -> Value | None:
        """The function that is written at a path, as a text with names where it gives one; None for anything else."""

    def strings(self) -> Iterator[str]:
        """The texts in it, at any depth."""
        ...

    def text_around(self, path: Path) -> str | None:
        """What is written of the text that a path leads into; None where it leads into none."""

    def where_instead(self, edits: Iterable[Edit]) -> str:
        """Where edits can be made that cannot be made in what is written, in a few words; empty where all can."""
        ...


class OtherResource(NamedTuple):
    """
    What says that the policies of a resource are for another one, where its properties do not.
    """

    #: The ARN as it is written; None where only a name is.
    arn: object
    #: What names it; None where its ARN is known.
    named: object


class WrittenInput(Protocol):
    """
    Something that was read from files, and can say what is written there.
    """

    @property
    def is_as_written(self) -> bool:
        """Whether the file has what paths lead through, so that edits of one are edits of the other."""

    @property
    def presentation(self) -> Presentation:
        """How it is shown."""

    def home_of(self, path: Path) -> tuple[Any, Path, str] | None:
        """
        Of inputs that were put together: the one that has what stands at a path, the path there, and what begins the
        names that it has among the others; None where it was read as it is.
        """

    @property
    def outward_changes(self) -> OutwardChanges:
        """What deploying it changes for other inputs, where it is a plan."""
        ...

    @property
    def waivers(self) -> tuple[tuple[Path, object], ...]:
        """What the author asks to have waived: the path of the resource it stands at, and what is written there."""
        ...

    def has_existed(self, logical_id: str) -> bool:
        """Whether a plan or state says that a resource was there before."""
        ...

    def has_account_name(self, logical_id: str) -> bool:
        """
        Whether the file calls the account that a resource goes to by a name, or may: it says its id nowhere near.
        """

    def mentions(self, word: str) -> bool:
        """Whether a word occurs in it or in what it is given, wherever that is, so that a policy may come to say it."""
        ...

    def has_partition_name(self, logical_id: str) -> bool:
        """Whether it has a name for the partition that a resource goes to, and so may go to several."""

    def is_given_elsewhere(self, path: Path, text: str) -> bool:
        """Whether a text at a path is not written there: a parameter, a mapping or another file gives it."""
        ...

    def is_closed(self, path: Path) -> bool:
        """Whether the type of a variable decides whether the key is there that a path ends in."""
        ...

    def text_with_names(self, path: Path) -> Symbolic | None:
        """
        The text at a path as the file has it from which it was made: what is known by its value has a name there. None
        where nothing has, and where the input is that file.
        """
        ...

    def made_of(self, name: str) -> str:
        """
        What a value is made of that is only known elsewhere, by its name: equal where two inputs make it alike; empty
        where its name says all.
        """
        ...

    def look_up(self, name: str) -> str:
        """
        What a value is looked up by, without what it is called: equal where two inputs look up the same; empty where
        nothing looks it up.
        """
        ...

    def stored_values(self) -> Mapping[str, StoredValue]:
        """What it puts where others read it, by the names under which these do: parameters of Systems Manager."""
        ...

    def read_from(self, name: str) -> Mapping[str, bool]:
        """
        Under which of these names what is kept that a value or condition of some name is made of, each with whether the
        value is the whole of it; empty where it is nothing that is kept.
        """
        ...

    def resource_as_written(self, path: Path) -> WrittenResource | None:
        """The resource that a path leads into, as its file has it; None where the file has it in another form."""

    def written(self, path: Path) -> object:
        """What is written at a path; None where nothing is."""
        ...

    def text_at(self, path: Path) -> Text | None:
        """The text at a path, as far as it is known; None where there is none."""
        ...

    def texts_at(self, path: Path) -> Sequence[Text]:
        """
        Each text that stands at a path by some outcome of the conditions there, as far as they are known; once more
        where a parameter may have other values than its default. One only where the values at which it is read decide.
        """
        ...

    def arns_of(self, logical_id: str) -> Sequence[Text]:
        """The ARN of a resource where a parameter may have each value of a list; none where that is no other one."""
        ...

    def other_resource(self, path: Path) -> OtherResource | None:
        """For which other one a resource is whose path this is, where its properties do not say it; None for none."""

    def chosen_by(self, value: object) -> Sequence[str]:
        """What decides which of several things a value is, as it is written: conditions and mappings."""
        ...

    def mapped_by(self, path: Path) -> Mapping[str, Sequence[str]]:
        """
        The names in what looks up a mapping below a path, those of parameters among them; with the keys that the
        mapping has there of one that is a key by itself.
        """
        ...

    def put_on(self, path: Path) -> object | None:
        """
        What says on which resource a policy is put that is a resource of its own, whose path this is, as it is written;
        None for what is none.
        """
        ...

    def reference(self, value: object) -> tuple[str, str] | None:
        """The name of a resource or parameter, and the attribute, that a written value refers to; None for others."""
        ...

    def definition(self, name: str) -> object:
        """What decides about a name that guards have, as it is written: equal where two inputs decide it alike."""
        ...

    def locate(self, path: Path) -> Position:
        """Where the key (of a list: the item) at a path stands, or the nearest thing around it that is written."""
        ...

    def source_line(self, number: int, file: str = "") -> str:
        """A line, from 1, of the file or of another one that positions name; empty beyond its end."""
        ...

    def named_targets(self) -> tuple[NamedTarget, ...]:
        """What of other accounts it has services come to; nothing of what has another form in its file."""
        ...
