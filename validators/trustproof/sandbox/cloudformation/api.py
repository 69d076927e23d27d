"""
CloudFormation in place of moto's: calls in, answers in the query protocol out.
"""

from __future__ import annotations

import uuid
from xml.sax.saxutils import escape

from trustproof.sandbox.authorization.effective_caller import act_as
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.cloudformation.cloud import Cloud
from trustproof.sandbox.cloudformation.errors import RefusedRequest
from trustproof.sandbox.cloudformation.repetitions import Repetitions
from trustproof.sandbox.cloudformation.service import CloudFormation
from trustproof.sandbox.moto.cloudformation import answer_xml
from trustproof.sandbox.requests.wire import Answer, Call

_NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"


class CloudFormationApi:
    """
    The service as its callers meet it, without any stack.

    Args:
        state: of the sandbox: where stack sets go, and by what services ask about roles.
    """

    def __init__(self, state: State) -> None:
        self._service = CloudFormation(Cloud(state.organization, state))
        self._repetitions = Repetitions()

    def answer(self, call: Call, account: str) -> Answer:
        """
        Answer a call that is allowed, with the permissions of whoever calls.

        Args:
            account: the one in which it happens.
        """
        return self._repetitions.answer(call, account, lambda: self._answer(call, account))

    def _answer(self, call: Call, account: str) -> Answer:
        request_id = str(uuid.uuid4())
        try:
            with act_as(call.credentials):
                result = self._service.answer(account, call.region, call.operation, call.parameters)
        except RefusedRequest as error:
            return Answer(error.status, refusal(error, request_id), "text/xml")
        return Answer(200, answer_xml("cloudformation", call.operation, result, request_id), "text/xml")


def refusal(error: RefusedRequest, request_id: str) -> bytes:
    """The body of a refusal in the query protocol."""
    kind = "Sender" if error.status < 500 else "Receiver"
    return (
        f'<ErrorResponse xmlns="{_NAMESPACE}"><Error><Type>{kind}</Type><Code>{escape(error.code)}</Code>'
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode()
