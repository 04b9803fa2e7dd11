"""
Who of the register bears a token: worked out once for an outbreak and kept up, so that an answer costs by its size.

A table holds a mark of each token under which each person may stand. The database notes who is new, or known by
something else since (`TokensDue`), and their marks are made before anybody is looked up.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from sizao.records.models import Outbreak, Person, TokenBearer, TokenKey, TokensDue
from sizao.response.tracing import tokens

AT_ONCE = 20_000  # marks in one statement


def bearers(outbreak: Outbreak, wanted: Collection[str], *, now: datetime) -> dict[str, int]:
    """
    Say who bears each of these tokens, as far as the register knows.

    A token of two people, such as the phone of a family, names nobody. Raise TokensDestroyed.
    """
    key = tokens.standing_key(outbreak)
    if key is None or not wanted:
        return {}
    bring_up(outbreak, now=now)
    marked = {str(tokens.mark_of(key, token)): token for token in wanted}
    found: dict[str, set[int]] = defaultdict(set)
    for mark, person in _looked_up(outbreak, list(marked)):
        found[marked[mark]].add(person)
    return {token: next(iter(people)) for token, people in found.items() if len(people) == 1}


def with_homes(outbreak: Outbreak, wanted: Collection[str], *, now: datetime) -> dict[str, tuple[int, str]]:
    """Say who bears these tokens and where they live; see `bearers`."""
    borne = bearers(outbreak, wanted, now=now)
    homes = dict(Person.objects.filter(pk__in=set(borne.values())).values_list("pk", "area_code"))
    return {token: (person, homes[person]) for token, person in borne.items()}


def alike(outbreak: Outbreak, wanted: Collection[str], *, known_as: Collection[str], now: datetime) -> dict[str, str]:
    """
    Say which of these tokens are one person, as far as the register knows: each of them with the one to stand for all.

    That is one of `known_as` where there is any, so that somebody keeps the token that others have seen. Tokens that
    are alone in bearing their person are left out.
    """
    of_person: dict[int, list[str]] = defaultdict(list)
    for token, person in bearers(outbreak, wanted, now=now).items():
        of_person[person].append(token)
    several = (some for some in of_person.values() if len(some) > 1)
    return {token: min(some, key=lambda one: (one not in known_as, one)) for some in several for token in some}


def tokens_of_people(outbreak: Outbreak, people: Iterable[int]) -> dict[str, int]:
    """Give all tokens of some people of the register, each with who bears it. Raise TokensDestroyed."""
    key = tokens.standing_key(outbreak)
    if key is None:
        return {}
    rows = Person.objects.filter(pk__in=list(people)).order_by("pk")
    return dict(tokens.people_by_token(key, rows.values_list("pk", "number", "id_number_index", "phone_index")))


@transaction.atomic
def bring_up(outbreak: Outbreak, *, now: datetime) -> None:
    """
    Make the marks of everybody who is due; of the whole register when an outbreak is asked about for the first time.

    Raise TokensDestroyed.
    """
    if TokenKey.objects.filter(outbreak=outbreak, borne_at__isnull=False).exists() and not TokensDue.objects.exists():
        return
    # One at a time: who is taken from the list by one must be seen by the next.
    keys = {one.outbreak_id: one for one in TokenKey.objects.select_for_update(of=["self"]).filter(key__isnull=False)
            .select_related("outbreak").order_by("pk")}  # fmt: skip
    own = keys[outbreak.pk]
    due = _taken_from_the_list()
    for one in keys.values():
        if one.borne_at is not None:
            TokenBearer.objects.filter(outbreak=one.outbreak, person__in=due).delete()
            _mark(one.outbreak, Person.objects.filter(pk__in=due))
    if own.borne_at is None:
        _mark(outbreak, Person.objects.all())
        own.borne_at = now
        own.save(update_fields=["borne_at"])


def _taken_from_the_list() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM records_tokensdue RETURNING person_id")
        return {person for (person,) in cursor.fetchall()}


def _mark(outbreak: Outbreak, people: QuerySet[Person]) -> None:
    """Write the marks of some people, a part at a time: a connection cannot read while it copies."""
    key = tokens.standing_key(outbreak)
    wanted = people.order_by("pk").values_list("pk", "number", "id_number_index", "phone_index")
    last = 0
    while rows := list(wanted.filter(pk__gt=last)[:AT_ONCE]):
        last = rows[-1][0]
        marks = [(outbreak.pk, str(tokens.mark_of(key, token)), pk) for token, pk in tokens.people_by_token(key, rows)]
        with connection.cursor() as cursor, cursor.copy(
            "COPY records_tokenbearer (outbreak_id, mark, person_id) FROM STDIN"
        ) as copy:  # fmt: skip
            for row in marks:
                copy.write_row(row)


def _looked_up(outbreak: Outbreak, marks: list[str]) -> Iterator[tuple[str, int]]:
    asked = "SELECT mark, person_id FROM records_tokenbearer WHERE outbreak_id = %s AND mark = ANY(%s::uuid[])"
    with connection.cursor() as cursor:
        for first in range(0, len(marks), AT_ONCE):
            cursor.execute(asked, [outbreak.pk, marks[first : first + AT_ONCE]])
            yield from ((str(mark), person) for mark, person in cursor.fetchall())
