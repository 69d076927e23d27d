"""
Virtual MFA devices: the codes that they show, and that each code counts once.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_virtual.html
https://www.rfc-editor.org/rfc/rfc6238
"""

from __future__ import annotations

import hmac
import time
from threading import Lock
from typing import Any

import pyotp

from trustproof.sandbox.clock import Clock
from trustproof.sandbox.credentials.credentials import iam_of
from trustproof.sandbox.errors import AccessDenied, RefusedRequest, SandboxError
from trustproof.sandbox.moto.iam import iam_backends

#: Seconds for which a device shows a code.
STEP = 30
#: A code is taken for so many steps before and after its own.
TOLERANCE = 1
#: Seconds that a code for the step before should still be good for when it is shown.
_MARGIN = 12


class Mfa:
    """
    The devices of every account.

    Args:
        clock: by which codes change.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        #: Seed of a device to the last step whose code was used, and to the last that was shown.
        self._used: dict[str, int] = {}
        self._shown: dict[str, int] = {}

    def verify(self, user: Any, serial: str, code: str) -> None:
        """
        Use up a code.

        Args:
            user: whose device it has to be; None for a caller that has none.
            serial: of the device.
            code: six digits.

        Raises:
            Denied: another user's device, or a code that is wrong, used, or of another time.
        """
        device = None if user is None or serial not in user.mfa_devices else _device(serial)
        if device is None:
            raise AccessDenied(
                "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial"
                " number is valid and associated with this user."
            )
        with self._lock:
            step = self._step(device.base32_string_seed, code)
            if step is None:
                raise AccessDenied("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
            self._used[device.base32_string_seed] = step

    def check_pair(self, serial: str, first: str, second: str) -> None:
        """
        The two consecutive codes that EnableMFADevice and ResyncMFADevice want.

        Raises:
            Refused: `InvalidAuthenticationCode`; `NoSuchEntity` for a device that is not there.
        """
        device = _device(serial)
        if device is None:
            raise RefusedRequest(f"VirtualMFADevice with serial number {serial} doesn't exist.", "NoSuchEntity", 404)
        with self._lock:
            seed = device.base32_string_seed
            # Whoever waits for the second code has had the first for a while: one of the two has to be of now.
            now = int(self._clock.now()) // STEP
            for step in range(max(now - TOLERANCE - 1, self._used.get(seed, -1) + 1), now + TOLERANCE + 1):
                if _is_code(seed, step, first) and _is_code(seed, step + 1, second):
                    self._used[seed] = step + 1
                    return
        raise RefusedRequest("Authentication code for device is not valid.", "InvalidAuthenticationCode", 403)

    def _step(self, seed: str, code: str) -> int | None:
        """The step that a code is of, if it is of now and not used; None otherwise."""
        now = int(self._clock.now()) // STEP
        for step in range(now - TOLERANCE, now + TOLERANCE + 1):
            if step > self._used.get(seed, -1) and _is_code(seed, step, code):
                return step
        return None

    def next_code(self, serial: str) -> tuple[str, float]:
        """
        A code that the device would accept and that was neither used nor shown before.

        Two in a row are consecutive, as enabling a device wants them, also where half a minute passes in between.

        Returns:
            the code, and how many seconds to wait before it counts.

        Raises:
            SandboxError: there is no such device.
        """
        device = _device(serial)
        if device is None:
            raise SandboxError(f"there is no virtual MFA device {serial}")
        seed = device.base32_string_seed
        with self._lock:
            now = self._clock.now()
            current = int(now) // STEP
            after = max(self._used.get(seed, -1), self._shown.get(seed, -1)) + 1
            lasts = now % STEP < STEP - _MARGIN or (device.user is None and after == current - 1)
            step = max(current - 1 if lasts else current, after)
            self._shown[seed] = step
            wait = max(0.0, (step - TOLERANCE) * STEP - now)
            return _code(seed, step), wait

    def wait_for_code(self, serial: str) -> str:
        """The same, once it counts."""
        code, wait = self.next_code(serial)
        time.sleep(wait)
        return code


def _code(seed: str, step: int) -> str:
    return pyotp.TOTP(seed, interval=STEP).generate_otp(step)


def _is_code(seed: str, step: int, code: str) -> bool:
    return hmac.compare_digest(_code(seed, step).encode(), code.encode())


def _device(serial: str) -> Any:
    fields = serial.split(":")
    if len(fields) < 6 or fields[4] not in iam_backends:
        return None
    return iam_of(fields[4]).virtual_mfa_devices.get(serial)
