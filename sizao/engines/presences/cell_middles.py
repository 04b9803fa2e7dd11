"""The middle of a spatial cell, for drawing it."""

from sizao.engines.presences.cells import _is_h3, _n_columns, _n_rows, _square


def middle_of(token: str | int) -> tuple[float, float] | None:
    """Give latitude and longitude (WGS-84, degrees) of the middle of a cell; None for what is no cell."""
    square = _square(token)
    if square is not None:
        latitude = 180 * (square.row + 0.5) / _n_rows(square.side_m) - 90
        longitude = 360 * (square.column + 0.5) / _n_columns(square.side_m, square.row) - 180
        return latitude, longitude
    if not _is_h3(token):
        return None
    import h3

    found: tuple[float, float] = h3.cell_to_latlng(h3.int_to_str(token) if isinstance(token, int) else token)
    return found
