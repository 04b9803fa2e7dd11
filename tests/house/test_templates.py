"""What pages must not print: the name that somebody signs in with, where a reader should see who acted."""

import re

from tests.house.test_files import ROOT

TEMPLATES = ROOT / "sizao"
# One's own account, and accounts that one chooses among or signs in with.
ACCOUNTS = {"base.html", "login.html", "control.html", "transfers_vehicle.html"}
# Late things name an office, a notice a name that is worked out, and a rule who decides on rounds of a city.
NO_ACCOUNT = {"command_late.html", "testing_pool_notices.html", "testing_next.html"}
USERNAME = re.compile(r"(?<!value=\"){{[^}]*\.username[^}]*}}|=[\w.]*\.username")
BY = re.compile(
    r"{{ (?:[\w.]*_by|\w+(?:\.\w+)*\.by)(?:\.display_name)? }}|=\w+(?:\.\w+)*\.\w+_by(?:\.display_name)?(?= |$)"
)
AREA = re.compile(r"ordered_by|over_by|commanded_by|send_by")


def test_no_page_prints_the_name_that_somebody_signs_in_with():
    found = []
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        if path.name not in ACCOUNTS:
            found += [(path.name, one) for one in USERNAME.findall(text)]
        if path.name not in NO_ACCOUNT:
            found += [(path.name, one) for one in BY.findall(text) if not AREA.search(one)]
    assert not found, "say who acted by {% officer … %}"
