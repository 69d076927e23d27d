"""
How often the templates of nested stacks are read: a few files that each nest the next one twice are as many stacks as
nobody waits for.

The first reading of a file is free, as that of any file of a run. What it costs to read it again, for another stack, is
counted in characters, and in statements that are judged for it; the stacks of a run that nest others have an equal
share of it each. Stacks that are the same in
all that a template can ask of its stack are read twice, so that each has one like it beside it, and no more.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from trustproof.errors import InputError
from trustproof.files.paths import real_path
from trustproof.inputs.cloudformation.values.deployment import Deployment
from trustproof.results.result import BUDGET

#: How many characters of templates the nested stacks of a run may have that have been read for another stack before.
MAX_REPEATED = 4_000_000
#: What one reading costs at least, in characters: as much as a template of that length.
LEAST_COST = 4_000
#: What judging a statement costs, in characters; and what it costs where the stack is passed what nobody knows: it is
#: judged at values that are tried out then, and again next to the stack around it.
STATEMENT_COST, OPEN_STATEMENT_COST = 2_500, 5_000
#: How many stacks may be nested inside each other.
MAX_DEPTH = 60
#: How many stacks that are alike are read.
_ALIKE = 2
_NAME = re.compile("[A-Za-z0-9]+")


class Share:
    """
    What the nested stacks of one stack may cost.

    Args:
        characters: of templates that have been read before.
        fresh: the real paths of files that no stack before has been nested from.
    """

    def __init__(self, characters: int = MAX_REPEATED, fresh: Collection[str] = ()) -> None:
        self.characters = characters
        self.fresh: frozenset[str] = frozenset(fresh)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Share) and (self.characters, self.fresh) == (other.characters, other.fresh)

    def __hash__(self) -> int:
        return hash((self.characters, self.fresh))


def shares(nested: Sequence[Collection[str]]) -> Iterator[Share]:
    """
    What each of the stacks of a run may cost.

    Args:
        nested: for each of them, the real paths of the files that are nested in it; empty for one that nests none.
    """
    each = MAX_REPEATED // max(sum(1 for files in nested if files), 1)
    before: set[str] = set()
    for files in nested:
        yield Share(each, {file for file in files if file not in before})
        before.update(files)


class Composition:
    """
    Counts the readings of the templates that are nested in one stack.
    """

    def __init__(self, share: Share) -> None:
        self._share = share
        self._left = share.characters
        self._fresh = set(share.fresh)
        #: The budgets that have been reached.
        self.errors: list[InputError] = []
        self._alike: dict[tuple[object, ...], int] = {}

    def is_fresh(self, file: str) -> bool:
        """Whether the next reading of a template is its first."""
        return real_path(file) in self._fresh

    def takes(self, file: str, nested_in: str, depth: int) -> bool:
        """
        Count one reading, before it is done; False where it would be too many.

        Args:
            file: the template of the nested stack.
            nested_in: the template that nests it.
            depth: how many stacks it stands inside of.
        """
        if depth > MAX_DEPTH:
            return self._over(f"stacks nested inside each other ({MAX_DEPTH})", nested_in)
        real = real_path(file)
        if real in self._fresh:
            self._fresh.discard(real)
            return True
        try:
            self._left -= max(os.path.getsize(real), LEAST_COST)
        except OSError:
            # What is wrong with it is said where it is read.
            self._left -= LEAST_COST
        if self._left >= 0:
            return True
        return self._over(f"templates of nested stacks, as many as the run has ({self._share.characters})", nested_in)

    def charge_statements(self, count: int, *, is_open: bool) -> None:
        """
        Count what it costs to judge a nested stack, against those that are still to be read.

        Args:
            count: of the statements of its policies; the first is a part of what the reading costs.
            is_open: whether it is passed something that nobody knows.
        """
        self._left -= count * (OPEN_STATEMENT_COST if is_open else STATEMENT_COST) - min(count, 1) * STATEMENT_COST

    def _over(self, name: str, nested_in: str) -> bool:
        """Say once which budget is reached."""
        if not any(name in error.message for error in self.errors):
            self.errors.append(InputError(f"{BUDGET}: {name}", nested_in))
        return False

    def is_enough(self, file: str, deployment: Deployment) -> bool:
        """Whether as many stacks have been read that are like one which is made of a file."""
        key = (
            real_path(file),
            deployment.account,
            deployment.region,
            deployment.partition,
            deployment.stack_name,
            deployment.stack_set.targets,
            str(deployment.presence.conditions),
            tuple(sorted(deployment.parameters.items())),
            tuple(sorted(deployment.bindings.items(), key=lambda item: item[0])),
        )
        self._alike[key] = self._alike.get(key, 0) + 1
        return self._alike[key] > _ALIKE


def mentioned_resources(content: Mapping[str, object]) -> frozenset[str] | None:
    """
    The names of resources of which a template says something, but that others wait for them; None where that cannot be
    told before loops and computed names are written out.
    """
    if "Transform" in content:
        return None
    return frozenset(name for text in _texts(content) for name in _NAME.findall(text))


def _texts(value: object) -> Iterator[str]:
    """All texts in a value but those under ``DependsOn``, which says nothing of what a resource is."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key != "DependsOn":
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
