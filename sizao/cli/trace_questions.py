"""What `sizao trace` can ask of a store, and how each answer is told in a sentence."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sizao.adapters.tables import write_table, write_whole
from sizao.cli.trace_inputs import seat_rules, space_time_of, weights_of
from sizao.errors import SizaoError

if TYPE_CHECKING:
    import pyarrow as pa

    from sizao.adapters.visits import VisitStore, Window
    from sizao.engines.presences.crowding import Dilution

UNLIKELY = 0.05


@dataclass(frozen=True, slots=True)
class Question:
    """Who was there with each case; the other questions differ in `answer` and `told`."""

    store: "VisitStore"
    windows: "Sequence[Window]"
    least_seconds: int
    asked: Mapping[str, Any]

    def answer(self) -> "pa.Table":
        """Ask the store."""
        return self.store.companions(self.windows, least_seconds=self.least_seconds)

    def told(self, found: "pa.Table", n_cases: int) -> str:
        """Say what was found, and write what was asked for beside it."""
        told = f"{found.num_rows:,} companions of {n_cases} cases."
        if (keep := self.asked["keep"]) is None:
            return told
        spread = self.store.dilution(self.windows, least_seconds=self.least_seconds, keep=keep)
        return f"{told}\n{_spread(spread, keep)}"


class Near(Question):
    """Who was there with each case, and who beside it."""

    def answer(self) -> "pa.Table":
        beside = self.asked["manner"].neighbours
        return self.store.companions_near(self.windows, least_seconds=self.least_seconds, neighbours=beside)

    def told(self, found: "pa.Table", n_cases: int) -> str:
        same = sum(tier == "same" for tier in found.column("tier").to_pylist())
        return f"{same:,} companions of {n_cases} cases, and {found.num_rows - same:,} at neighbours of their places."


class ByLayer(Question):
    """Who was there with each case, by layer and tier, with what rests on rules told apart."""

    def answer(self) -> "pa.Table":
        found = self.store.by_layer(self.windows, least_seconds=self.least_seconds, manner=self.asked["manner"])
        return _without(found, self.asked)

    def told(self, found: "pa.Table", n_cases: int) -> str:
        layers = Counter(found.column("layer").to_pylist())
        told = ", ".join(f"{count:,} in layer {layer}" for layer, count in sorted(layers.items()))
        return f"Companions of {n_cases} cases: {told or 'none'}."


class Ranked(Question):
    """Who was there with each case, by score."""

    def answer(self) -> "pa.Table":
        manner, weights = self.asked["manner"], weights_of(self.asked["weights"])
        found = self.store.ranked(self.windows, least_seconds=self.least_seconds, manner=manner, weights=weights)
        return _without(found, self.asked)

    def told(self, found: "pa.Table", n_cases: int) -> str:
        from sizao.adapters.visits.layers import cuts
        from sizao.engines.presences.dilution import CUTS

        keep = self.asked["keep"]
        curve = cuts(found, at=CUTS if keep is None else (*CUTS, keep))
        if path := self.asked["cuts"]:
            write_table(path, {name: curve[name].to_pylist() for name in curve.column_names})
        shown = [one for one in curve.to_pylist() if one["left_out"] and (keep is None or one["keep"] == keep)]
        if not shown and keep is not None:
            shown = [one for one in curve.to_pylist() if one["keep"] == keep]
        return "\n".join([f"{found.num_rows:,} companions of {n_cases} cases.", *map(_cut, shown)])


class Seated(Question):
    """Who shared a vehicle with each case, and how near they sat."""

    def answer(self) -> "pa.Table":
        rules = seat_rules(self.asked, max((one.end for one in self.windows), default=0) - 1)
        return self.store.seated(
            self.windows, least_seconds=self.least_seconds, rules=rules, seats=self.asked["held_seats"],
            manner=self.asked["manner"],
        )  # fmt: skip

    def told(self, found: "pa.Table", n_cases: int) -> str:
        count = Counter(found.column("seating").to_pylist())
        return (
            f"{found.num_rows:,} shared a vehicle with {n_cases} cases: {count['near']:,} sat near, "
            f"{count['unknown']:,} where it is not known, {count['apart']:,} apart."
        )


class SpaceTimed(Question):
    """Who was in the same cell as a case and dwelt there."""

    def answer(self) -> "pa.Table":
        rule = space_time_of(self.asked, self.least_seconds)
        return self.store.space_time_companions(self.windows, rule=rule, manner=self.asked["manner"])

    def told(self, found: "pa.Table", n_cases: int) -> str:
        return f"{found.num_rows:,} space-time companions of {n_cases} cases; this alone isolates nobody."


class CommonSource(Question):
    """What the cases shared before they fell ill."""

    def answer(self) -> "pa.Table":
        span = max(round(self.asked["span_hours"] * 3600), 1)
        return self.store.common_sources(self.windows, span_seconds=span, least_seconds=self.least_seconds)

    def told(self, found: "pa.Table", n_cases: int) -> str:
        unlikely = sum(one <= UNLIKELY for one in found.column("q_value").to_pylist())
        told = f"{found.num_rows:,} places and spans link {n_cases} cases; {unlikely:,} have q up to {UNLIKELY}."
        if path := self.asked["visitors"]:
            people = self.store.visitors_of(found.slice(0, unlikely), least_seconds=self.least_seconds)
            write_whole(path, parquet(people))
            told += f" {people.num_rows:,} visitors of these are in {path}."
        return told


class SecondRing(Question):
    """Who met a contact of a case after that one's first exposure."""

    def answer(self) -> "pa.Table":
        return self.store.second_ring(self.windows, least_seconds=self.least_seconds, limits=self.asked["limits"])

    def told(self, found: "pa.Table", n_cases: int) -> str:
        return f"{found.num_rows:,} people of the second ring of {n_cases} cases."


class Hotspots(Question):
    """Where the cases spent infectious time."""

    def answer(self) -> "pa.Table":
        return self.store.hotspots(self.windows, since=self.asked["since"])

    def told(self, found: "pa.Table", n_cases: int) -> str:
        minutes = sum(found.column("minutes").to_pylist())
        return f"{n_cases} cases spent {minutes:,.0f} infectious minutes at {found.num_rows:,} places."


def _without(found: "pa.Table", asked: Mapping[str, Any]) -> "pa.Table":
    """Leave out the columns that were not asked for."""
    gone = [name for name, wanted in (("imputed_minutes", asked["imputed"]), ("padded_minutes", asked["pad_minutes"]))
            if not wanted]  # fmt: skip
    return found.drop_columns(gone)


def _cut(one: Mapping[str, Any]) -> str:
    """Tell what keeping so many rows of a ranking leaves out."""
    if not one["left_out"]:
        return f"Keeping the {one['keep']:,} highest would leave out nobody."
    return (
        f"Keeping the {one['keep']:,} highest would leave out {one['left_out']:,} with {one['share_left_out']:.1%} of "
        f"the score, among them one of {one['longest_minutes']:,.0f} minutes, one met among "
        f"{one['smallest_occupancy']:,} and one on {one['most_days']} days."
    )


def _spread(spread: "Dilution", keep: int) -> str:
    """Tell how companions are spread, and what a cut leaves out."""
    from sizao.engines.presences.crowding import CROWDS, MINUTES

    minutes = ", ".join(f"{count:,} from {low}" for low, count in zip(MINUTES, spread.by_minutes, strict=True))
    crowds = ", ".join(f"{count:,} up to {most:,}" for most, count in zip(CROWDS, spread.by_crowd, strict=False))
    lines = [
        f"Minutes shared: {minutes}.",
        f"Smallest crowd of a meeting: {crowds}, {spread.by_crowd[-1]:,} more.",
        f"Keeping the {keep:,} closest would leave out nobody.",
    ]
    if spread.left_out:
        lines[-1] = (
            f"Keeping the {keep:,} closest would leave out {spread.left_out:,} companions with "
            f"{spread.share_of_minutes:.1%} of all minutes ({spread.share_of_weight:.1%} weighted by crowd), among "
            f"them one of {spread.longest_minutes:,.0f} minutes and one met in a crowd of {spread.smallest_crowd:,}."
        )
    return "\n".join(lines)


class OneQuestion(SizaoError):
    code = "trace.one_question"
    message = "--{first} and --{second} are two questions. Ask one at a time; nothing was written."


class OptionElsewhere(SizaoError):
    code = "trace.option_elsewhere"
    message = (
        "--{option} belongs to {belongs} and would change nothing here. Leave it out, or ask that; nothing was written."
    )


# What an option belongs to; one that is not named here belongs to all.
BELONGS = {
    "visitors": ("common_source",),
    "set_apart": ("second_ring",),
    "known": ("second_ring",),
    "closest": ("second_ring",),
    "since": ("hotspots",),
    "dwell_hours": ("space_time",),
    "lookback_days": ("space_time",),
    "dwell_of": ("space_time",),
    "cuts": ("ranked",),
    "weights": ("ranked",),
    "keep": ("companions", "ranked"),
    "ranked": ("companions",),
    "by_layer": ("companions",),
    "imputed": ("companions", "ranked"),
}


def _check_belonging(asked: Mapping[str, Any], kind: str) -> None:
    """Refuse an option that would be passed over in silence."""
    asking = {kind} | ({"ranked"} if asked["ranked"] else set())
    for option, homes in BELONGS.items():
        if asked.get(option) not in (None, False, (), 0) and not asking & set(homes):
            belongs = " or ".join("companions" if home == "companions" else f"--{_shown(home)}" for home in homes)
            raise OptionElsewhere(option=_shown(option), belongs=belongs)


def _shown(name: str) -> str:
    return {"weights": "weight"}.get(name, name).replace("_", "-")


def question_of(
    store: "VisitStore", windows: "Sequence[Window]", least_seconds: int, asked: Mapping[str, Any]
) -> Question:
    """Choose the question by the options."""
    chosen = [name for name in KINDS if asked[name]]
    if len(chosen) > 1:
        first, second, *_ = (name.replace("_", "-") for name in chosen)
        raise OneQuestion(first=first, second=second)
    _check_belonging(asked, chosen[0] if chosen else "companions")
    kind = KINDS[chosen[0]] if chosen else _of_companions(asked)
    return kind(store, windows, least_seconds, asked)


def _of_companions(asked: Mapping[str, Any]) -> type[Question]:
    """Choose how companions are told."""
    if asked["ranked"]:
        return Ranked
    if asked["by_layer"] or asked["imputed"] or asked["pad_minutes"]:
        return ByLayer
    return Near if asked["neighbours"] or asked["neighbours_of"] else Question


def parquet(found: "pa.Table") -> bytes:
    """Give a table as a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(found, sink, compression="zstd")
    return bytes(sink.getvalue())


KINDS: dict[str, type[Question]] = {
    "common_source": CommonSource,
    "second_ring": SecondRing,
    "hotspots": Hotspots,
    "seats": Seated,
    "space_time": SpaceTimed,
}
