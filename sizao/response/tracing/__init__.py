"""
Who met whom, what links cases before they fell ill, and who must be looked after because of it.

`advance` works all of it out anew from the visits that are known and writes what is new; the verbs serve
an investigator who names a contact, or learns of a meeting that no list of visits shows. Bulk presences and the
traces that ask them stand beside that: `presences`, `traces`, and `standing`, which asks again.
"""

from datetime import datetime

from django.db import transaction

from sizao.records.models import Outbreak
from sizao.response.tracing import contacts, exposures, meetings, retention, rings, standing
from sizao.response.tracing.contacts import (
    ContactCannotMove,
    ContactEntry,
    IsCase,
    add_contact,
    add_contacts,
    move_contact,
    move_contacts,
)
from sizao.response.tracing.found_contacts import to_contacts
from sizao.response.tracing.known import Known, fingerprint
from sizao.response.tracing.meetings import MeetingDaysReversed, NobodyElse, record_meeting
from sizao.response.tracing.naming import name_people
from sizao.response.tracing.presences import receive
from sizao.response.tracing.retention import close_store
from sizao.response.tracing.tokens import make_key
from sizao.response.tracing.traces import ask, ask_common_source, ask_hotspots, close

__all__ = [
    "ContactCannotMove",
    "ContactEntry",
    "IsCase",
    "MeetingDaysReversed",
    "NobodyElse",
    "add_contact",
    "add_contacts",
    "advance",
    "ask",
    "ask_common_source",
    "ask_hotspots",
    "close",
    "close_store",
    "make_key",
    "move_contact",
    "move_contacts",
    "name_people",
    "receive",
    "record_meeting",
    "to_contacts",
]


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """
    Find meetings, contacts and common exposures in what is known now; return how many rows changed.

    A contact found by rule waits to be placed. A ranking of common exposures is kept for each day on
    which something that it follows from had changed.
    """
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)  # one run at a time
    # What is asked of presences goes on until its last day, also where nobody new is traced.
    others = contacts.that_fell_ill(outbreak, now) + standing.advance(outbreak, now)
    others += retention.destroy_past_days(outbreak=outbreak, now=now)
    known = Known(outbreak, now)
    if not known.rules.need("investigation.enabled").flag:
        return others  # an edition that traces nobody any more
    if fingerprint(known) == _worked_out.get(outbreak.pk):
        return others
    met = meetings.met(known)
    changed = meetings.write(known, met) + rings.find(known, met) + exposures.rank(known)
    mark = fingerprint(known)
    transaction.on_commit(lambda: _worked_out.update({outbreak.pk: mark}))
    return others + changed


# What the last committed run of this process followed from, by outbreak. It only saves work: a process that
# does not remember works everything out anew and writes nothing that stands already.
_worked_out: dict[int, str] = {}
