"""
What `trustproof verify`, `pull` and `profiles` do: values in, an exit code out.
"""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from time import sleep

from trustproof.errors import UsageError
from trustproof.escaping.text import printable, shorten, to_json
from trustproof.files.write import write, write_file
from trustproof.live.account import LiveAccount
from trustproof.live.check import Finding
from trustproof.live.errors import CannotCheck
from trustproof.live.policy_comparison import DIFFERS as DIFFERENT
from trustproof.live.probe import probe as try_roles
from trustproof.live.profiles import parts_of_user, profiles_for
from trustproof.live.verify import read_assembly, verify
from trustproof.output import humanize
from trustproof.output.terminal import draw_table
from trustproof.output.terminal.screen import Cell, Column, screen_for

SAME, DIFFERS, COULD_NOT_CHECK = 0, 1, 2
#: Seconds until what differs is read again.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
PAUSE = 5
#: On a terminal.
_COLUMNS = (
    Column("VERDICT", is_whole=True),
    Column("ACCOUNT", is_whole=True),
    Column("POLICY"),
    Column("WHAT DIFFERS"),
)
#: Verdict to how it is shown there.
_STYLES = {"same": "proved", "differs": "refuted"}


def run_verify(
    path: str,
    profiles: Sequence[str | None],
    *,
    others: bool = False,
    probe: str | None = None,
    mfa_serial: str | None = None,
    form: str = "text",
) -> int:
    """
    Compare what is deployed with a cloud assembly, and print what differs.

    Args:
        path: the cloud assembly.
        profiles: of the configuration of AWS's tools; None stands for the default credentials.
        others: whether roles that no template makes are shown as well.
        probe: the profile of an IAM user with whose access key every role is tried; None to try none.
        mfa_serial: the user's MFA device; a code of it is asked for.
        form: `text` or `json`.

    Returns:
        0 where everything is the same, 1 where something differs, 2 where something could not be checked.

    Raises:
        TrustproofError: what was asked for cannot be done.
    """
    if mfa_serial is not None and probe is None:
        raise UsageError("--mfa-serial is of the user of --probe, which is not given")
    folder = Path(path)
    verified = verify(folder, profiles, others=others)
    if any(one.comparison.verdict == DIFFERENT for one in verified.findings):
        # What was changed a moment ago is read as it was, now and then: changes of IAM take seconds to arrive.
        sleep(PAUSE)
        verified = verify(folder, profiles, others=others)
    findings, failures = list(verified.findings), list(verified.failures)
    if probe is not None:
        try:
            tried, untried = try_roles(
                probe, read_assembly(folder), verified, serial=mfa_serial, ask_code=lambda: _code(mfa_serial)
            )
            findings += tried
            failures += [f"probe: {one}" for one in untried]
        except CannotCheck as error:
            failures.append(f"probe: {error}")
    write(_json(findings, failures) if form == "json" else _text(findings))
    sys.stderr.writelines(f"error: {printable(failure)}\n" for failure in failures)
    verdicts = {one.comparison.verdict for one in findings}
    if DIFFERENT in verdicts:
        return DIFFERS
    return COULD_NOT_CHECK if failures or "unknown" in verdicts or not findings else SAME


def _json(findings: Sequence[Finding], failures: Sequence[str]) -> str:
    data = {
        "failures": [shorten(one) for one in failures],
        "findings": [
            {
                "account": one.account,
                "lines": [shorten(line) for line in one.comparison.lines],
                "subject": shorten(one.subject),
                "verdict": one.comparison.verdict,
            }
            for one in findings
        ],
    }
    return to_json(data)


def _text(findings: Sequence[Finding]) -> str:
    verdicts = [one.comparison.verdict for one in findings]
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in ("same", "differs", "unknown"))
    # What is the same has nothing to show but of a probe: what was expected, and what was observed.
    shown = [one for one in findings if one.comparison.verdict != "same" or one.subject.startswith("probe ")]
    screen = screen_for(sys.stdout)
    if screen is not None and shown:
        rows = [
            (
                Cell(one.comparison.verdict, _STYLES.get(one.comparison.verdict, "unknown")),
                Cell(one.account),
                Cell(one.subject, "strong"),
                Cell(next(iter(one.comparison.lines), ""), below=tuple(one.comparison.lines[1:])),
            )
            for one in shown
        ]
        return f"{draw_table(_COLUMNS, rows, screen)}\n{counts}\n"
    lines: list[str] = []
    for one in shown:
        lines.append(f"{one.comparison.verdict}: {one.account} {printable(one.subject)}")
        lines += [f"    {printable(line)}" for line in one.comparison.lines]
    lines.append(counts)
    return "\n".join(lines) + "\n"


def _code(serial: str | None) -> str:
    """A code of the device, which is not shown where it is typed."""
    if sys.stdin.isatty():
        return getpass.getpass(f"code of {serial}: ").strip()
    return sys.stdin.readline().strip()


def run_profiles(user: str, path: str, *, source: str = "default", serial: str | None = None) -> int:
    """
    Print a profile for each role of a cloud assembly that lets a user in.

    Args:
        user: the ARN of an IAM user.
        path: the cloud assembly.
        source: the profile that has the access key of the user.
        serial: of the user's MFA device; None for a virtual one with the user's name.

    Returns:
        0; 2 where there is no such role.

    Raises:
        TrustproofError: what was asked for cannot be done.
    """
    # Who gives the two in the wrong order is told so, and not of a folder that is not there.
    parts_of_user(user)
    found, others = profiles_for(read_assembly(Path(path)), user, source=source, serial=serial)
    write("\n".join(profile.text() for profile in found))
    for one in others:
        sys.stderr.write(f"warning: no profile for {printable(one)}\n")
    if not found:
        sys.stderr.write(f"error: no role of {path} lets {user} in\n")
    return SAME if found else COULD_NOT_CHECK


def run_pull(path: str, profile: str | None) -> int:
    """
    Save what `GetAccountAuthorizationDetails` says of an account.

    Args:
        path: where to; `-` is the standard output.
        profile: credentials of the account; None for the default ones.

    Raises:
        TrustproofError: the account cannot be read, or the file cannot be written.
    """
    account = LiveAccount(profile)
    # Dates become text, and names stand in their order.
    text = to_json(json.loads(json.dumps(account.details, sort_keys=True, default=str)))
    if path == "-":
        write(text)
        return SAME
    write_file(path, text)
    found = humanize.count(len(account.identities), "role, user or group", "roles, users and groups")
    sys.stderr.write(f"account {account.id}: {found}\n")
    return SAME
