"""Print the tables of `docs/guide/tracing.md`: `python -m tests.real`."""

import sys
from collections.abc import Iterator
from dataclasses import replace

from sizao.adapters.visits import Window
from tests.real import faces, outbreaks, store_of, tracks


def face_rows() -> Iterator[str]:
    """Say for each way to make places how pairs and minutes come back."""
    for name in faces.SETS:
        seen = faces.faces(name)
        for make in (faces.circles, faces.spots):
            store, _ = store_of(make(seen))
            windows = [Window(person, *seen.span) for person in {one for pair in seen.starts for one in pair}]
            for least in (20, 60, 120, 300):
                rows = store.companions(windows, least_seconds=least).to_pylist()
                found = {(row["case"], row["person"]) for row in rows}
                true = {pair for pair, starts in seen.starts.items() if faces.longest_run(starts) >= least}
                minutes = sum(row["minutes"] for row in rows) * 60
                faced = sum(20 * len(seen.starts[pair]) for pair in true)
                told = f" | {minutes / faced:.3f}" if least == faces.STEP else " | "
                yield f"| {name} | {make.__name__} | {least} s | {len(true) // 2} | {_shares(found, true)}{told} |"


def track_rows() -> Iterator[str]:
    """Say for each way to make presences who was found of those within 50 m and 5 minutes."""
    points = tracks.tracks()
    true = points.near(50, 300)
    made = {
        "5-minute bins": list(tracks.in_bins(points, points.cells)),
        "stays, first to last point": list(tracks.stays(points, points.cells, pad_seconds=0)),
        "stays, 150 s longer at both ends": list(tracks.stays(points, points.cells, pad_seconds=150)),
    }
    for name, presences in made.items():
        for around in (False, True):
            found = tracks.meetings(presences, around=around)
            cells = "and its neighbours" if around else "the same cell"
            yield f"| {name} | {cells} | {len(true)} | {len(found)} | {_shares(found, true)} |"


def outbreak_rows() -> Iterator[str]:
    """Say for each outbreak how often its sources were found."""
    made = {
        "Hagelloch 1861, at school until the rash": outbreaks.hagelloch(),
        "the same, until the prodrome": outbreaks.hagelloch(at_school_until="date_of_prodrome"),
        "MERS 2015, the line list alone": outbreaks.mers(),
        "MERS 2015, with published stays of three": outbreaks.mers(stays=outbreaks.MERS_STAYS),
        "Singapore 2020, clusters": outbreaks.singapore(),
    }
    hagelloch = made["Hagelloch 1861, at school until the rash"]
    blind = replace(hagelloch, course=replace(hagelloch.course, half_minutes=1))
    for name, outbreak in {**made, "Hagelloch, minutes left aside": blind}.items():
        score = outbreaks.score(outbreak, *outbreaks.found(outbreak))
        shares = (score.met, score.guessed, score.first, score.third, score.chance, score.claimed, score.sure)
        told = " | ".join(f"{share:.2f}" for share in (*shares, score.sure_right))
        yield f"| {name} | {score.cases} | {told} |"


def _shares(found: set, true: set) -> str:
    both = len(found & true)
    return f"{both / len(true):.3f} | {both / len(found):.3f}"


for title, rows in (("Faces", face_rows()), ("Tracks", track_rows()), ("Outbreaks", outbreak_rows())):
    sys.stdout.write(f"\n{title}\n")
    for row in rows:
        sys.stdout.write(f"{row}\n")
        sys.stdout.flush()
