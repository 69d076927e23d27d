"""
Calls of the SDK that give access: the table names calls that there are.
"""

from __future__ import annotations

import botocore.session
import pytest

from trustproof.aws.granting_calls import GIVING, GIVING_BY, gives_access

#: Clients that the models of the SDK for Python call otherwise.
MODELS = {
    "cognitoidentity": "cognito-identity",
    "cognitoidentityprovider": "cognito-idp",
    "configservice": "config",
    "directoryservice": "ds",
    "ec2instanceconnect": "ec2-instance-connect",
    "rdsdata": "rds-data",
    "redshiftdata": "redshift-data",
    "vpclattice": "vpc-lattice",
}


def test_the_table_names_calls_that_there_are() -> None:
    """A call that is misspelt would be passed by without a word."""
    session = botocore.session.get_session()
    named = {(client, action) for client, actions in GIVING.items() for action in actions} | {*GIVING_BY}
    there = set()
    for client in {client for client, _ in named}:
        model = session.get_service_model(MODELS.get(client, client))
        there |= {(client, action.lower()) for action in model.operation_names}
    assert named - there == set()


@pytest.mark.parametrize(
    ("client", "action", "gives"),
    [
        ("New", "putResourcePolicy", True),
        ("Macie2", "enableOrganizationAdminAccount", True),
        ("iam", "a", True),
        ("ECR", "putLifecyclePolicy", False),
        ("cloudwatch-logs", "PutRetentionPolicy", False),
        ("IAM", "getRole", False),
    ],
)
def test_other_calls_are_told_by_their_names(client: str, action: str, gives: bool) -> None:
    """What is called like those that give access counts in any service, but for policies of other kinds."""
    assert gives_access(client, action, "") is gives
