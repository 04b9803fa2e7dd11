"""Outbreaks are opened and closed, and the rules that hold for one at a moment are looked up."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cache, lru_cache

from django.db import transaction

from sizao import protocol
from sizao.errors import SizaoError
from sizao.protocol import Confirmation, Rules, Value
from sizao.protocol.annexes import load_annex
from sizao.records import access, journal
from sizao.records.models import Account, Outbreak, ProtocolAnnex, ProtocolConfirmation
from sizao.terms import OutbreakKind, Right


class SlugTaken(SizaoError):
    code = "outbreak.slug_taken"
    message = "There is already an outbreak called {slug}. Choose another short name, or go on with that one."


class NoSuchOutbreak(SizaoError):
    code = "outbreak.not_found"
    message = "There is no outbreak called {slug}. Known here: {known}. Load a scenario with `sizao load`, or open one."


class OutbreakClosed(SizaoError):
    code = "outbreak.closed"
    message = "{slug} was closed on {closed_at:%Y-%m-%d}. Open a new outbreak for what came after."


class NothingToConfirm(SizaoError):
    code = "protocol.nothing_to_confirm"
    message = "{key} of {origin} is {status}; it may be used as it is, so there is nothing to confirm."


class GroundMissing(SizaoError):
    code = "protocol.ground_missing"
    message = "Name the document or the authority that {key} rests on; without it nobody can check the confirmation."


class ConfirmedAlready(SizaoError):
    code = "protocol.confirmed_already"
    message = "{key} = {shown} was confirmed by {by} on {at:%Y-%m-%d}. It need not be confirmed again."


@transaction.atomic
def open(  # noqa: A001 — the field's verb; always called as outbreaks.open
    *,
    slug: str,
    name: str,
    name_en: str,
    disease: str,
    kind: OutbreakKind,
    area_code: str,
    first_date: date,
    last_date: date | None = None,
    by: Account | None,
    now: datetime,
) -> Outbreak:
    """
    Open the response to an outbreak.

    `last_date` is known only of a past one. Raise SlugTaken, and NoProtocolInForce when no edition
    covers the first day.
    """
    if Outbreak.objects.filter(slug=slug).exists():
        raise SlugTaken(slug=slug)
    rules = protocol.rules_at(first_date, area_code)
    opened = Outbreak.objects.create(
        slug=slug,
        name=name,
        name_en=name_en,
        disease=disease,
        kind=kind,
        area_code=area_code,
        first_date=first_date,
        last_date=last_date,
        opened_at=now,
    )
    journal.write("outbreak.opened", opened, by=by, at=now, protocol=rules.source, kind=str(kind))
    return opened


@transaction.atomic
def close(*, outbreak: Outbreak, by: Account, now: datetime) -> Outbreak:
    """End the response to an outbreak; its records remain. Raise OutbreakClosed when it has ended already."""
    outbreak = Outbreak.objects.select_for_update().get(pk=outbreak.pk)
    require_open(outbreak)
    outbreak.closed_at = now
    outbreak.save(update_fields=["closed_at"])
    journal.write("outbreak.closed", outbreak, by=by, at=now)
    return outbreak


@transaction.atomic
def confirm_value(*, value: Value, note: str, by: Account, now: datetime) -> ProtocolConfirmation:
    """
    Answer for a value that is unverified or local, so that real outbreaks in the officer's area may use it.

    `note` names the document or authority it rests on. A confirmation of what the value was before is
    withdrawn. Raise the door's refusal, NothingToConfirm, GroundMissing or ConfirmedAlready.
    """
    access.require(by, Right.PROTOCOL_CONFIRM)
    if not value.needs_confirmation:
        raise NothingToConfirm(key=value.key, origin=value.origin, status=value.rests_on)
    if not note.strip():
        raise GroundMissing(key=value.key)
    standing = ProtocolConfirmation.objects.select_for_update().filter(
        edition=value.origin, key=value.key, area_code=by.area_code, withdrawn_at__isnull=True
    )
    for one in standing.select_related("by"):
        if one.value == value.shown:
            raise ConfirmedAlready(key=value.key, shown=value.shown, by=one.by.username, at=one.at)
        one.withdrawn_at = now
        one.save(update_fields=["withdrawn_at"])
    confirmed = ProtocolConfirmation.objects.create(
        edition=value.origin,
        key=value.key,
        value=value.shown,
        area_code=by.area_code,
        by=by,
        at=now,
        note=note.strip(),
    )
    journal.write("protocol.confirmed", confirmed, by=by, at=now, protocol=value.origin, key=value.key)
    return confirmed


def require_open(outbreak: Outbreak) -> None:
    """Raise OutbreakClosed for an outbreak whose response has ended."""
    if outbreak.closed_at is not None:
        raise OutbreakClosed(slug=outbreak.slug, closed_at=outbreak.closed_at)


def called(slug: str) -> Outbreak:
    """Find an outbreak by its short name; raise NoSuchOutbreak."""
    found = Outbreak.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Outbreak.objects.order_by("slug").values_list("slug", flat=True)) or "none"
        raise NoSuchOutbreak(slug=slug, known=known)
    return found


def rules_at(outbreak: Outbreak, now: datetime, *, area_code: str | None = None) -> Rules:
    """
    Say the rules for an outbreak at a moment: edition, companions, local annexes, confirmations.

    `area_code` asks for one part of the outbreak's area, since parts may have adopted an edition on
    different days. Where nothing acts on people (a replay, a drill) no value waits for confirmation.
    """
    place = area_code or outbreak.area_code
    annexes = tuple(_annex_texts(outbreak, now))
    confirmations = confirmations_at(place, now) if outbreak.acts_on_people else {}
    return _rules(outbreak.day_of(now), place, not outbreak.acts_on_people, annexes, tuple(confirmations.items()))


def rules_by_area(outbreak: Outbreak, now: datetime) -> Callable[[str], Rules]:
    """Give the rules for any part of an outbreak's area at a moment, its annexes read once."""
    annexes = tuple(_annex_texts(outbreak, now))

    @cache
    def rules(area_code: str) -> Rules:
        place = area_code or outbreak.area_code
        confirmations = confirmations_at(place, now) if outbreak.acts_on_people else {}
        return _rules(outbreak.day_of(now), place, not outbreak.acts_on_people, annexes, tuple(confirmations.items()))

    return rules


@lru_cache(maxsize=256)
def _rules(
    day: date,
    area_code: str,
    drill: bool,  # noqa: FBT001 — a cache key
    annexes: tuple[tuple[str, str], ...],
    confirmations: tuple[tuple[str, Confirmation], ...],
) -> Rules:
    # All that the rules follow from is in the key, so an entry can never be out of date.
    library = protocol.shipped()
    if annexes:
        library = library.with_local(annexes=[load_annex(text, name) for name, text in annexes])
    return protocol.rules_at(day, area_code, drill=drill, confirmations=dict(confirmations), library=library)


def _annex_texts(outbreak: Outbreak, now: datetime) -> Iterator[tuple[str, str]]:
    standing = ProtocolAnnex.objects.filter(outbreak=outbreak, published_at__lte=now).exclude(withdrawn_at__lte=now)
    yield from standing.order_by("published_at", "id").values_list("annex_id", "text")


def confirmations_at(area_code: str, now: datetime) -> Mapping[str, Confirmation]:
    """Say what authorities whose area holds a place have confirmed by a moment, under the id of each value."""
    standing = ProtocolConfirmation.objects.filter(at__lte=now).exclude(withdrawn_at__lte=now).select_related("by")
    return {
        f"{one.edition}:{one.key}={one.value}": Confirmation(by=one.by.username, at=one.at, note=one.note)
        for one in standing.order_by("at", "id")
        if area_code.startswith(one.area_code)
    }
