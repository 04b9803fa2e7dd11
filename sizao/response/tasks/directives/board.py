"""What became of a directive: shares by level, and area by area, counted from its parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Substr

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Account, Directive, DirectiveAct, DirectivePart, DirectivePhoto, Outbreak, TeamMember
from sizao.response.tasks.directives.standing import WAITING, put_back
from sizao.terms import AREA_DIGITS, LEVEL_OF_DIGITS, AreaLevel, PartState, Right

MOST_PARTS_SHOWN = 200


class NotConcerned(SizaoError):
    code = "directive.not_found"
    message = "There is no such directive in your jurisdiction ({area}). Check the number, or ask whoever issued it."


@dataclass(frozen=True, slots=True)
class Counted:
    """
    How many parts there are, and how many of them were received, done, accepted, late.

    A change asks for a new receipt, so `received` counts the version in force. `done` holds `accepted`. `n_done` of
    `n_total` is what the directive counts, of the parts that told it; None where none did.
    """

    parts: int
    received: int
    done: int
    accepted: int
    late: int
    n_done: int | None
    n_total: int | None

    def share(self, number: int) -> float | None:
        """Give a number as a share of all parts; None where there are none."""
        return number / self.parts if self.parts else None

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(
            self.parts + other.parts, self.received + other.received, self.done + other.done,
            self.accepted + other.accepted, self.late + other.late, n_done=_sum(self.n_done, other.n_done),
            n_total=_sum(self.n_total, other.n_total),
        )  # fmt: skip


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None and other is None else (one or 0) + (other or 0)


Levels = list[tuple[AreaLevel, Counted]]
Areas = list[tuple[str, Counted]]


def by_level_and_area(directive: Directive, within: str, *, as_of: datetime) -> tuple[Levels, Areas]:
    """Count a directive's parts in an area by level and by area in one reading: a province has 52,000 of them."""
    cells = _cells(directive, within, as_of)
    return _of_levels(cells), _of_areas(cells, within)


def by_level(directive: Directive, within: str, *, as_of: datetime) -> Levels:
    """Count a directive's parts in an area for each level that has any, the highest first."""
    return _of_levels(_cells(directive, within, as_of))


def by_area(directive: Directive, within: str, *, as_of: datetime) -> Areas:
    """Count a directive's parts below an area for each area of the next level down, itself and all below it."""
    return _of_areas(_cells(directive, within, as_of), within)


def _cells(directive: Directive, within: str, as_of: datetime) -> dict[tuple[int, str], Counted]:
    """Count by level and by area of the next level down; parts of the area itself stand under its own code."""
    part = Substr("area_code", 1, next_digits(within) or len(within))
    rows = _known(directive, within, as_of).annotate(part=part).values("level", "part").order_by()
    numbers = _numbers(directive, within, as_of, part)
    return {
        (row["level"], row["part"]): _counted(row, numbers.get((row["level"], row["part"])))
        for row in rows.annotate(**_counts(directive, as_of))
    }


def _of_levels(cells: Mapping[tuple[int, str], Counted]) -> Levels:
    found: dict[int, Counted] = {}
    for (level, _), one in cells.items():
        found[level] = found[level] + one if level in found else one
    return [(LEVEL_OF_DIGITS[level], found[level]) for level in sorted(found)]


def _of_areas(cells: Mapping[tuple[int, str], Counted], within: str) -> Areas:
    digits = next_digits(within)
    found: dict[str, Counted] = {}
    for (level, part), one in cells.items():
        if digits is not None and level >= digits:
            found[part] = found[part] + one if part in found else one
    return sorted(found.items())


def shares(of: Sequence[Directive], within: str, *, as_of: datetime) -> dict[int, Counted]:
    """Count the parts of several directives in an area over all levels, by the key of the directive."""
    rows = DirectivePart.objects.filter(
        directive__in=[one.pk for one in of], area_code__startswith=within, issued_at__lte=as_of
    )
    counted = rows.values("directive_id").annotate(**_counts(None, as_of)).order_by()
    return {row["directive_id"]: _counted(row, None) for row in counted}


def next_digits(within: str) -> int | None:
    """Say how many digits the next level below an area has; None below the village."""
    return next((digits for digits in sorted(AREA_DIGITS.values()) if digits > len(within)), None)


def parts_at(directive: Directive, within: str, *, as_of: datetime) -> list[DirectivePart]:
    """
    List the parts of an area itself, of the next level below it, and those it asked by itself, at most 200.

    Each is as it was on record at that moment; they are to be read, not saved.
    """
    digits = next_digits(within) or len(within)
    near = Q(level__lte=digits) | Q(above=within)
    rows = _known(directive, within, as_of).filter(near).select_related("directive")
    parts = list(rows.order_by("level", "area_code", "role")[:MOST_PARTS_SHOWN])
    put_back(parts, as_of)
    return parts


def waiting_for(account: Account, *, outbreaks: Sequence[Outbreak], as_of: datetime) -> QuerySet[DirectivePart]:
    """
    Give the parts that wait for somebody: of its own area, asked of its role or its team, the nearest time first.

    Whoever leads an area sees those of all roles of it; directives of other outbreaks than these are left out.
    """
    rows = DirectivePart.objects.filter(state__in=[*map(str, WAITING)], issued_at__lte=as_of)
    rows = rows.filter(_of(outbreaks, "directive__")).select_related("directive", "team")
    of_area = Q(area_code=account.area_code)
    if not access.may(account, Right.DIRECTIVE_ISSUE):
        of_area &= Q(role=account.role, team__isnull=True)
    # Named one by one: asked for in the same question, they would have it read all that waits anywhere.
    teams = list(TeamMember.objects.filter(account=account, left_at=None).values_list("team", flat=True))
    return rows.filter(of_area | Q(team__in=teams) if teams else of_area).order_by("due_at", "pk")


def to_decide(account: Account, *, outbreaks: Sequence[Outbreak], as_of: datetime) -> QuerySet[DirectivePart]:
    """Give the parts that were done below and wait to be accepted by the area of an account, the oldest first."""
    rows = DirectivePart.objects.filter(above=account.area_code, state=PartState.CLOSED, closed_at__lte=as_of)
    rows = rows.filter(area_code__startswith=account.area_code).filter(_of(outbreaks, "directive__"))
    return rows.select_related("directive").order_by("closed_at", "pk")


def concerning(account: Account, *, outbreaks: Sequence[Outbreak], as_of: datetime) -> QuerySet[Directive]:
    """Give the directives that were issued by or to an account's jurisdiction by a moment, the newest first."""
    access.require(account, Right.DIRECTIVE_WORK)
    asked = DirectivePart.objects.filter(
        directive=OuterRef("pk"), area_code__startswith=account.area_code, issued_at__lte=as_of
    )
    mine = Q(area_code__startswith=account.area_code) | Exists(asked)
    return Directive.objects.filter(mine, _of(outbreaks), issued_at__lte=as_of).order_by("-issued_at", "-pk")


def called(key: int, *, by: Account) -> Directive:
    """Fetch a directive that concerns an account's jurisdiction, or refuse as if there were none."""
    access.require(by, Right.DIRECTIVE_WORK)
    found = Directive.objects.filter(pk=key).first()
    if found is not None and (
        access.covers(by, found.area_code)
        or DirectivePart.objects.filter(directive=found, area_code__startswith=by.area_code).exists()
    ):
        return found
    raise NotConcerned(area=by.area_code)


def part(key: int, *, by: Account) -> DirectivePart:
    """Fetch a part in an account's jurisdiction, or refuse as if there were none."""
    access.require(by, Right.DIRECTIVE_WORK)
    rows = DirectivePart.objects.select_related("directive", "parent", "team")
    found = rows.filter(pk=key, area_code__startswith=by.area_code).first()
    if found is None:
        raise NotConcerned(area=by.area_code)
    return found


def photo(key: int, *, by: Account) -> DirectivePhoto:
    """Fetch a photograph of an act in an account's jurisdiction, or refuse as if there were none."""
    access.require(by, Right.DIRECTIVE_WORK)
    found = DirectivePhoto.objects.filter(pk=key, act__part__area_code__startswith=by.area_code).first()
    if found is None:
        raise NotConcerned(area=by.area_code)
    return found


def history(of: DirectivePart, *, as_of: datetime) -> list[DirectiveAct]:
    """List what was done with a part by a moment, as it happened, with its photographs."""
    acts = of.acts.filter(recorded_at__lte=as_of).order_by("happened_at", "pk")
    return list(acts.prefetch_related("photos"))


def _of(outbreaks: Sequence[Outbreak], prefix: str = "") -> Q:
    return Q(**{f"{prefix}outbreak__isnull": True}) | Q(**{f"{prefix}outbreak__in": list(outbreaks)})


def _known(directive: Directive, within: str, as_of: datetime) -> QuerySet[DirectivePart]:
    return DirectivePart.objects.filter(directive=directive, area_code__startswith=within, issued_at__lte=as_of)


def _counts(directive: Directive | None, as_of: datetime) -> dict[str, Count]:
    """Give what is counted of each part, of one directive or of several."""
    open_now = Q(closed_at__isnull=True) | Q(closed_at__gt=as_of)
    version = F("directive__version") if directive is None else directive.version
    gone = Q(directive__withdrawn_at__lte=as_of)
    if directive is not None:
        gone = ~Q(pk=None) if directive.withdrawn_at is not None and directive.withdrawn_at <= as_of else Q(pk=None)
    return {
        "parts": Count("pk"),
        "received": Count("pk", filter=Q(received_at__lte=as_of, received_version__gte=version)),
        "done": Count("pk", filter=Q(closed_at__lte=as_of)),
        "accepted": Count("pk", filter=Q(state=PartState.ACCEPTED, decided_at__lte=as_of)),
        "late": Count("pk", filter=Q(due_at__lt=as_of) & open_now & ~gone),
    }


def _numbers(directive: Directive, within: str, as_of: datetime, part: Substr) -> dict[Any, tuple[Any, Any]]:
    """Sum what is counted, of the parts that have none below: what lies below counts, and nothing twice."""
    if not directive.counts:
        return {}
    below = DirectivePart.objects.filter(parent=OuterRef("pk"), issued_at__lte=as_of)
    rows = _known(directive, within, as_of).filter(~Exists(below), n_done__isnull=False, told_at__lte=as_of)
    found = rows.annotate(part=part).values("level", "part").order_by()
    summed = found.annotate(done=Sum("n_done"), total=Sum(F("n_total")))
    return {(row["level"], row["part"]): (row["done"], row["total"]) for row in summed}


def _counted(row: dict[str, Any], numbers: tuple[Any, Any] | None) -> Counted:
    n_done, n_total = numbers or (None, None)
    return Counted(
        row["parts"], row["received"], row["done"], row["accepted"], row["late"], n_done=n_done, n_total=n_total
    )
