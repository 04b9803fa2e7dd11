"""Pictures of `--plot`: drawn without a screen, written whole or not at all."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

from sizao.adapters.tables import write_whole
from sizao.errors import SizaoError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = (".png", ".svg", ".pdf")


class NoSuchPicture(SizaoError):
    code = "picture.no_such_format"
    message = "{path} cannot be drawn: a picture ends in {allowed}. Choose another name for --plot."


def check(path: Path | None) -> None:
    """Refuse a name that is no picture, before the work is done."""
    if path is not None and path.suffix.lower() not in FORMATS:
        raise NoSuchPicture(path=path, allowed=", ".join(FORMATS))


def blank(*, rows: int = 1) -> "Figure":
    """Give an empty figure of a page's width, with room for some charts one above the other."""
    from matplotlib.figure import Figure  # slow to import, and wanted by --plot only

    return Figure(figsize=(9.0, 0.6 + 3.0 * rows), layout="constrained")


def save(figure: "Figure", path: Path) -> None:
    """Write a figure in the format that its name asks for. Raise TableUnwritable."""
    data = io.BytesIO()
    figure.savefig(data, format=path.suffix.lower().removeprefix("."), dpi=130)
    write_whole(path, data.getvalue())
