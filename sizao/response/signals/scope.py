"""What belongs together: a rehearsal has streams and alerts of its own; those of real life belong to no outbreak."""

from django.db import connection
from django.db.models import Q, QuerySet

from sizao.records.models import Alert, Outbreak, Stream
from sizao.terms import OutbreakKind

# The name under which the database queues those who write what belongs to no outbreak.
_REAL_LIFE = 4_040_404


def rehearsed(outbreak: Outbreak | None) -> bool:
    """Tell whether an outbreak has streams of its own."""
    return outbreak is not None and not outbreak.acts_on_people


def take_turn(outbreak: Outbreak | None) -> None:
    """Wait until nobody else writes streams or alerts of the same belonging; the turn ends with the transaction."""
    if rehearsed(outbreak):
        Outbreak.objects.select_for_update().get(pk=outbreak.pk)  # type: ignore[union-attr]
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_REAL_LIFE])


def streams_of(outbreak: Outbreak | None) -> QuerySet[Stream]:
    """Give the streams that an outbreak looks at."""
    return Stream.objects.filter(outbreak=outbreak if rehearsed(outbreak) else None)


def alerts_of(outbreak: Outbreak | None) -> QuerySet[Alert]:
    """Give the alerts that those streams opened, also where a real outbreak has taken one over."""
    if rehearsed(outbreak):
        return Alert.objects.filter(outbreak=outbreak)
    return Alert.objects.filter(Q(outbreak=None) | Q(outbreak__kind=OutbreakKind.REAL))
