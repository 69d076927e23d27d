"""
Moments in expressions: added to, compared, and refused where there is no such day.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trustproof.inputs.terraform.configuration.evaluation.functions import catalogue
from trustproof.inputs.terraform.configuration.evaluation.functions.registry import Context
from trustproof.inputs.terraform.configuration.values.work import Fault, NotKnown, Work
from trustproof.inputs.terraform.values.place import Extent, FixedPlace
from trustproof.inputs.terraform.values.values import Known, Symbol

PLACE = FixedPlace(Extent("main.tf", 1, 1, 2))


def call(name: str, *arguments: str) -> object:
    """What a function makes of texts."""
    function: Callable[..., object] = catalogue.FUNCTIONS[name]
    found = function(Context(PLACE, Work(), lambda: Symbol("?")), [Known(argument) for argument in arguments])
    assert isinstance(found, Known)
    return found.value


@pytest.mark.parametrize(
    ("moment", "duration", "expected"),
    [
        ("2027-01-31T08:00:00Z", "0s", "2027-01-31T08:00:00Z"),
        ("2027-01-31T08:00:00Z", "24h", "2027-02-01T08:00:00Z"),
        ("2027-01-31T08:00:00+02:00", "-1h30m", "2027-01-31T06:30:00+02:00"),
        ("2028-02-29T23:59:59.5Z", "1s", "2028-03-01T00:00:00Z"),
        ("2027-01-31T08:00:00Z", "0", "2027-01-31T08:00:00Z"),
    ],
)
def test_a_duration_is_added(moment: str, duration: str, expected: str) -> None:
    """In the offset of the moment, as RFC 3339 writes it."""
    assert call("timeadd", moment, duration) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("2027-01-31T08:00:00Z", "2027-01-31T09:00:00+01:00", 0),
        ("2027-01-31T08:00:00Z", "2027-01-31T08:00:01Z", -1),
        ("2027-02-01T00:00:00Z", "2027-01-31T23:59:59Z", 1),
    ],
)
def test_moments_are_compared(first: str, second: str, expected: int) -> None:
    """By when they are, whatever their offsets."""
    assert call("timecmp", first, second) == expected


@pytest.mark.parametrize(
    ("moment", "duration"),
    [
        ("2027-02-30T08:00:00Z", "0s"),
        ("2027-13-01T08:00:00Z", "0s"),
        ("2027-01-31T24:00:00Z", "0s"),
        ("2027-01-31T23:59:60Z", "0s"),
        ("2027-01-31", "0s"),
        ("2027-01-31t08:00:00z", "0s"),
        ("2027-01-31T08:00:00", "0s"),
        ("2027-01-31T08:00:00Z", "1 day"),
        ("2027-01-31T08:00:00Z", ""),
    ],
)
def test_what_is_no_moment_or_duration_has_no_value(moment: str, duration: str) -> None:
    """So `can` says false of it."""
    with pytest.raises(Fault) as error:
        call("timeadd", moment, duration)
    assert not isinstance(error.value, NotKnown)


@pytest.mark.parametrize(
    ("moment", "duration"),
    [
        ("2027-01-31T08:00:00Z", "5ms"),
        ("2027-01-31T08:00:00Z", "1.5h"),
        ("9999-12-31T23:59:59Z", "24h"),
        ("2027-01-31T08:00:00Z", "9999999999999h"),
    ],
)
def test_what_is_not_read_is_unknown(moment: str, duration: str) -> None:
    """Terraform makes something of it, and nobody says what."""
    with pytest.raises(NotKnown):
        call("timeadd", moment, duration)
