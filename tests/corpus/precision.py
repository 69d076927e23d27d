"""
Writes ``docs/precision.md``: of a sample of what is said about the public corpus, what is worth a reader's time.

``tools/precision.py draw`` draws the sample and writes it to ``judgements.tsv``, with what has been judged of it;
``make docs`` writes the page, and a test holds it to the file.

Nothing of a template is in the file: a result is known by its fingerprint, and a template by its digest.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tests.corpus.alone import alone
from tests.corpus.files import entries
from trustproof.results.groups import groups, is_of_run
from trustproof.results.result import NOTE, PROVED, REFUTED, UNKNOWN, Result

FILE = Path(__file__).with_name("judgements.tsv")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "precision.md"

#: Results are drawn in the order of their digest with this in front.
SEED = "precision-1"
#: What is drawn, and how many at most.
FINDINGS, HARDENING, OPEN, PROOFS = "finding", "hardening", "unknown", "proof"
SIZES = {FINDINGS: 150, HARDENING: 60, OPEN: 50, PROOFS: 50}

TRUE, NOISE, FALSE = "true", "noise", "false"
JUDGEMENTS = (TRUE, NOISE, FALSE)
HARMLESS, HARMFUL, NONE = "harmless", "harmful", "none"
REMEDIES = (HARMLESS, HARMFUL, NONE)

DIGITS = 12


class Row(NamedTuple):
    """
    One result of the sample, and what was judged of it.
    """

    #: Of the result, and of the file that it is about.
    fingerprint: str
    digest: str
    ident: str
    verdict: str
    severity: str
    #: ``labelled`` for a case that another tool's tests hold up as right or wrong; empty for other templates.
    origin: str
    #: One of `JUDGEMENTS`; empty where nobody has judged it.
    judgement: str = ""
    #: Whether the remedy is safe: one of `REMEDIES`.
    remedy: str = ""
    #: The same of the release before findings were sorted by severity and remedies tried; empty where it said nothing.
    before: str = ""
    remedy_before: str = ""
    #: Of the second pass, by another reader, blind to the first; empty where it was not judged again.
    again: str = ""
    remedy_again: str = ""
    #: Of the first judgement.
    reason: str = ""
    #: Of the second, where it is another one.
    reason_again: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What tells it apart."""
        return self.digest, self.fingerprint

    @property
    def kind(self) -> str:
        """Which part of the sample it belongs to."""
        return _kind(self.verdict, self.severity)

    @property
    def differs(self) -> bool:
        """Whether it was judged again, and otherwise."""
        return bool(self.again) and (self.again, self.remedy_again) != (self.judgement, self.remedy)


class Unit(NamedTuple):
    """
    One thing that a report shows.
    """

    row: Row
    file: str
    result: Result


def files() -> Iterator[tuple[str, str]]:
    """The CloudFormation templates of the corpus, labelled ones included, and their digests; of equal ones one."""
    seen: set[str] = set()
    for entry in (*entries("labelled"), *entries("templates/cfn")):
        digest = entry["sha256"][:DIGITS]
        is_template = entry["kind"].startswith(("cloudformation", "sam", "org-formation"))
        if is_template and "twin_of" not in entry and digest not in seen:
            seen.add(digest)
            yield entry["file"], digest


def units(of: Container[str] | None = None) -> Iterator[Unit]:
    """
    All that is shown of the templates, each checked by itself, without a configuration; and each proof.

    Args:
        of: the digests of the templates that are asked for; None for all.
    """
    for file, digest in files():
        if of is not None and digest not in of:
            continue
        results = alone(file).report.results
        shown = [group.lead for group in groups(results)]
        for result in (*shown, *(one for one in results if one.verdict == PROVED)):
            origin = "labelled" if file.startswith("labelled") else ""
            row = Row(result.fingerprint, digest, result.property, result.verdict, result.severity, origin)
            yield Unit(row, file, result)


def sample() -> list[Unit]:
    """What is drawn: of each kind, the first so many in an order that the results themselves do not decide."""
    found = ordered(units())
    taken: Counter[str] = Counter()
    out: list[Unit] = []
    for unit in once(found):
        kind = unit.row.kind
        taken[kind] += 1
        if taken[kind] <= SIZES[kind]:
            out.append(unit)
    return out


def once(found: Iterable[Unit]) -> Iterator[Unit]:
    """Without what a run says in one line, however many templates it is about: of that the first."""
    said: set[str] = set()
    for unit in found:
        if is_of_run(unit.result):
            if unit.result.cause in said:
                continue
            said.add(unit.result.cause)
        yield unit


def ordered(found: Iterable[Unit]) -> list[Unit]:
    """Results in an order that they do not decide themselves."""
    return sorted(found, key=lambda unit: _order(unit.row))


def judged(file: Path = FILE) -> list[Row]:
    """The rows of a file of judgements."""
    with file.open(encoding="utf-8", newline="") as opened:
        return [Row(**row) for row in csv.DictReader(opened, delimiter="\t")]


def draw() -> None:
    """Write what is drawn now, with what has been judged of it."""
    known = judged() if FILE.exists() else []
    write(with_judgements([unit.row for unit in sample()], known))


def with_judgements(rows: Iterable[Row], known: Iterable[Row]) -> list[Row]:
    """
    Rows with what is known of them.

    A judgement is of what was said then: a row with another verdict or severity is to be judged again, by both readers,
    and keeps only what was judged of the release before.
    """
    by_key = {row.key: row for row in known}
    out = []
    for row in rows:
        old = by_key.get(row.key, row)
        if (old.verdict, old.severity) == (row.verdict, row.severity):
            out.append(old)
        else:
            out.append(row._replace(before=old.before, remedy_before=old.remedy_before))
    return out


def write(rows: Sequence[Row], file: Path = FILE) -> None:
    """Write a file of judgements."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, delimiter="\t", lineterminator="\n")
        writer.writerow(Row._fields)
        writer.writerows(sorted(rows, key=lambda row: (row.kind, row.ident, _order(row))))


def _order(row: Row) -> str:
    return sha256(f"{SEED}:{row.digest}:{row.fingerprint}".encode()).hexdigest()


def _kind(verdict: str, severity: str) -> str:
    if verdict == REFUTED:
        return HARDENING if severity == NOTE else FINDINGS
    return OPEN if verdict == UNKNOWN else PROOFS


_HEAD = """\
# How precise it is

A finding that nobody would act on costs a reader's time, and a remedy that hurts costs more.
So what Trustproof says of the CloudFormation templates of a public corpus was judged by reading.
Each finding and proof was read beside its policy, and judged with others of its kind; notes and unknowns that say
the same were judged from what the report says of them. The files are {files} files of public repositories.
Some are cases that the tests of other tools hold up as wrong, so that what is found there is hardly noise;
the last line of each table leaves them out.

Each template is checked by itself, as somebody does who tries the program: no configuration, no account.
Of templates that are there in JSON and in YAML one is taken.
What a report shows once is one finding, however many resources it names.
Of each kind the sample is drawn in an order that depends on a fixed seed and not on the answer; where there are fewer
than the sample asks for, all are judged.

* *true*: somebody who has to answer for the template would act on it
* *noise*: true to the letter, and nobody would act on it
* *false*: it is not so
* *harmful*: whoever applies the remedy as it stands locks somebody out who is meant, or opens something

Nearly half were judged by another reader too, blind to the first: [the second pass](#the-second-pass) says where the
two disagree, and what the second calls *false* or *harmful*. The tables are of the first.

The judgements, each with its reason, are in `tests/corpus/judgements.tsv`; this page is made from them by `make docs`.
*Before* is the program before findings had severities of their own and remedies were tried on those who are meant;
there every finding was an error. A hardening that fails a build counts as noise, and a diff with an account id that
the program had made up counts as harmful.


## Findings that fail a build, or warn

"""
_HARDENING = """

## Hardening

Notes are one line for each template, and fail nothing. That administrators may also assume any role is one line of a
whole run, however many templates it is about, and so is that sessions are long where nobody has said how long they may
be: each is counted once. Checked one by one, 37 of the templates close with the first line.

"""
_OPEN_TEXT = """

## Unknown

*True*: what is missing is missing, and the reason says so. *Noise*: more could have been known.

"""
_PROOFS_TEXT = """

## Proofs

*True*: the policy was read, and it is so.

"""
_AGAIN = """

## The second pass

{count} of the {all} were judged a second time, in another order and by other readers, who saw neither the first
judgements nor their reasons: a third of each kind, and later, when remedies had been mended, another third, drawn by a
seed of its own. What has come into the sample since then, or changed its verdict or severity, was judged once, and some
of what was judged twice has left it. The tables above count the first pass, also where the second contradicts it.

"""
#: Drawn and judged by hand beside the table: the corpus has few findings that are not in it.
_LATER = """

## A later sample

Another 40 findings that fail a build, or warn, were drawn from the same templates by a seed of its own (13131; at most
five of a kind, and two of a template), and judged by one reader after the names in remedies had been mended: about half
with the template open, the others by the policy in the report. The corpus is small, so that most of them are in the
tables above, too.

| Property | judged | true | noise | false | harmful |
|---|---:|---:|---:|---:|---:|
| `assume-role-scoped` | 5 | 5 | 0 | 0 | 0 |
| `inside-boundary` | 4 | 4 | 0 | 0 | 0 |
| `mfa-required` | 9 | 8 | 1 | 0 | 0 |
| `no-confused-deputy` | 11 | 11 | 0 | 0 | 0 |
| `sensitive-actions-require-mfa` | 7 | 7 | 0 | 0 | 0 |
| `statement-usable` | 4 | 4 | 0 | 0 | 0 |
| **all** | 40 | 39 | 1 | 0 | 0 |

The noise is a role of an example with few permissions, as above. Of the diffs that the remedies of the templates have,
notes included, 18 are left when no more than four of a kind are taken: each was applied with `--account`, after which
its finding was gone and no other refuted. Before, a remedy of that run had the id of the account in it, which shuts out
every other account that the template is deployed to; it has `AWS::AccountId` now.

A third sample is of whole repositories, 84 of the corpus, templates and Terraform, each checked as somebody does in it:
`trustproof check .`, no configuration, no account (code 5e33b326 of 2026-11-27). Of 112 findings that fail a build, or
warn, 40 were drawn (seed 29) and judged by one reader, beside their policies:

| Property | judged | true | noise | false | harmful |
|---|---:|---:|---:|---:|---:|
| `assume-role-scoped` | 1 | 1 | 0 | 0 | 0 |
| `inside-boundary` | 2 | 2 | 0 | 0 | 0 |
| `mfa-required` | 21 | 21 | 0 | 0 | 0 |
| `no-confused-deputy` | 4 | 4 | 0 | 0 | 0 |
| `sensitive-actions-require-mfa` | 7 | 6 | 1 | 0 | 0 |
| `statement-usable` | 5 | 2 | 3 | 0 | 0 |
| **all** | 40 | 36 | 4 | 0 | 0 |

Three of the noise are of statements that an empty default alone stops, and notes since (code 8c7fee78): of the 37 that
are left one is noise, a group that may use keys for git without MFA, and it is a note now, too. The sample says less
than its number: 11 of `mfa-required` are of pipelines of one repository, which the text folds, and 21 of one property
make the figures. One remedy (`aws:ResourceOrgID`) lets in nothing where the account is of no organization, and says so
since. Remedies were read, and not applied. What the sample did not hold was looked for beside it, and there remedies
were harmful: programs that another template tells a role, and changes of one statement by two findings, are kept apart
since.


### Repositories of others

A fourth sample is of 34 public repositories with policies, of no corpus, that nobody had checked before: landing zones,
modules, teams' own infrastructure, onboarding templates of vendors, snapshots and examples of AWS (code 69fa72be of
2026-12-01). Each was checked as a whole by `trustproof check .`, no configuration, no account. 20 have findings that
fail a build, or warn: of each, the first eight that the report shows were judged by one reader, beside their policies.

| Property | judged | true | noise | false | harmful |
|---|---:|---:|---:|---:|---:|
| `inside-boundary` | 4 | 4 | 0 | 0 | 0 |
| `mfa-required` | 11 | 7 | 4 | 0 | 0 |
| `no-confused-deputy` | 39 | 38 | 1 | 0 | 0 |
| `sensitive-actions-require-mfa` | 5 | 5 | 0 | 0 | 0 |
| `statement-usable` | 6 | 1 | 4 | 1 | 0 |
| **all** | 65 | 55 | 9 | 1 | 0 |

The one that was false called a role of GovCloud one that nobody can use, since its ARN is put together of
`arn:aws-us-gov` and the rest; its partition is read now. Four of the noise stand in examples and fixtures, with
`1234567890` in the place of an account, and are notes since; so that 5 of the 60 that are left are noise. Of these,
three are roles that programs of an account given by a parameter assume, or of AWS's own template for CloudWatch; one is
a role with few permissions that a program of the own account assumes; and one lets CloudTrail decrypt alone, by which
nobody comes by anything. Two headlines or remedies were hard to read, one of them for 14 names that stood there three
times. Remedies were read, and not applied.

Of 15 unknowns the advice resolved 8. It is missing where a value of a loop is the policy, where a Region decides about
the kind of a principal (`--region` does it), and where a template of another tool stands by itself. Of 15 proofs all
are true, and one rested in silence on whose `AROA…` is: it says so since.

A fifth sample is of 134 public repositories, of none of these, government, examples and quick starts of AWS, modules
and small companies (code 3cb1bf81 and 5712f652 of 2026-12-01), checked in the same way. 98 have policies that were
read, and two took longer than 240 seconds beside other work. 38 have findings that fail a build, or warn; all that the
report shows of them were judged by one reader, beside their policies.

| Property | judged | true | noise | false | harmful |
|---|---:|---:|---:|---:|---:|
| `assume-role-scoped` | 2 | 2 | 0 | 0 | 0 |
| `inside-boundary` | 9 | 8 | 1 | 0 | 0 |
| `mfa-required` | 26 | 18 | 8 | 0 | 0 |
| `no-confused-deputy` | 22 | 20 | 2 | 0 | 1 |
| `sensitive-actions-require-mfa` | 24 | 19 | 5 | 0 | 0 |
| `statement-usable` | 6 | 3 | 3 | 0 | 0 |
| **all** | 89 | 70 | 19 | 0 | 1 |

So one in five is noise. Four of the 19 are notes since, or are said once: a program's user that changes its own key,
two of break-glass access that a tag switches on, and a module that is there in two Regions. The 15 that are left are
18 % of 85. Five of these are mended by what they give, whatever they are called: three users of programs that keep
certificates of servers, by which nobody may do more in AWS, and a default that is only the name of its parameter are
notes, and two keys that have one document are one finding. The 10 that are left are 12.5 % of 80, and four of them
are warnings: three roles that `cdk bootstrap` makes, and an API that asks for a key. The others are a program's user
that may delete versions of objects, which nothing undoes, one that assumes a role, roles that programs of an account
given by a variable assume, and a fixture. The one harmful remedy takes over the bound of a neighbouring statement as
it is by the defaults of two variables, where the neighbour says `local.cloudtrail_arn`: with a trail of another
account given, AWS CloudTrail is locked out of the key. It is said in words since. Twelve findings are of two groups
of one repository, and could be said in two.

`statement-usable` was asked by itself of 125 repositories of the samples before: of 21 refutations 16 are true, as of
actions of KMS beside the ARN of a bucket, two are of a default that is to be replaced, and three were false. All
three are of what IAM lists (`iam:ListRoles` beside `role/`, `iam:ListUsers` beside `user/*`): the reference has no
type of resource for these, and what AWS refuses is about the path that is listed. They are proved since. Of eight
unknowns that were tried the advice resolved seven; one wrote a value where the variable wants a list. Of 22 proofs
all are true.

A sixth sample is of 165 public repositories, of none of these, mostly of governments, and of AWS, vendors and modules
(code df8f1058 of 2026-12-01), checked in the same way. 107 have policies that were read, and two took longer than 240
seconds beside other work. 45 have findings that fail a build, or warn: of each, at most twelve that the report shows,
drawn by a seed, were judged by one reader, beside their policies.

| Property | judged | true | noise | false | harmful |
|---|---:|---:|---:|---:|---:|
| `assume-role-scoped` | 5 | 5 | 0 | 0 | 0 |
| `inside-boundary` | 20 | 19 | 1 | 0 | 1 |
| `mfa-required` | 27 | 9 | 18 | 0 | 0 |
| `no-confused-deputy` | 33 | 25 | 7 | 1 | 0 |
| `sensitive-actions-require-mfa` | 5 | 5 | 0 | 0 | 0 |
| `statement-usable` | 15 | 12 | 3 | 0 | 0 |
| **all** | 105 | 75 | 29 | 1 | 1 |

The one that is false let API Gateway into a bucket with a tag, which no service has that calls in its own name; it is
proved since. The one harmful remedy named CloudFront in place of everybody, whose distribution has no origin access
control and would have been kept out; it says so since. Eleven of the noise are of one line of one module, which made
48 blocks of the report and makes one since. Six let deliveries of logs add lines to a log group, by the statement that
EventBridge itself makes for one: notes since. One is of the own prefix of CloudTrail with its name besides, and is
proved; and one of `[ACCOUNT-A]` in an example, which is unknown since. The 10 that are left are 12 % of 85: three of a
copy of the template of `cdk bootstrap` and one of the second half of a public URL, which warn, as does a default that
is to be replaced; three roles by which another account reads metrics; a variable for principals that is given roles;
and a key that is called `CMK_NOT_IN_USE`. Two of them are mended by what they say: the two halves of
a URL are one finding, and a list of principals is asked for. The 8 that are left are 10 % of 83. Remedies were read,
and not applied.

A seventh sample is of 115 public repositories, of none of these, of governments, universities, companies and vendors,
and of people's own (code 51085e7a5 of 2026-12-01), checked in the same way with 120 seconds of a processor. 76 have
policies that could be looked for, and none took longer. 33 have findings that fail a build, or warn: all that the
report shows, at most twelve of one and three of one cause, were judged by one reader, beside their policies.

| Property | judged | true | noise | false | harmful |
|---|---:|---:|---:|---:|---:|
| `assume-role-scoped` | 6 | 6 | 0 | 0 | 0 |
| `inside-boundary` | 3 | 2 | 0 | 1 | 0 |
| `mfa-required` | 23 | 8 | 15 | 0 | 2 |
| `no-confused-deputy` | 20 | 20 | 0 | 0 | 0 |
| `sensitive-actions-require-mfa` | 12 | 10 | 2 | 0 | 0 |
| `statement-usable` | 8 | 6 | 2 | 0 | 0 |
| **all** | 72 | 52 | 19 | 1 | 2 |

The one that is false called a domain in a VPC open to anyone, by a default that has no subnets beside security groups,
which AWS refuses: it is unknown since, and the subnets are asked for. The two harmful remedies let in the function that
listens to a topic and takes down the ARN of a role, in place of the program that assumes it: they say since that it is
not known who does, and are one finding. Two defaults that nobody deploys with, `0` in the place of an account and a
list that is empty, are notes. So 16 of the 68 that are left are noise, 24 %, more than in the sample before, and nearly
all of `mfa-required`: five of one agent that assumes a role of its own account, by an access key or not; three of a
tool that shows attacks; two of examples for other tools, one with an account that is made up; one of a pipeline's user
that assumes the role made for it, one of scanners of a security team, one of an organization's automation; and one of
a role that reads figures. The other two are of programs' users that may delete versions of objects. Remedies were read,
and not applied.
"""
_NOISE = """

## What is noise, or not so

"""


def page(rows: Sequence[Row]) -> str:
    """The page, in Markdown."""
    lines = [_HEAD.format(files=len({row.digest for row in rows}))]
    lines += _findings([row for row in rows if row.kind == FINDINGS or row.before])
    lines += [_HARDENING, *table([row for row in rows if row.kind == HARDENING])]
    lines += [_OPEN_TEXT, *table([row for row in rows if row.kind == OPEN])]
    lines += [_PROOFS_TEXT, *table([row for row in rows if row.kind == PROOFS])]
    lines += [_NOISE, *reasons_of_noise(rows)]
    lines += _second(rows)
    lines.append(_LATER)
    return "\n".join(lines).replace("\n\n\n\n", "\n\n\n").rstrip() + "\n"


def _findings(rows: Sequence[Row]) -> Iterator[str]:
    yield "| Property | before | true | noise | false | harmful | now | true | noise | false | harmful |"
    yield "|---|" + "---:|" * 10
    for name, of in _parts(rows):
        before = [row for row in of if row.before]
        now = [row for row in of if row.kind == FINDINGS]
        cells = [
            str(number)
            for found, said, remedies in (
                (before, [row.before for row in before], [row.remedy_before for row in before]),
                (now, [row.judgement for row in now], [row.remedy for row in now]),
            )
            for number in (len(found), *(said.count(one) for one in JUDGEMENTS), remedies.count(HARMFUL))
        ]
        yield f"| {name} | {' | '.join(cells)} |"


def _parts(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """The rows of each property, all, and those of templates that nobody holds up as wrong."""
    for ident in sorted({row.ident for row in rows}):
        yield f"`{ident}`", [row for row in rows if row.ident == ident]
    yield "**all**", [*rows]
    yield "without labelled cases", [row for row in rows if not row.origin]


def table(rows: Sequence[Row]) -> Iterator[str]:
    """How the rows of each property were judged."""
    yield "| Property | judged | true | noise | false | harmful |"
    yield "|---|" + "---:|" * 5
    for name, of in _parts(rows):
        counts = Counter(row.judgement for row in of)
        harmful = sum(row.remedy == HARMFUL for row in of)
        cells = [len(of), *(counts[one] for one in JUDGEMENTS), harmful]
        yield f"| {name} | {' | '.join(map(str, cells))} |"


def reasons_of_noise(rows: Sequence[Row]) -> Iterator[str]:
    """Each reason for which something is noise, false or harmful, and how often."""
    counts = Counter(
        (row.kind, row.ident, row.judgement, row.remedy == HARMFUL, row.reason)
        for row in rows
        if row.judgement in (NOISE, FALSE) or row.remedy == HARMFUL
    )
    for (kind, ident, judgement, harmful, reason), number in sorted(counts.items()):
        remedy = ", the remedy harmful" if harmful else ""
        yield f"* {number} of `{ident}` ({kind}, {judgement}{remedy}): {reason}"


def _second(rows: Sequence[Row]) -> Iterator[str]:
    again = [row for row in rows if row.again]
    yield _AGAIN.format(count=len(again), all=len(rows))
    yield from _agreement(again)
    yield from _worse(again)
    lines = Counter((row.kind, row.ident, _both(row)) for row in again if row.differs)
    if lines:
        yield "\nWhere they differ:\n"
    for (kind, ident, said), number in sorted(lines.items()):
        yield f"* {number} of `{ident}` ({kind}): {said}"


def _agreement(again: Sequence[Row]) -> Iterator[str]:
    """How often both readers say the same, of each kind."""
    yield "| Kind | judged twice | same judgement | same remedy | both the same |"
    yield "|---|" + "---:|" * 4
    kinds = [(kind, [row for row in again if row.kind == kind]) for kind in SIZES]
    for name, of in (*kinds, ("**all**", again)):
        judgement = sum(row.again == row.judgement for row in of)
        remedy = sum(row.remedy_again == row.remedy for row in of)
        both = sum(not row.differs for row in of)
        yield f"| {name} | {len(of)} | {judgement} | {remedy} | {both} |"


def _worse(again: Sequence[Row]) -> Iterator[str]:
    """What the second reader calls false or harmful and the first does not: it is to be looked at."""
    false = [row for row in again if row.again == FALSE != row.judgement]
    harmful = sum(row.remedy_again == HARMFUL != row.remedy for row in again)
    proofs = sum(row.kind == PROOFS for row in false)
    if false or harmful:
        yield (
            f"\n**The second reader calls {len(false)} *false* ({proofs} of them proofs), and {harmful}"
            " remedies *harmful*, that the first does not.**\n"
            "Mended since: no session that AWS ends after an hour is shown as a long one; nobody's password but one's"
            " own can be changed, so that three findings which the second reader called *false* are no longer there; a"
            " policy that roles or permission sets have too gets words for a remedy and no condition; and no condition"
            " is put on the log streams that EventBridge makes; the roles by which a management account enters others"
            " get words in place of a demand for MFA; and an account that is named beside a wildcard keeps a statement"
            " of its own.\n"
            "The answers in the tables are those of the day on which they were judged."
        )


def _both(row: Row) -> str:
    """What the one reader said, and what the other."""
    first, second = row.judgement, row.again
    if row.remedy != row.remedy_again:
        first, second = f"{first}, the remedy {row.remedy}", f"{second}, the remedy {row.remedy_again}"
    return f"{first} at first ({row.reason}); {second} at the second reading ({row.reason_again})"
