"""A file that somebody uploads: read once a request, and its faulty cells told one by one."""

from collections.abc import Mapping, Sequence

from django.http import HttpRequest
from django.utils.translation import get_language, gettext

from sizao.adapters import uploads
from sizao.errors import SizaoError
from sizao.terms import Phrase

MOST_FAULTS = 50


def read(
    request: HttpRequest, field: str, *, columns: Mapping[str, Sequence[str]], needs: Sequence[str],
    missing: type[SizaoError],
) -> uploads.Upload:  # fmt: skip
    """Read the file of a form's field; raise `missing` without one, or UploadUnreadable."""
    held = request.__dict__.setdefault("_uploaded", {})
    if field not in held:
        given = request.FILES.get(field)
        if given is None:
            raise missing
        content = given.read(uploads.MOST_BYTES + 1)
        held[field] = uploads.read(content, given.name[:60], columns=columns, needs=needs)
    return held[field]


def said(refusal: SizaoError) -> str:
    """Say that a list was refused; its faulty cells are shown below, so that none is told as machines are."""
    return gettext("{count} cells of {rows} rows cannot be taken; nothing was kept. They are listed below.").format(
        count=refusal.facts["count"], rows=refusal.facts["rows"]
    )


def faults(errors: Sequence[Mapping], upload: uploads.Upload, should: Mapping[str, str]) -> dict[str, object]:
    """Say of each faulty cell on which line of the file it stands, what stands there, why not, and what should."""
    told = [
        {
            "line": upload.lines[error["row"] - 1],
            "column": upload.headings.get(error["field"], error["field"]),
            "cell": upload.rows[error["row"] - 1].get(error["field"], ""),
            "why": _why(error, upload),
            "should": should[error["field"]],
        }
        for error in errors[:MOST_FAULTS]
    ]
    return {"faults": told, "n_more_faults": max(0, len(errors) - MOST_FAULTS)}


def _why(error: Mapping, upload: uploads.Upload) -> str:
    """Say what is wrong, where the reader's language is known of it; a row is named by its line of the file."""
    if "first" in error:
        return gettext("stands on line {line}, too").format(line=upload.lines[error["first"] - 1])
    reason = error.get("reason")
    return reason.label(get_language() or "") if isinstance(reason, Phrase) else ""
