"""
Accounts that vendors publish as theirs, from which their machines assume roles of their customers.

Each stands beside the page of the vendor that says so, and was read there, the last one on the day of `READ`. A vendor
that is not here is not known; nobody is taken for a vendor by guess.
"""

from __future__ import annotations

from typing import NamedTuple

#: When the last of the pages was read, as in ISO 8601.
READ = "2026-11-27"


class Vendor(NamedTuple):
    """
    Whose an account is.
    """

    name: str
    #: Where the vendor says so.
    page: str


_DATABRICKS = "https://docs.databricks.com/administration-guide/account-api/iam-role.html"
_DATADOG = "https://docs.datadoghq.com/integrations/guide/aws-terraform-setup"
_FASTLY = "https://docs.fastly.com/en/guides/creating-an-aws-iam-role-for-fastly-logging"
_LACEWORK = "https://github.com/lacework/terraform-aws-iam-role"
_NEW_RELIC_LAYERS = "https://www.npmjs.com/package/serverless-newrelic-lambda-layers"
_NEW_RELIC_WORKFLOWS = (
    "https://docs.newrelic.com/docs/workflow-automation/setup-and-configure/set-up-aws-credentials/iam-role-setup"
)

#: Account id to whose it is.
VENDORS: dict[str, Vendor] = {
    "253490767857": Vendor("New Relic", _NEW_RELIC_WORKFLOWS),
    "414351767826": Vendor("Databricks", _DATABRICKS),
    "434813966438": Vendor("Lacework", _LACEWORK),
    "464622532012": Vendor("Datadog", _DATADOG),
    "717331877981": Vendor("Fastly", _FASTLY),
    "754728514883": Vendor("New Relic", _NEW_RELIC_LAYERS),
}
