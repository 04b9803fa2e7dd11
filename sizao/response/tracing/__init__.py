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
from sizao.response.tracing.known import Known
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

    A contact who fell ill becomes a case's row; a contact found by rule waits to be placed.
    """
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)  # one run at a time
    known = Known(outbreak, now)
    met = meetings.met(known)
    return (
        contacts.that_fell_ill(outbreak, now)
        + meetings.write(known, met)
        + rings.find(known, met)
        + exposures.rank(known)
    )
