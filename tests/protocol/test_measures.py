"""What the shipped editions ask, in the words of a policy."""

import pytest

from sizao.engines.simulation.policy import Policy
from sizao.protocol import shipped
from sizao.protocol.measures import NOBODY, measures


def told(name):
    edition = shipped().edition(name)
    return measures(edition.values_on(edition.effective_from)[0])


class TestMeasures:
    def test_reads_quarantine_and_its_tests_from_each_edition(self):
        lengths = {
            edition.id: (policy.quarantine_days, policy.home_days, policy.quarantine_at_home, policy.tested_on)
            for edition in shipped().editions
            for policy in [Policy(edition.id, **told(edition.id))]
        }
        assert lengths["edition-8"] == (14, 7, False, (1, 4, 7, 14, 16, 21))
        assert lengths["edition-9"] == (7, 3, False, (1, 2, 3, 5, 7, 10))
        assert lengths["twenty-measures"] == (5, 3, False, (1, 2, 3, 5, 6, 8))
        assert lengths["new-ten"] == (5, 0, True, (5,))

    def test_reads_the_second_ring_and_closed_areas(self):
        policy = Policy("nine", **told("edition-9"))
        assert any(policy.secondary)
        assert policy.secondary_at_home
        assert (policy.secondary_days, policy.secondary_test_days, policy.close_days) == (7, (1, 4, 7), 7)
        assert not Policy("eight", **told("edition-8")).secondary_at_home

    @pytest.mark.parametrize("name", ["twenty-measures", "new-ten", "class-b"])
    def test_drops_the_second_ring_where_the_edition_does(self, name):
        assert told(name)["secondary"] == NOBODY

    def test_traces_nobody_where_contacts_are_no_longer_determined(self):
        assert told("class-b") == {"traced": NOBODY, "secondary": NOBODY}
