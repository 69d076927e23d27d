"""
Which blocks against public policies are around which bucket.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from trustproof.inputs.terraform.configuration.values.open_keys import may_be_same
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.resources.refused_policies import REFUSING, RESTRICTING
from trustproof.inputs.terraform.values.conditions import Condition, Not
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.values import KEPT, Choice, Known, Symbol, Value

PUBLIC_ACCESS_BLOCK = "aws_s3_bucket_public_access_block"
SETTINGS = {"BlockPublicPolicy": REFUSING, "RestrictPublicBuckets": RESTRICTING}


class BlocksAroundBuckets:
    """
    The blocks of one template, by the buckets that they are about: each policy of a bucket asks for its own.
    """

    def __init__(self, made: Lowering) -> None:
        self._made = made
        self._around: dict[str, list[Instance]] = {}
        #: Those of which nobody knows the bucket, with what they name, in the order of the template.
        self._open: list[tuple[Instance, list[Value]]] = []
        for block in made.of_type(PUBLIC_ACCESS_BLOCK):
            self._around.setdefault(_key(made.bucket(block, "bucket")), []).append(block)
            if found := [*_open_values(made, block)]:
                self._open.append((block, found))

    def around(self, bucket: object) -> Sequence[Instance]:
        """The blocks around a bucket: a reference, or its name."""
        return self._around.get(_key(bucket), ())

    def may_be_another_around(self, bucket: object) -> bool:
        """Whether a block may be about a bucket, since nobody can name the one that it is about."""
        made, around = self._made, self.around(bucket)
        one = made.by_address.get(str(bucket.get("Ref"))) if isinstance(bucket, dict) else None
        name = Known(bucket) if isinstance(bucket, str) else made.value(one, "bucket") if one is not None else None
        return any(
            name is None or may_be_same(value, name)
            for block, values in self._open
            if block not in around and not (around and _is_all_on(made, block))
            for value in values
        )


def blocks_around_buckets(made: Lowering) -> BlocksAroundBuckets:
    """Those of a template, which are looked through once."""
    if not isinstance(made.around_buckets, BlocksAroundBuckets):
        made.around_buckets = BlocksAroundBuckets(made)
    return made.around_buckets


def _key(bucket: object) -> str:
    return json.dumps(bucket, sort_keys=True, default=str)


def _open_values(made: Lowering, block: Instance) -> Iterator[Value]:
    """What a block names that is no bucket which is declared, nor the name of one."""
    named = named_bucket(made, block)
    for value, _ in leaves(named, ()) if named is not None else ():
        found = made.bucket_of(value)
        if isinstance(found, dict) and found.get("Ref") not in made.by_address:
            yield value


def _is_all_on(made: Lowering, block: Instance) -> bool:
    return all(made.known(block, name) is True for name in SETTINGS.values())


def named_bucket(made: Lowering, instance: Instance) -> Value | None:
    """The bucket that a resource names."""
    named = made.value(instance, "bucket")
    if isinstance(named, Choice) and isinstance(named.then, Symbol) and named.then.kind == KEPT:
        # A bucket is not changed: what is there is about the one that is written, or has been made for another.
        return named.otherwise
    return named


def leaves(value: Value, conditions: tuple[Condition, ...]) -> Iterator[tuple[Value, tuple[Condition, ...]]]:
    """What a value may be, each with what must hold for it."""
    if isinstance(value, Choice):
        yield from leaves(value.then, (*conditions, value.condition))
        yield from leaves(value.otherwise, (*conditions, Not(value.condition)))
    else:
        yield value, conditions
