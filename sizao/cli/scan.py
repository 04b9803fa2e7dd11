"""`sizao scan`: areas with counts in, clusters in space and time out. Needs no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from sizao.adapters.tables import write_table
from sizao.cli import pictures
from sizao.cli.scan_files import Areas, ColumnsMissing, Counts, read_areas, read_counts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sizao.engines.detection.scan import Cluster, Scan

SPACE, KNOWN, PERMUTATION = "kulldorff", "space-time-poisson", "space-time-permutation"


@dataclass(frozen=True)
class Scanned:
    """What was scanned: counts and expected numbers of shape (areas, times), and the days of the times, if known."""

    areas: Areas
    days: list[date]
    counts: np.ndarray
    expected: np.ndarray
    weights: np.ndarray


@click.command("scan")
@click.argument("areas", metavar="AREAS.csv", type=click.Path(path_type=Path))
@click.option("--cases", type=click.Path(path_type=Path), help="Counts by area and day (CSV: area, date, count).")
@click.option("--method", required=True, type=click.Choice([SPACE, KNOWN, PERMUTATION]), help="What is compared.")
@click.option("--max-share", default=0.5, show_default=True, type=click.FloatRange(0, 1, min_open=True),
              help="Largest share in a circle: of the population, else of the expected or the areas.")  # fmt: skip
@click.option("--max-areas", type=click.IntRange(min=1), help="Most areas inside a circle.")
@click.option("--max-distance", type=click.FloatRange(0), help="Largest radius, in km (in units of x and y).")
@click.option("--max-days", type=click.IntRange(min=1), help="Longest window in days; half of all days if left out.")
@click.option("--any-end", is_flag=True, help="Let windows end on any day, not only on the last.")
@click.option("--step-days", default=1, show_default=True, type=click.IntRange(min=1), help="7 for weekly counts.")
@click.option("--absent-is-zero", is_flag=True, help="A day that is not listed had no case.")
@click.option("--replicas", default=999, show_default=True, type=click.IntRange(0, 999_999),
              help="How often chance is tried for the p-value; 0 for none.")  # fmt: skip
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=0), help="Same seed, same p-values.")
@click.option("--max-p", default=0.05, show_default=True, type=click.FloatRange(0, 1),
              help="Tell further clusters up to this p-value; the first is always told.")  # fmt: skip
@click.option("--max-clusters", default=20, show_default=True, type=click.IntRange(min=1), help="Most clusters told.")
@click.option("--plot", type=click.Path(path_type=Path), help="Draw areas and clusters (.png, .svg or .pdf).")
@click.option("--out", type=click.Path(path_type=Path), help="Where the clusters go (CSV); else they are shown.")
def command(areas: Path, cases: Path | None, method: str, plot: Path | None, out: Path | None, **settings: Any) -> None:
    """
    Find where, and since when, there are more cases than elsewhere.

    AREAS.csv has a row for each village or county: area (its code), lat and lon in degrees (or x and y in any
    unit), and, as the method needs them, population, expected (cases; needs only be right in proportion) and cases.

    \b
    kulldorff               in space only; needs cases, or counts by --cases, and population or expected
    space-time-poisson      needs --cases, and population, or expected of AREAS or of each row of --cases
    space-time-permutation  needs --cases only: each area and each day keeps its own number of cases

    Each circle of neighbouring areas is looked at with each interval of days that ends on the last day. Out comes
    a row for each cluster, the most likely first; none has an area in common with those before it. Columns out:
    rank, centre (the area in the middle), areas (nearest first, between them a space), first_date and last_date
    (empty without days), observed, expected, ratio (observed over expected), relative_risk (inside over outside;
    empty when all cases lie inside), log_likelihood_ratio, p (empty without replicas). Without any excess only
    the header is written.

    Kulldorff 1997, Communications in Statistics 26:1481; Kulldorff 2001, JRSS A 164:61; Kulldorff et al. 2005, PLoS
    Medicine 2:e59. Circles, ratios and ties as in SpatialEpi and scanstatistics.
    """  # noqa: D301 (\b keeps lines of the help apart)
    pictures.check(plot)
    scanned = _scanned(read_areas(areas), cases, method, settings)
    found = _found(scanned, method, settings)
    write_table(out, _columns(scanned, found.clusters))
    if plot:
        _draw(scanned, found.clusters, plot)
    click.echo(_sentence(scanned, found, settings), err=True)


def _scanned(areas: Areas, cases: Path | None, method: str, settings: dict[str, Any]) -> Scanned:
    if cases is None:
        counts = _counts_of(areas, method)
    else:
        counts = read_counts(cases, areas, step_days=settings["step_days"], absent_is_zero=settings["absent_is_zero"])
    by_time = counts.counts.sum(axis=1, keepdims=True) if method == SPACE else counts.counts
    expected = np.broadcast_to(_expected(areas, counts, method), by_time.shape)
    expected = expected * (by_time.sum() / expected.sum()) if by_time.any() else expected
    # Where only counts are known, a share of the cases would bar the village that has most of them.
    rate = np.ones(len(expected)) if method == PERMUTATION else expected.sum(axis=1)
    weights = rate if areas.population is None else areas.population
    return Scanned(areas, [] if method == SPACE else counts.days, by_time, expected, weights)


def _expected(areas: Areas, counts: Counts, method: str) -> np.ndarray:
    """Give what to expect of each area, or of each area and time, in proportion."""
    if method == PERMUTATION:
        return np.outer(counts.counts.sum(axis=1), counts.counts.sum(axis=0))
    if counts.expected is not None:
        return counts.expected.sum(axis=1, keepdims=True) if method == SPACE else counts.expected
    rate = areas.population if areas.expected is None else areas.expected
    if rate is None:
        reason = f"{method} has to know what to expect. Add it, or choose {PERMUTATION}."
        raise ColumnsMissing(path=areas.path, column="population, nor expected", reason=reason)
    return rate[:, None]


def _counts_of(areas: Areas, method: str) -> Counts:
    if method != SPACE:
        reason = f"{method} compares days. Give the counts by area and day with --cases."
        raise ColumnsMissing(path=areas.path, column="days", reason=reason)
    if areas.cases is None:
        raise ColumnsMissing(path=areas.path, column="cases", reason="add the column, or give counts with --cases.")
    return Counts(days=[], counts=areas.cases[:, None], expected=None)


def _found(scanned: Scanned, method: str, settings: dict[str, Any]) -> "Scan":
    from sizao.engines.detection.scan import ScanPlan, permutation_scan, poisson_scan
    from sizao.engines.detection.scan_circles import Limits, circles, on_earth, on_plane

    measure = on_earth if scanned.areas.is_on_earth else on_plane
    reach = settings["max_distance"]
    limits = Limits(settings["max_share"], settings["max_areas"], float("inf") if reach is None else reach)
    around = circles(measure(scanned.areas.north, scanned.areas.east), scanned.weights, limits)
    _tell_lonely(scanned.areas, np.diff(around.starts))
    plan = ScanPlan(
        longest=_longest(scanned, settings),
        any_end=settings["any_end"],
        replicas=settings["replicas"],
        max_p=settings["max_p"],
        max_clusters=settings["max_clusters"],
    )
    rng = np.random.default_rng(settings["seed"])
    if method == PERMUTATION:
        return permutation_scan(scanned.counts, around, plan, rng)
    return poisson_scan(scanned.counts, scanned.expected, around, plan, rng)


def _longest(scanned: Scanned, settings: dict[str, Any]) -> int:
    n_times = scanned.counts.shape[1]
    if settings["max_days"] is None:
        return max(1, n_times // 2)
    if settings["max_days"] < settings["step_days"]:
        raise click.BadParameter("it is shorter than one step of --step-days.", param_hint="--max-days")
    return int(min(n_times, settings["max_days"] // settings["step_days"]))


def _tell_lonely(areas: Areas, n_around: np.ndarray) -> None:
    for size, sentence in ((0, "larger than a circle may be and were left out"), (1, "looked at alone")):
        names = [areas.names[area] for area in np.flatnonzero(n_around == size)]
        if names:
            told = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
            click.echo(f"{len(names)} areas are {sentence}: {told}.", err=True)


def _columns(scanned: Scanned, clusters: "Sequence[Cluster]") -> dict[str, list[Any]]:
    names, days = scanned.areas.names, scanned.days
    return {
        "rank": list(range(1, len(clusters) + 1)),
        "centre": [names[one.centre] for one in clusters],
        "areas": [" ".join(names[area] for area in one.areas) for one in clusters],
        "first_date": [days[one.first] if days else None for one in clusters],
        "last_date": [days[one.last] if days else None for one in clusters],
        "observed": [one.observed for one in clusters],
        "expected": [one.expected for one in clusters],
        "ratio": [one.ratio for one in clusters],
        "relative_risk": [one.relative_risk if np.isfinite(one.relative_risk) else None for one in clusters],
        "log_likelihood_ratio": [one.log_ratio for one in clusters],
        "p": [one.p_value for one in clusters],
    }


def _sentence(scanned: Scanned, found: "Scan", settings: dict[str, Any]) -> str:
    if not found.clusters:
        return f"No circle has more cases than expected ({int(scanned.counts.sum()):,} cases)."
    best = found.clusters[0]
    when = f" from {scanned.days[best.first]} to {scanned.days[best.last]}" if scanned.days else ""
    chance = f"p = {best.p_value:.4g} ({settings['replicas']} replicas, seed {settings['seed']})"
    return (
        f"Most likely cluster: {len(best.areas)} areas around {scanned.areas.names[best.centre]}{when}, "
        f"{best.observed:,} cases where {best.expected:.1f} are expected; "
        f"{chance if settings['replicas'] else 'no p-value was asked for'}. Clusters told: {len(found.clusters)}."
    )


def _draw(scanned: Scanned, clusters: "Sequence[Cluster]", path: Path) -> None:
    figure = pictures.blank(rows=2 if scanned.days else 1)
    _draw_map(figure.add_subplot(2 if scanned.days else 1, 1, 1), scanned, clusters)
    if scanned.days:
        _draw_days(figure.add_subplot(2, 1, 2), scanned, clusters)
    pictures.save(figure, path)


def _draw_map(axes: "Axes", scanned: Scanned, clusters: "Sequence[Cluster]") -> None:
    areas, totals = scanned.areas, scanned.counts.sum(axis=1)
    size = 10 + 150 * totals / max(totals.max(), 1)
    axes.scatter(areas.east, areas.north, s=size, color="0.75", edgecolor="0.4", linewidth=0.5)
    for rank, one in enumerate(clusters, start=1):
        inside = list(one.areas)
        axes.scatter(areas.east[inside], areas.north[inside], s=size[inside], label=_label(rank, one))
    # A degree of longitude is shorter than one of latitude.
    axes.set_aspect(1 / max(0.1, float(np.cos(np.radians(areas.north.mean())))) if areas.is_on_earth else 1)
    axes.set_xlabel("longitude" if areas.is_on_earth else "x")
    axes.set_ylabel("latitude" if areas.is_on_earth else "y")
    axes.set_title("Size of a dot: cases", fontsize=9, loc="left")
    if clusters:
        axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.02, 0.5))


def _draw_days(axes: "Axes", scanned: Scanned, clusters: "Sequence[Cluster]") -> None:
    half = np.timedelta64(12, "h").astype(object)
    for rank, one in enumerate(clusters[:3], start=1):
        inside = list(one.areas)
        counts, expected = (values[inside].sum(axis=0) for values in (scanned.counts, scanned.expected))
        (line,) = axes.plot(scanned.days, counts, drawstyle="steps-mid", label=f"{rank}: cases")
        axes.plot(scanned.days, expected, "--", color=line.get_color(), label=f"{rank}: expected")
        axes.axvspan(scanned.days[one.first] - half, scanned.days[one.last] + half, color=line.get_color(), alpha=0.1)
    axes.set_ylabel("cases inside")
    axes.tick_params(axis="x", rotation=30)
    if clusters:
        axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.02, 0.5))


def _label(rank: int, one: "Cluster") -> str:
    chance = "" if np.isnan(one.p_value) else f", p = {one.p_value:.3g}"
    return f"{rank}: {one.observed} cases, {one.expected:.1f} expected{chance}"
