"""
Roles that read figures and lists and nothing else: by what they give, nobody comes by anything.

That an action reads, as the service authorization reference has it, says nothing: a secret, an object, the lines of a
log, the user data of a machine and what IAM says of others are read, too. So these are named one by one, and are what a
dashboard of another account needs: figures, alarms, the names and tags of resources, and what AWS itself publishes.
Figures of costs are not among them, nor dashboards and reports on logs, which hold what somebody has written.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonresourcegrouptaggingapi.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awspricelist.html
"""

from __future__ import annotations

from trustproof.aws.action_names import published_actions
from trustproof.properties.question import Finding, Subject
from trustproof.results.result import NOTE

_HARMLESS = {
    "cloudwatch": (
        "DescribeAlarmHistory DescribeAlarms DescribeAlarmsForMetric DescribeAnomalyDetectors DescribeInsightRules "
        "GetMetricData GetMetricStatistics GetMetricStream GetMetricWidgetImage ListDashboards ListMetricStreams "
        "ListMetrics ListTagsForResource"
    ),
    "ec2": "DescribeAvailabilityZones DescribeRegions DescribeTags",
    "pricing": "DescribeServices GetAttributeValues GetPriceListFileUrl GetProducts ListPriceLists",
    "tag": "GetResources GetTagKeys GetTagValues",
}
_ACTIONS = frozenset(f"{prefix}:{name}".lower() for prefix, names in _HARMLESS.items() for name in names.split())


def reads_figures_only(subject: Subject) -> bool:
    """Whether all that a role is allowed is to read figures of monitoring, tags and prices."""
    allowed = subject.neighbours.all_actions_of(subject.document.logical_id)
    return bool(allowed) and all(map(_is_harmless, allowed))


def _is_harmless(action: str) -> bool:
    """
    Whether an action is one of these, or a pattern that matches no other action.

    Args:
        action: lower-cased.
    """
    found = published_actions(action)
    return action in _ACTIONS or (bool(found) and {one.lower() for one in found} <= _ACTIONS)


def for_figures(finding: Finding) -> Finding:
    """The finding about users who get figures, whoever they are."""
    why = "all that it is allowed is to read figures of monitoring, tags or prices"
    return finding._replace(why=(*finding.why, why), severity=NOTE, by_what_it_gives=why)
