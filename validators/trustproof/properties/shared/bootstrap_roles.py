"""
Roles of the template of ``cdk bootstrap`` that are as that has them: nobody edits these, in whichever copy.

https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
"""

from __future__ import annotations

from trustproof.model.policy import Condition, Principal, Statement
from trustproof.model.text import Symbolic
from trustproof.properties.question import Finding, Subject
from trustproof.results.result import NOTE, WARNING

_OBJECTS = (
    "s3:GetObject* s3:GetBucket* s3:GetEncryptionConfiguration s3:List* s3:DeleteObject* s3:PutObject* s3:Abort* "
    "kms:Decrypt kms:DescribeKey kms:Encrypt kms:ReEncrypt* kms:GenerateDataKey*"
)
#: What the templates of all versions allow the role that has this in its name. The one that deploys passes the role of
#: CloudFormation, which by default may do anything.
_ALLOWED = {
    "-file-publishing-role-": _OBJECTS,
    "-image-publishing-role-": (
        "ecr:PutImage ecr:InitiateLayerUpload ecr:UploadLayerPart ecr:CompleteLayerUpload "
        "ecr:BatchCheckLayerAvailability ecr:DescribeRepositories ecr:DescribeImages ecr:BatchGetImage "
        "ecr:GetDownloadUrlForLayer ecr:GetAuthorizationToken"
    ),
    "-lookup-role-": "",
    "-deploy-role-": (
        f"{_OBJECTS} cloudformation:CreateChangeSet cloudformation:DeleteChangeSet cloudformation:DescribeChangeSet "
        "cloudformation:DescribeStacks cloudformation:ExecuteChangeSet cloudformation:CreateStack "
        "cloudformation:UpdateStack cloudformation:RollbackStack cloudformation:ContinueUpdateRollback "
        "cloudformation:DescribeStackEvents cloudformation:GetTemplate cloudformation:DeleteStack "
        "cloudformation:UpdateTerminationProtection sts:GetCallerIdentity iam:PassRole ssm:GetParameter "
        "ssm:GetParameters cloudformation:CreateStackRefactor cloudformation:ExecuteStackRefactor"
    ),
}
#: The policies of AWS that they have besides: what looks things up reads all that is not a secret.
_PUBLISHED = {"-lookup-role-": ("ReadOnlyAccess",), "-deploy-role-": ("AWSCloudFormationReadOnlyAccess",)}
#: Asked of those who are let in: that they pass none.
_EXTERNAL_ID = "sts:externalid"


def is_as_written(subject: Subject, statement: Statement) -> bool:
    """
    Whether a role with a name of the bootstrap stack may do what it may do there, and lets in by a statement of its
    trust policy whom it lets in there: the own account, or those that parameters of the template give.

    Args:
        statement: as the template has it.
    """
    called = str(subject.document.resource_arn).rpartition("/")[2]
    kind = next((one for one in _ALLOWED if one in called), "")
    allowed = subject.neighbours.own_actions_of(subject.document.logical_id, _PUBLISHED.get(kind, ()))
    if not kind or allowed is None or not allowed <= {*_ALLOWED[kind].lower().split()}:
        return False
    if not allowed and subject.neighbours.own_actions_of(subject.document.logical_id) is not None:
        # What it may do stands elsewhere.
        return False
    entries = statement.principals or ()
    return all(_is_open(subject, one) for one in entries) and all(map(_asks_for_none, statement.conditions))


def _is_open(subject: Subject, entry: Principal) -> bool:
    """Whether an entry is the own account, or accounts that nobody has given yet."""
    if isinstance(entry.value, Symbolic):
        return all(not isinstance(one, str) and one.kind == "parameter" for one in entry.value.parts)
    return entry.kind == "AWS" and entry.value in (subject.account, _root_of(subject))


def _root_of(subject: Subject) -> str:
    return f"arn:{subject.partition or 'aws'}:iam::{subject.account}:root"


def _asks_for_none(condition: Condition) -> bool:
    return condition.key.lower() == _EXTERNAL_ID and condition.operator == "Null"


def for_bootstrap(finding: Finding) -> Finding:
    """The finding about whoever deploys, by a role that nobody edits."""
    why = "it is as the template of cdk bootstrap has it, which has whole accounts deploy; deployers-declared asks who"
    return finding._replace(why=(*finding.why, why), severity=NOTE, by_what_it_gives=why, otherwise_at_most=WARNING)
