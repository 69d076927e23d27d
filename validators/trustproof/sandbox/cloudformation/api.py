"""
CloudFormation behind moto's server: requests in, answers in the query protocol out.
"""

from __future__ import annotations

import uuid
from typing import Any
from xml.sax.saxutils import escape

from trustproof.sandbox.cloudformation.cloud import Cloud
from trustproof.sandbox.cloudformation.errors import Refused
from trustproof.sandbox.cloudformation.service import CloudFormation
from trustproof.sandbox.moto.cloudformation import answer_xml, replace_cloudformation
from trustproof.sandbox.state import State

_NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"


def install(state: State) -> CloudFormation:
    """
    Let moto's CloudFormation be ours.

    Args:
        state: of the sandbox: where stack sets go, and by what services ask about roles.

    Returns:
        the service, without any stack.
    """
    service = CloudFormation(Cloud(state.organization, state))

    def answer(account: str, region: str, operation: str, parameters: dict[str, Any]) -> tuple[int, bytes]:
        request_id = str(uuid.uuid4())
        try:
            result = service.answer(account, region, operation, parameters)
        except Refused as error:
            return error.status, refusal(error, request_id)
        return 200, answer_xml("cloudformation", operation, result, request_id)

    replace_cloudformation(answer)
    return service


def refusal(error: Refused, request_id: str) -> bytes:
    """The body of a refusal in the query protocol."""
    kind = "Sender" if error.status < 500 else "Receiver"
    return (
        f'<ErrorResponse xmlns="{_NAMESPACE}"><Error><Type>{kind}</Type><Code>{escape(error.code)}</Code>'
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode()
