"""
Accounts that vendors publish as theirs, from which their machines assume roles of their customers.

Each stands beside the page of the vendor that says so, and was read there, the last one on the day of `READ`. A vendor
that is not here is not known; nobody is taken for a vendor by guess.
"""

from __future__ import annotations

from typing import NamedTuple

#: When the last of the pages was read, as in ISO 8601.
READ = "2026-11-30"


class Vendor(NamedTuple):
    """
    Whose an account is.
    """

    name: str
    #: Where the vendor says so.
    page: str


_CLOUDHEALTH = "https://github.com/CloudHealth/terraform-cloudhealth-iam"
_CORALOGIX = "https://github.com/coralogix/terraform-coralogix-aws/tree/master/modules/cloudwatch-metrics-iam-role"
_DATABRICKS = "https://docs.databricks.com/administration-guide/account-api/iam-role.html"
_DATADOG = "https://docs.datadoghq.com/integrations/guide/aws-terraform-setup"
_DATADOG_SITES = "https://docs.datadoghq.com/integrations/guide/aws-manual-setup"
_DRATA = "https://github.com/drata/terraform-aws-drata-autopilot-role"
_DYNATRACE = "https://github.com/dynatrace-oss/cloud-snippets/tree/main/aws/role-based-access"
_FASTLY = "https://docs.fastly.com/en/guides/creating-an-aws-iam-role-for-fastly-logging"
_FIVETRAN = "https://fivetran.com/docs/logs/cloudwatch/setup-guide"
_LACEWORK = "https://github.com/lacework/terraform-aws-iam-role"
_NEW_RELIC_LAYERS = "https://www.npmjs.com/package/serverless-newrelic-lambda-layers"
_NEW_RELIC_WORKFLOWS = (
    "https://docs.newrelic.com/docs/workflow-automation/setup-and-configure/set-up-aws-credentials/iam-role-setup"
)
_PRISMA_CLOUD = "https://github.com/PaloAltoNetworks/PrismaCFNOnboarding"
_SEGMENT_BUCKETS = "https://segment.com/docs/connections/storage/catalog/aws-s3/"
_SEGMENT_FUNCTIONS = "https://segment.com/docs/connections/functions/aws-apis/"
_SENTINEL = "https://learn.microsoft.com/azure/sentinel/connect-aws"
_SPOT = "https://github.com/spotinst/terraform-spotinst-aws-connect"
_SUMO_LOGIC = "https://github.com/SumoLogic/sumologic-solution-templates"

#: Account id to whose it is.
VENDORS: dict[str, Vendor] = {
    "025066248247": Vendor("Coralogix", _CORALOGIX),
    "065115117704": Vendor("Datadog", _DATADOG_SITES),
    "188619942792": Vendor("Prisma Cloud", _PRISMA_CLOUD),
    "197857026523": Vendor("Microsoft Sentinel", _SENTINEL),
    "253490767857": Vendor("New Relic", _NEW_RELIC_WORKFLOWS),
    "269135526815": Vendor("Drata", _DRATA),
    "300240842537": Vendor("Segment", _SEGMENT_FUNCTIONS),
    "392588925713": Vendor("Datadog", _DATADOG_SITES),
    "412381753143": Vendor("Datadog", _DATADOG_SITES),
    "414351767826": Vendor("Databricks", _DATABRICKS),
    "417141415827": Vendor("Datadog", _DATADOG_SITES),
    "434813966438": Vendor("Lacework", _LACEWORK),
    "454464851268": Vendor("CloudHealth", _CLOUDHEALTH),
    "458175278816": Vendor("Segment", _SEGMENT_FUNCTIONS),
    "464622532012": Vendor("Datadog", _DATADOG),
    "509560245411": Vendor("Dynatrace", _DYNATRACE),
    "595280932656": Vendor("Segment", _SEGMENT_BUCKETS),
    "625240141681": Vendor("Coralogix", _CORALOGIX),
    "717331877981": Vendor("Fastly", _FASTLY),
    "739076534691": Vendor("Coralogix", _CORALOGIX),
    "754728514883": Vendor("New Relic", _NEW_RELIC_LAYERS),
    "834469178297": Vendor("Fivetran", _FIVETRAN),
    "922761411349": Vendor("Spot", _SPOT),
    "926226587429": Vendor("Sumo Logic", _SUMO_LOGIC),
}
