"""A file that somebody uploads: read once a request, and its faulty cells told one by one."""

from collections.abc import Mapping, Sequence

from django.http import HttpRequest

from sizao.adapters import uploads
from sizao.errors import SizaoError

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


def faults(errors: Sequence[Mapping], upload: uploads.Upload, should: Mapping[str, str]) -> dict[str, object]:
    """Say of each faulty cell on which line of the file it stands, what stands there, and what should."""
    told = [
        {
            "line": upload.lines[error["row"] - 1],
            "column": error["field"],
            "cell": upload.rows[error["row"] - 1].get(error["field"], ""),
            "should": should[error["field"]],
        }
        for error in errors[:MOST_FAULTS]
    ]
    return {"faults": told, "n_more_faults": max(0, len(errors) - MOST_FAULTS)}
