"""
Requests that a client sends again since it got no answer in time, as those of botocore do after a minute: they are one
request, and get the answer of the first. A client says so by an id of its own.

https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock

from trustproof.sandbox.requests.wire import Answer, Call

_ID = "amz-sdk-invocation-id"
#: Of how many requests the answers are kept.
_MOST = 100


class Repetitions:
    """The requests that are being answered, and those that were last."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._answers: dict[tuple[str, ...], Future[Answer]] = {}

    def answer(self, call: Call, account: str, first: Callable[[], Answer]) -> Answer:
        """
        Answer a request.

        Args:
            call: the request, which is allowed.
            account: in which it happens.
            first: what answers it, where it was not sent before.
        """
        repeated = call.http.headers.get(_ID)
        if repeated is None or call.credentials is None:
            return first()
        said = repr(sorted(call.parameters.items()))
        key = (call.credentials.access_key, repeated, account, call.region, call.operation, said)
        mine: Future[Answer] = Future()
        with self._lock:
            found = self._answers.setdefault(key, mine)
            if len(self._answers) > _MOST:
                del self._answers[next(iter(self._answers))]
        if found is not mine:
            return found.result()
        try:
            mine.set_result(first())
        except BaseException as error:
            mine.set_exception(error)
            raise
        return mine.result()
