"""What every page shows around its content."""

from django.http import HttpRequest


def context(request: HttpRequest) -> dict[str, object]:
    return {"now": getattr(request, "now", None)}
