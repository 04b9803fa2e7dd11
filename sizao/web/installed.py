"""What a phone is told when somebody puts the platform among its own programmes."""

from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET

from sizao.records import access
from sizao.terms import Right, Role
from sizao.web import shell

COLOUR = "#17465e"  # of the header


@require_GET
def manifest(request: HttpRequest) -> JsonResponse:
    """Say how the platform is called on a phone, and which page its icon opens: for a grid worker the doors."""
    access.require(request.user, Right.SITUATION_READ)  # a name and an icon, and nothing else
    at_doors = request.user.role == Role.GRID_WORKER
    facts = {
        "id": "/",
        "name": gettext("sizao"),
        "short_name": "四早",
        "lang": get_language() or "zh-hans",
        # A page that a script of the browser keeps opens without a signal too.
        "start_url": reverse("doors") if at_doors else shell.home(request.user),
        "scope": "/",
        "display": "standalone",
        "background_color": COLOUR,
        "theme_color": COLOUR,
        "icons": [{"src": static("web/icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    }
    return JsonResponse(facts, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})
