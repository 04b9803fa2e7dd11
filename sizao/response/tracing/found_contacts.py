"""Making contacts of people whom a trace found: a person decides, one by one."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Case, Contact, Trace, TraceMatch
from sizao.response import outbreaks
from sizao.response.tracing import second_ring
from sizao.response.tracing.asked_layers import may_only_be_invited
from sizao.response.tracing.contacts import ContactEntry, add_contacts
from sizao.terms import ContactKind, Layer, Right, Tier

SOURCE = "presences"


class OnlyInvited(SizaoError):
    code = "trace.only_invited"
    message = (
        "{count} of those chosen were found in cells of the network only. Such people may be asked to be tested, and "
        "are not made contacts because of it; choose those of venues and vehicles."
    )


class NobodyKnown(SizaoError):
    code = "trace.nobody_known"
    message = "{count} of those chosen are not known to the register. Name them first, with their identities."


@transaction.atomic
def to_contacts(*, trace: Trace, matches: Sequence[TraceMatch], by: Account, now: datetime) -> list[Contact]:
    """
    Make contacts of people whom a trace found at venues or in vehicles, all or none; return the new ones.

    Who met a contact becomes a secondary contact. Raise OnlyInvited where a match of a cell is among them,
    NobodyKnown where the register does not know one, NoSecondRing where the edition looks for no secondary contacts
    any more, or the door's refusal.
    """
    access.require(by, Right.CONTACT_TRACE, area_code=trace.area_code)
    if any(one.tier == Tier.SECOND_RING for one in matches):
        second_ring.require(outbreaks.rules_at(trace.outbreak, now, area_code=trace.area_code))
    invited = [one for one in matches if may_only_be_invited(Layer(one.layer), Tier(one.tier))]
    if invited:
        raise OnlyInvited(count=len({one.token for one in invited}))
    unknown = {one.token for one in matches if one.person_id is None}
    if unknown:
        raise NobodyKnown(count=len(unknown))
    ill = set(Case.objects.filter(outbreak=trace.outbreak).standing().values_list("person_id", flat=True))
    entries = [
        ContactEntry(
            person=one.person,
            kind=ContactKind.SECONDARY if one.tier == Tier.SECOND_RING else ContactKind.CLOSE,
            source=SOURCE,
            index_case=trace.case,
            last_exposure_date=trace.outbreak.day_of(one.last_at),
        )
        for one in matches
        if one.person_id not in ill
    ]
    fresh = add_contacts(outbreak=trace.outbreak, entries=entries, by=by, now=now)
    journal.write("trace.contacts_made", trace, by=by, at=now, number=trace.number, chosen=len(entries), new=len(fresh))
    return fresh
