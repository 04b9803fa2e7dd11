"""What a device sends out of its store: read piece by piece, and told what cannot be read."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext

from sizao.errors import SizaoError
from sizao.response.testing.incoming import LONGEST_KEY
from sizao.terms import Phrase

AT_ONCE = 200  # things of one request
LONGEST_TEXT = 60
Item = TypeVar("Item")
EVERY_PAGE = ("base.css", "people.css", "outbox.js", "shell.js")


class OutboxUnreadable(SizaoError):
    code = "testing.outbox.unreadable"
    message = "What this device sent cannot be read: {reason}. It keeps what it holds; update the page and send again."


def taken(request: HttpRequest, name: str, read: Callable[[dict[str, Any]], Item]) -> tuple[list[Item], datetime]:
    """Read what a device sent, each thing by `read`, and what its clock showed. Raise OutboxUnreadable."""
    try:
        sent = json.loads(request.body)
        return [read(one) for one in sent[name]], moment(sent["sent_at"])
    except (json.JSONDecodeError, UnicodeDecodeError, RawPostDataException) as fault:
        raise OutboxUnreadable(reason=Phrase("it is not whole", "内容不完整")) from fault
    except KeyError as fault:
        part = fault.args[0]
        raise OutboxUnreadable(reason=Phrase(f"it lacks the part {part}", f"缺少 {part} 项")) from fault
    except (ValueError, TypeError, AttributeError) as fault:
        raise OutboxUnreadable(reason=Phrase("a value is not of its kind", "有内容格式不符")) from fault


def key(one: dict[str, Any]) -> str:
    """Read the key under which the device keeps a thing."""
    given = str(one["key"])
    if not 0 < len(given) <= LONGEST_KEY:
        raise ValueError(given)
    return given


def text(one: dict[str, Any], field: str) -> str:
    return str(one.get(field) or "")[:LONGEST_TEXT].replace("\0", "")


def number(given: object, *, most: int = 2**62) -> int | None:
    if given is None or given == "":
        return None
    read = int(str(given))
    if not 0 < read <= most:
        raise ValueError(given)
    return read


def moment(given: object) -> datetime:
    read = datetime.fromisoformat(str(given))
    # Any clock of a phone, even one that began anew at 1970: its entry is refused alone, not all that waits with it.
    if read.tzinfo is None or not 1969 < read.year < 2200:  # noqa: PLR2004
        raise ValueError(given)
    return timezone.localtime(read)


def worker(request: HttpRequest, *, store: str, pages: str, files: Sequence[str]) -> HttpResponse:
    """
    Give the script that keeps pages while there is no signal, with the files of their own beside those of every page.

    `pages` is the pattern of their addresses, which lie below that of the script; another `store` begins anew.
    """
    kept = [static(f"web/{name}") for name in (*EVERY_PAGE, *files)]
    facts = {"store": json.dumps(store), "pages": json.dumps(pages), "files": json.dumps(kept)}
    answer = render(request, "web/outbox_worker.js", facts, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


def says() -> dict[str, str]:
    """Give the sentences that every page with a store says of itself."""
    return {
        "waiting": gettext("Waiting to be sent"),
        "sent": gettext("Sent"),
        "refused": gettext("Refused by the platform"),
        "added": gettext("Kept on this device."),
        "noSignal": gettext("No signal: everything is kept on this device and sent later."),
        "signIn": gettext("Your session has ended. Sign in again; what waits is kept on this device."),
        "upToDate": gettext("All is sent."),
        "someRefused": gettext("Some of it was refused: see below why, and do it again."),
        "wrongTube": gettext("This tube code is mistyped. Scan it again."),
    }
