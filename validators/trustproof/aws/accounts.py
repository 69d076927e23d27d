"""
What AWS publishes and a policy alone does not say: accounts of its own, and actions that exist.
"""

from __future__ import annotations

from trustproof.aws import published

#: No request is sent before this moment any more, in seconds of Unix time: when this was released.
RELEASED = published.release()

#: Accounts of Elastic Load Balancing, one a Region, that deliver access logs to customers' buckets:
#: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
LOAD_BALANCING_ACCOUNTS = (
    "009996457667",
    "027434742980",
    "033677994240",
    "037604701340",
    "048591011584",
    "054676820928",
    "076674570225",
    "098369216593",
    "114774131450",
    "127311923021",
    "156460612806",
    "190560391635",
    "383597477331",
    "507241528517",
    "582318560864",
    "589379963580",
    "600734575887",
    "635631232127",
    "638102146993",
    "652711504416",
    "718504428378",
    "754344448648",
    "783225319266",
    "797873946194",
    "897822967062",
    "985666609251",
)

#: Accounts of Redshift, one a Region, whose user ``logs`` delivered audit logs to customers' buckets before there was a
#: service principal for that: https://docs.aws.amazon.com/redshift/latest/mgmt/db-auditing.html
REDSHIFT_ACCOUNTS = (
    "013126148197",
    "053454850223",
    "075028567923",
    "090321488786",
    "111890595117",
    "193672423079",
    "210876761215",
    "262260360010",
    "307160386991",
    "313564881002",
    "361669875840",
    "365689465814",
    "391106570357",
    "404641285394",
    "660998842044",
    "665727464434",
    "729911121831",
    "760740231472",
    "762762565011",
    "865932855811",
    "902366379725",
    "907379612154",
    "915173422425",
    "945612479654",
)
#: What the ARN of that user ends with.
REDSHIFT_USER = ":user/logs"
