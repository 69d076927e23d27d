"""
What templates say next to each other of the settings against public policies: of one bucket by its name, or of all that
an account has.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

#: A setting keeps others out in any case; none does; that is not known; or the template says nothing of settings.
ON, OFF, OPEN, SILENT = "on", "off", "open", "silent"
#: Instead of the name of a bucket, for all buckets of the account.
ALL_BUCKETS = ""


class BucketSettings(NamedTuple):
    """
    What stands around a bucket.
    """

    #: Its name, or `ALL_BUCKETS`.
    bucket: str
    #: `ON`, `OFF`, `OPEN` or `SILENT`.
    state: str
    #: The setting, in words, where one is on; where that is open, why.
    said: str = ""
    #: The setting that keeps others out whenever it was switched on, in words; empty where it is not on in any case.
    restricting: str = ""

    def around(self, *, was_there: bool) -> BucketSettings:
        """
        What it is to a policy.

        Args:
            was_there: whether the policy, or what stands around it, may have been there before the other one: only what
                is put after it is refused by ``BlockPublicPolicy``.
        """
        if self.state != ON or not was_there:
            return self
        if self.restricting:
            return self._replace(said=self.restricting)
        reason = f"{self.said} was on before the policy was put, which it refuses only then"
        return self._replace(state=OPEN, said=reason)


def together(found: Iterable[BucketSettings]) -> BucketSettings | None:
    """What several templates say of one bucket; None where nobody has anything to say."""
    by_state: dict[str, BucketSettings] = {}
    for one in found:
        by_state.setdefault(one.state, one)
    if OPEN in by_state:
        return by_state[OPEN]
    if ON in by_state and OFF in by_state:
        return by_state[ON]._replace(state=OPEN, said=f"{by_state[ON].said} is on, which another one switches off")
    return by_state.get(ON) or by_state.get(OFF) or by_state.get(SILENT)
