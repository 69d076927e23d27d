"""
Is a request signed by whom it says? botocore's own signer, run backwards.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from trustproof.sandbox.clock import Clock
from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.requests.wire import HttpRequest, Signature

#: Seconds that a client's clock may be off.
SKEW = 300
_UNSIGNED_PAYLOADS = ("UNSIGNED-PAYLOAD",)
_STREAMING = "STREAMING-"


def verify(request: HttpRequest, signature: Signature, secret: str, clock: Clock) -> Signature:
    """
    Check a signature.

    Args:
        request: as it arrived.
        signature: what it says of its signature.
        secret: the secret access key of the key that it names.
        clock: by which presigned URLs get old.

    Returns:
        the signature with its age.

    Raises:
        Refused: `SignatureDoesNotMatch`, or S3's `XAmzContentSHA256Mismatch` where the body is another one.
        Undecided: whether a presigned URL has expired is not known.
    """
    age = _check_time(signature, clock)
    if "host" not in signature.signed_headers:
        raise _mismatch("The host header must be signed.")
    missing = [name for name in signature.signed_headers if name not in request.headers]
    if missing:
        raise _mismatch(f"The signed header {missing[0]} is not in the request.")
    _check_all_signed(request, signature)
    _check_payload(request)
    if not hmac.compare_digest(_expected(request, signature, secret), signature.signature):
        raise _mismatch(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret"
            " Access Key and signing method. Consult the service documentation for details."
        )
    return replace(signature, age=age)


def _mismatch(message: str) -> RefusedRequest:
    return RefusedRequest(message, "SignatureDoesNotMatch", 403)


def _check_time(signature: Signature, clock: Clock) -> tuple[float, float]:
    """The age of a signature, at least and at most."""
    try:
        made = datetime.strptime(signature.timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise RefusedRequest("Date must be in ISO-8601 'basic format'.", "IncompleteSignature") from None
    if not signature.timestamp.startswith(signature.date):
        raise _mismatch("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.")
    now = time.time()
    least, most = clock.age(int(made))
    if made > now + SKEW:
        raise _mismatch(f"Signature not yet current: {signature.timestamp} is still later than now.")
    if signature.expires is None:
        if made + SKEW < now:
            raise _mismatch(f"Signature expired: {signature.timestamp} is now earlier than {SKEW // 60} min. ago.")
        return least, most
    if least > signature.expires:
        raise RefusedRequest("Request has expired", "AccessDenied", 403)
    if most > signature.expires:
        raise Undecided(
            "the URL was signed in the second in which the clock was advanced, and whether before that or after is not"
            " known: let a second pass between them"
        )
    return least, most


def _check_all_signed(request: HttpRequest, signature: Signature) -> None:
    """Headers of AWS's own must be signed, or anybody in between could add them."""
    for name in request.headers:
        of_aws = name.startswith("x-amz-") and name not in ("x-amz-content-sha256",)
        if of_aws and name not in signature.signed_headers:
            raise RefusedRequest(
                f"There were headers present in the request which were not signed: {name}", "AccessDenied", 403
            )


def _check_payload(request: HttpRequest) -> None:
    given = request.headers.get("x-amz-content-sha256")
    if given is None or given in _UNSIGNED_PAYLOADS or given.startswith(_STREAMING):
        # Without the header the hash of the body is part of what is signed. Of a stream in signed chunks only the first
        # signature is checked.
        return
    if given != hashlib.sha256(request.body).hexdigest():
        raise RefusedRequest(
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            "XAmzContentSHA256Mismatch",
        )


class _Signer(SigV4Auth):  # type: ignore[misc]
    """Signs exactly the headers that were signed."""

    signed: tuple[str, ...] = ()

    def headers_to_sign(self, request: AWSRequest) -> HTTPHeaders:
        found = HTTPHeaders()
        for name in self.signed:
            found[name] = request.headers[name]
        return found


class _S3Signer(_Signer, S3SigV4Auth):  # type: ignore[misc]
    """S3 signs its paths as they are."""


def _expected(request: HttpRequest, signature: Signature, secret: str) -> str:
    kind = _S3Signer if signature.signing_name in ("s3", "s3-object-lambda", "s3express") else _Signer
    signer: Any = kind(Credentials(signature.access_key, secret), signature.signing_name, signature.region)
    signer.signed = signature.signed_headers
    query = "&".join(one for one in request.raw_query.split("&") if one and not one.startswith("X-Amz-Signature="))
    url = f"http://{request.headers['host']}{request.raw_path}" + (f"?{query}" if query else "")
    copied = AWSRequest(method=request.method, url=url, data=request.body, headers=dict(request.headers))
    copied.context["timestamp"] = signature.timestamp
    if signature.expires is not None and "x-amz-content-sha256" not in request.headers:
        # A presigned URL of S3 is good for any body; of other services, for none.
        empty = hashlib.sha256(request.body).hexdigest()
        copied.headers["X-Amz-Content-SHA256"] = "UNSIGNED-PAYLOAD" if kind is _S3Signer else empty
    canonical = signer.canonical_request(copied)
    return str(signer.signature(signer.string_to_sign(copied, canonical), copied))
