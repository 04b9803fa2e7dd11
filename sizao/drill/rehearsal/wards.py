"""Beds and rooms of a drill, as the script gives them: who is taken where while there is one, and who goes home."""

from datetime import datetime

import numpy as np

from sizao.drill.rehearsal import lodging, site_officers
from sizao.drill.rehearsal.office import Office
from sizao.engines.simulation import queues
from sizao.records.models import Person
from sizao.terms import Role, StayKind

DISCHARGED = lodging.DISCHARGED


def take_to_hospital(office: Office, now: datetime) -> int:
    """
    Take cases to hospital: the severely ill first, then who waits longest; who finds no bed goes to a room.

    Where isolation goes through its stage, vehicles take them (see `site_vehicles`).
    """
    if site_officers.go_through_the_stage(office.rehearsal):
        return 0
    waiting = list(lodging.waiting_for_bed(office.outbreak))
    urgency = [0 if office.asking.is_severe(case.person, now) else 1 for case in waiting]
    queue = queues.arriving(np.arange(len(waiting)), 0, urgency=np.array(urgency, np.int64))
    beds = office.rehearsal.means.beds
    admitted, left = queues.serve(queues.nobody(), queue, max(beds - lodging.taken(StayKind.BED, now), 0))
    to_beds = [waiting[one].person for one in admitted.who.tolist()]
    moved = lodging.to_beds(office.outbreak, to_beds, beds=beds, by=_coordinator(office), now=now)
    in_rooms = Person.objects.filter(stays__in=lodging.stays_in(StayKind.ROOM, now))
    at_home = {case.person for case in waiting} - set(in_rooms)
    to_rooms = [waiting[one].person for one in left.who.tolist() if waiting[one].person in at_home]
    return moved + _to_rooms(office, to_rooms, "case", now)


def discharge(office: Office, now: datetime) -> int:
    """Let cases go home with the negative tests that the edition asks, unless they are severely ill."""
    well = [one for one in lodging.recovered(office.outbreak, now) if not office.asking.is_severe(one.person, now)]
    return lodging.send_home(well, discharged=True, by=_coordinator(office), now=now)


def fill_rooms(office: Office, now: datetime) -> int:
    """Take contacts under an order of central isolation to a room, as long as there are rooms."""
    if site_officers.go_through_the_stage(office.rehearsal):
        return 0
    people = [one.person for one in lodging.waiting_for_room(office.outbreak, now)]
    return _to_rooms(office, people, "contact", now)


def free_rooms(office: Office, now: datetime) -> int:
    """Let people go home whose order has ended; through the stage, those whom nobody signed for and carried."""
    there = list(lodging.released(office.outbreak, now))
    return lodging.send_home(there, discharged=False, by=_coordinator(office), now=now)


def _to_rooms(office: Office, people: list[Person], whose: str, now: datetime) -> int:
    """Take people to rooms, as long as there are rooms."""
    rooms = office.rehearsal.means.rooms
    there = people[: max(rooms - lodging.taken(StayKind.ROOM, now), 0)]
    return lodging.to_rooms(office.outbreak, there, rooms=rooms, whose=whose, by=_coordinator(office), now=now)


def _coordinator(office: Office):  # noqa: ANN202 — an account of the register
    return office.staff[Role.ISOLATION_COORDINATOR]
