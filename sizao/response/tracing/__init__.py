"""
Who met whom, what links cases before they fell ill, and who must be looked after because of it.

`advance` works all of it out anew from the visits that are known and writes what is new; the verbs serve
an investigator who names a contact, or learns of a meeting that no list of visits shows.
"""

from datetime import datetime

from django.db import transaction

from sizao.records.models import Outbreak
from sizao.response.tracing import contacts, exposures, meetings, rings
from sizao.response.tracing.contacts import (
    ContactCannotMove,
    ContactEntry,
    IsCase,
    add_contact,
    add_contacts,
    move_contact,
    move_contacts,
)
from sizao.response.tracing.known import Known, fingerprint
from sizao.response.tracing.meetings import MeetingDaysReversed, NobodyElse, record_meeting

__all__ = [
    "ContactCannotMove",
    "ContactEntry",
    "IsCase",
    "MeetingDaysReversed",
    "NobodyElse",
    "add_contact",
    "add_contacts",
    "advance",
    "move_contact",
    "move_contacts",
    "record_meeting",
]


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """
    Find meetings, contacts and common exposures in what is known now; return how many rows changed.

    A contact found by rule waits to be placed. A ranking of common exposures is kept for each day on
    which something that it follows from had changed.
    """
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)  # one run at a time
    ill = contacts.that_fell_ill(outbreak, now)
    known = Known(outbreak, now)
    if not known.rules.need("investigation.enabled").flag:
        return ill  # an edition that traces nobody any more
    if fingerprint(known) == _worked_out.get(outbreak.pk):
        return ill
    met = meetings.met(known)
    changed = meetings.write(known, met) + rings.find(known, met) + exposures.rank(known)
    mark = fingerprint(known)
    transaction.on_commit(lambda: _worked_out.update({outbreak.pk: mark}))
    return ill + changed


# What the last committed run of this process followed from, by outbreak. It only saves work: a process that
# does not remember works everything out anew and writes nothing that stands already.
_worked_out: dict[int, str] = {}
