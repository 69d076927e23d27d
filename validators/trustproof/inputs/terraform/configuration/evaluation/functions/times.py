"""
Functions of moments: https://developer.hashicorp.com/terraform/language/functions/timeadd

What they are given is written; the clock is none of them.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from trustproof.inputs.terraform.configuration.evaluation.functions.registry import of_known
from trustproof.inputs.terraform.configuration.values.work import NotKnown

#: https://www.rfc-editor.org/rfc/rfc3339#section-5.6, as Terraform takes it.
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(\.\d+)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII
)
_DURATION = re.compile(r"[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+|[+-]?0", re.ASCII)
_PART = re.compile(r"(\d+)([smh])", re.ASCII)
_READ = re.compile(r"(?:\d+[smh])+", re.ASCII)
#: A duration is counted in nanoseconds, of which there are fewer than 2**63.
_LONGEST = 9 * 10**9
_SECONDS = {"s": 1, "m": 60, "h": 3600}


@of_known("text text")
def timeadd(moment: str, duration: str) -> str:
    if not _DURATION.fullmatch(duration):
        raise ValueError("the second argument is no duration")
    size = duration.lstrip("+-")
    if size != "0" and not _READ.fullmatch(size):
        raise NotKnown("a duration is read in hours, minutes and seconds")
    seconds = sum(int(number) * _SECONDS[unit] for number, unit in _PART.findall(size))
    start = _read(moment)
    if seconds > _LONGEST:
        raise NotKnown("the moment is too far away")
    try:
        found = start + timedelta(seconds=-seconds if duration.startswith("-") else seconds)
    except OverflowError:
        raise NotKnown("the moment is too far away") from None
    # A fraction of a second is not written.
    return found.replace(microsecond=0).isoformat().replace("+00:00", "Z")


@of_known("text text")
def timecmp(moment: str, other: str) -> int:
    first, second = _read(moment), _read(other)
    return (first > second) - (first < second)


def _read(text: str) -> datetime:
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError("it is no moment of RFC 3339")
    if len(found[2] or "") > 7 or text.startswith("0000"):
        raise NotKnown("the moment is not one that is read")
    # Python names what is wrong with a day that no month has.
    return datetime.fromisoformat(f"{found[1]}{found[2] or ''}{found[3]}")
