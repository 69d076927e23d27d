"""
Answers are kept by which objects they are about, and by the values beside them.
"""

from __future__ import annotations

from trustproof.model.identity_memory import IdentityMemory


def test_an_answer_is_of_the_very_object() -> None:
    memory, asked = IdentityMemory[int](9), list[object]()

    def get(thing: object, values: object = ()) -> int:
        return memory.get(lambda: asked.append(thing) or len(asked), thing, values=values)

    one, equal = [1], [1]
    assert [get(one), get(one), get(equal), get(one, "a"), get(one, "b"), get(one, "a")] == [1, 1, 2, 3, 4, 3]


def test_nothing_has_the_identity_of_what_is_kept() -> None:
    """An object that nobody else holds would be gone, and the next one might have its address."""
    memory = IdentityMemory[int](1_000)
    assert [memory.get(lambda n=n: n, [n]) for n in range(500)] == [*range(500)]


def test_no_more_are_kept_than_is_said() -> None:
    memory, asked, things = IdentityMemory[int](3), list[int](), [[n] for n in range(4)]
    for _ in range(2):
        for (number,) in things[:3]:
            memory.get(lambda number=number: asked.append(number) or 0, things[number])
    assert asked == [0, 1, 2]
    for number in (3, 0):
        memory.get(lambda number=number: asked.append(number) or 0, things[number])
    assert asked == [0, 1, 2, 3, 0]
