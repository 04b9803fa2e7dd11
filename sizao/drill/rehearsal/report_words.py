"""
The report of a drill in words, tables and pictures, in the language that is active; page and PDF both show this.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from sizao.drill.rehearsal.report_charts import Line, bars, lines
from sizao.drill.rehearsal.report_facts import without_facts
from sizao.drill.rehearsal.report_file import Facts
from sizao.terms import Role, TaskKind

HELPED = {
    "day_earlier": _("every order a day earlier"),
    "ill_at_once": _("everybody with symptoms kept apart from their first day"),
    "households_at_once": _("the household of each case held from the day the case was found"),
    "contacts_at_once": _("everybody whom a case met in the four days before held from the day the case was found"),
}
LAYERS = {
    "household": _("Household"),
    "class": _("Class"),
    "work": _("Work"),
    "venue": _("Venue"),
    "transport": _("Transport"),
}
PUBLISHED = {
    "infected": _("Infected"),
    "confirmed": _("Confirmed cases"),
    "asymptomatic": _("Asymptomatic cases"),
    "days": _("Days from the first case to the last"),
    "attack_rate": _("Share of the people who were infected"),
    "household_share": _("Share of infections within households"),
    "contacts": _("Contacts"),
}
# The groups of scores that stand in the report as they are; see `scores.SCORES`.
STAGES = {
    "testing_rounds": _("Testing rounds"),
    "isolation_and_transport": _("Isolation and transport"),
    "risk_areas": _("Risk areas"),
    "command": _("Command, reports and other authorities"),
    "clocks_by_stage": _("Clocks kept, by stage"),
}
SHARES = ("attack_rate", "household_share")


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text; the first `left` columns are words, the others numbers."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: int = 1


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report: what it says, then a picture or a table."""

    title: str
    says: Sequence[str]
    table: Table | None = None
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it is shown; `figures` are numbers with their words."""

    title: str
    subtitle: str
    answer: str
    figures: Sequence[tuple[str, str]]
    sections: Sequence[Section]


def report(facts: Facts) -> Report:
    """Tell the facts of a drill in the language that is active."""
    told = _Told(facts)
    return Report(
        title=gettext("Report of the drill “{name}”").format(name=told.name),
        subtitle=gettext("{days} of {all} days, {first} to {last}. Everybody in it is made up.").format(
            days=facts["days"], all=facts["n_days"], first=told.date(0), last=told.date(facts["days"] - 1)
        ),
        answer=" ".join(answer(told)),
        figures=figures(told),
        sections=[section for make in SECTIONS for section in make(told)],
    )


class _Told:
    """The facts with the words that all parts need."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.language = get_language() or "zh-hans"
        self.is_chinese = self.language.startswith("zh")
        self.name = facts["name"] if self.is_chinese else facts["name_en"]
        self.value = {key: value for key, _, _, value, _ in facts["scored"]}
        self.scored = {row[0]: row for row in facts["scored"]}

    def date(self, day: int) -> str:
        return (date.fromisoformat(self.facts["first_date"]) + timedelta(days=day)).isoformat()

    def count(self, key: str) -> str:
        return number(self.value[key])

    def row(self, key: str) -> tuple[str, str]:
        """Name a score and write its value."""
        _, chinese, english, value, unit = self.scored[key]
        return (chinese if self.is_chinese else english, written(value, unit))


def number(value: float | None) -> str:
    """Write a whole number; what there was nothing of to count is a dash."""
    return "–" if value is None else f"{value:,.0f}"


def written(value: float | None, unit: str) -> str:
    """Write a score by its unit: shares in percent, hours as such with one digit after the point, all else whole."""
    if unit == "h" and value is not None:
        return gettext("{n} h").format(n=f"{value:,.1f}")
    return share(value) if unit == "share" else number(value)


def share(value: float | None) -> str:
    """Write a share in percent; near nothing and near all with a digit more, so that they are not told as these."""
    if value is None:
        return "–"
    return f"{value:.1%}" if 0 < value < 0.1 or 0.99 < value < 1 else f"{value:.0%}"


def answer(told: _Told) -> Iterator[str]:
    """Say what matters first: when it was found, how many were infected, and what would have helped most."""
    value = told.value
    if value["days_to_case"] is None:
        yield gettext("Nobody found the outbreak: {n} people were infected.").format(n=told.count("infected"))
    else:
        yield gettext(
            "The first case was found {days} days after the first infection, when {then} people were infected; in the "
            "end it was {n}."
        ).format(days=told.count("days_to_case"), then=told.count("infected_by_then"), n=told.count("infected"))
    yield gettext("Without any response it would have been {nothing}, with a perfect one {perfect}.").format(
        nothing=told.count("infected_without"), perfect=told.count("infected_perfect")
    )
    if value["won"] is not None:
        yield gettext("Of what could be won, {won} was won.").format(won=share(value["won"]))
    helped = told.facts["helped"]
    best = min(helped, key=lambda way: (helped[way], way))
    fewer = int(value["infected"]) - helped[best]
    if fewer > 0:
        yield ngettext(
            "What would have helped most: {way} ({n} infection fewer).",
            "What would have helped most: {way} ({n} infections fewer).",
            fewer,
        ).format(way=HELPED[best], n=number(fewer))
    else:
        yield gettext("None of the other ways that were tried would have helped.")


def figures(told: _Told) -> list[tuple[str, str]]:
    """Choose the numbers that stand at the top."""
    keys = ("days_to_case", "cases_found", "infected", "companions_found", "held_in_vain", "clocks_kept")
    return [(written, words) for words, written in map(told.row, keys)]


def curve(told: _Told) -> Iterator[Section]:
    """Draw new infections by day in the three lives."""
    infections = told.facts["infections"]
    first = told.facts["earliest_day"]
    drawn = lines(
        [told.date(first + n)[5:] for n in range(len(infections["drill"]))],
        [
            Line(gettext("without any response"), infections["nothing"], "#b3261e", dashed=True),
            Line(gettext("this drill"), infections["drill"], "#1f4e8c"),
            Line(gettext("perfect response"), infections["perfect"], "#2e7d32", dashed=True),
        ],
        is_logarithmic=True,
    )
    says = gettext(
        "New infections a day, on a logarithmic scale. All three lives are of one city in which everybody has the same "
        "course of disease; they differ by what was ordered."
    )
    yield Section(gettext("Epidemic curve"), [says], picture=drawn)


def found(told: _Told) -> Iterator[Section]:
    """Draw who was infected and who was found, by day."""
    lead = -told.facts["earliest_day"]
    infected = told.facts["infections"]["drill"]
    drawn = bars(
        [told.date(n - lead)[5:] for n in range(len(infected))],
        [0] * lead + told.facts["found"],
        Line(gettext("infected"), infected, "#1f4e8c"),
        gettext("found"),
    )
    keys = ("days_to_alert", "days_to_hint", "days_to_case", "infected_by_then", "cases_found", "found_share")
    yield Section(gettext("Found and infected, by day"), [], _scores(told, keys), drawn)


def helped(told: _Told) -> Iterator[Section]:
    """Tell the other lives of this city: the same orders, and one thing otherwise."""
    truly = int(told.value["infected"])
    rows = [
        [_sentence(str(HELPED[way])), number(count), f"{count - truly:+,}"]
        for way, count in sorted(told.facts["helped"].items(), key=lambda one: one[1])
    ]
    says = gettext(
        "The city was lived through again with the orders of this drill and one thing otherwise. Only the orders that "
        "were given here are followed: what officers would have found and decided differently is not guessed."
    )
    head = [gettext("One thing otherwise"), gettext("Infected"), gettext("Difference")]
    yield Section(gettext("What would have helped"), [says], Table(head, rows))


def contacts(told: _Told) -> Iterator[Section]:
    """Tell how many of those whom cases truly met were found, by layer and by delay."""
    rows = [
        [
            str(LAYERS[one["layer"]]), number(one["met"]), *map(number, one["found"]), number(one["never"]),
            share((one["met"] - one["never"]) / one["met"] if one["met"] else None),
            share(told.value[f"infected_known_{one['layer']}"]),
        ]
        for one in told.facts["contacts"]
    ]  # fmt: skip
    head = [
        gettext("Layer"), gettext("Truly met"), gettext("Same day"), gettext("1 day"), gettext("2 days"),
        gettext("3 days and more"), gettext("Never"), gettext("Share found"), gettext("Infected, known first"),
    ]  # fmt: skip
    says = gettext(
        "Everybody whom a case met in the four days before it was found, and its household; found so many days after "
        "the case. The last column: of those infected in this layer, who was known as a contact before being a case."
    )
    table = Table(head, rows)
    yield Section(gettext("Contacts found, by layer and delay"), [says], table)
    keys = (
        "companions_found",
        "companions_within_0d",
        "companions_within_1d",
        "companions_within_2d",
        "contacts_beyond",
    )
    yield Section("", [], _scores(told, keys))


def freedom(told: _Told) -> Iterator[Section]:
    """Tell what was missed and what was taken from people."""
    keys = (
        "free_infectious_days", "free_infectious_share", "free_though_known", "held", "held_in_vain",
        "held_in_vain_days", "closed_days",
    )  # fmt: skip
    yield Section(gettext("Infectious days missed, people restricted in vain"), [], _scores(told, keys))


def means(told: _Told) -> Iterator[Section]:
    """Tell what was used, and draw the rooms."""
    rooms = told.facts["rooms"]
    most = told.facts["capacity"]["rooms"]
    drawn = bars([told.date(day)[5:] for day in range(len(rooms))], rooms, None, gettext("rooms in use"))
    table = _scores(told, ("orders", "rooms_peak", "tests", "round_people"))
    swabs = told.facts["done"].get("swabs_in_rounds")
    rows = [*table.rows, [gettext("Rooms there are"), number(most)]]
    if swabs is not None:
        rows.append([gettext("People swabbed in rounds"), number(swabs)])
    yield Section(gettext("Rooms and tests"), [], Table(table.head, rows), drawn)


def stages(told: _Told) -> Iterator[Section]:
    """Tell what each stage came to that the drill played, beside the clocks of all."""
    groups = told.facts.get("groups", {})  # a report worked out before there were groups has none
    for name, title in STAGES.items():
        if groups.get(name):
            yield Section(str(title), [], _scores(told, groups[name]))


def clocks(told: _Told) -> Iterator[Section]:
    """Tell which clocks were kept."""
    rows = [
        [TaskKind(kind).label(told.language), number(kept), number(late), share(kept / (kept + late))]
        for kind, kept, late in told.facts["clocks"]
    ]
    head = [gettext("Task"), gettext("In time"), gettext("Late"), gettext("Kept")]
    says = [] if rows else [gettext("No task with a clock has come due.")]
    yield Section(gettext("Clocks kept"), says, Table(head, rows) if rows else None)


def ending(told: _Told) -> Iterator[Section]:
    """Tell when it was over."""
    keys = (
        "last_infection",
        "days_to_zero",
        "days_to_clear",
        "infected",
        "infected_without",
        "infected_perfect",
        "won",
    )
    says = gettext("A dash: it was not over on the last day of the drill, or there was nothing to count.")
    yield Section(gettext("How it ended"), [says], _scores(told, keys))


def refused(told: _Told) -> Iterator[Section]:
    """Tell what the platform refused to its officers."""
    told_of = [(one["said"], number(one["times"])) for one in told.facts["refused"]]
    rows = [[without_facts(gettext(said)), times] for said, times in told_of]
    says = (
        gettext("What the platform refused, and how often; … stands for what differed.")
        if rows
        else gettext("The platform refused nothing.")
    )
    people = [Role(one).label(told.language) for one in told.facts["by_people"]]
    played = (
        gettext("Played by people, at least for a time: {roles}.").format(roles=_listed(told, people))
        if people
        else gettext("All officers were played by the script.")
    )
    head = [gettext("Refusal"), gettext("Times")]
    yield Section(gettext("What officers were refused"), [played, says], Table(head, rows) if rows else None)


def published(told: _Told) -> Iterator[Section]:
    """Set what was published of the real outbreak beside the drill, where anything was."""
    rows = [
        [_with_area(str(PUBLISHED[one["what"]]), one["area"]), one["source"], *_pair(one)]
        for one in told.facts["published"]
    ]
    if not rows:
        return
    head = [gettext("Score"), gettext("Source"), gettext("Published"), gettext("This drill")]
    says = gettext(
        "The drill is not meant to repeat what happened: who was infected first, and every meeting, is made up. "
        "Numbers of one order speak for the scenario; others are its limits."
    )
    yield Section(gettext("Beside the published totals"), [says], Table(head, rows, left=2))


def origin(told: _Told) -> Iterator[Section]:
    """Say what is known and what was generated."""
    made = told.facts["generated"]
    says = [
        gettext("{n} people live in the city of this drill, {made} of them by generated numbers.").format(
            n=number(made["people"]), made=number(made["people_generated"])
        ),
        gettext(
            "Generated by the model from the seed {seed}: who lives with whom, who goes where, who is infected, all "
            "names and numbers of people. The disease follows the variant {variant}."
        ).format(seed=made["seed"], variant=made["variant"]),
        gettext("Infected at the beginning, a choice of the scenario: {beginnings}.").format(
            beginnings="; ".join(
                gettext("{people} in {area} on {day}").format(people=people, area=area, day=told.date(day))
                for area, day, people in made["beginnings"]
            )
        ),
    ]
    if made["measures_made_up"]:
        says.append(
            gettext("Measures without a source, a choice of the scenario: {n}.").format(n=made["measures_made_up"])
        )
    rows = [[one] for one in dict.fromkeys([*made["sources"], *made["population_sources"], *made["measures"]])]
    yield Section(gettext("Known and generated"), says, Table([gettext("Sources")], rows))


SECTIONS: tuple[Callable[[_Told], Iterator[Section]], ...] = (
    curve, found, helped, contacts, freedom, means, stages, clocks, ending, refused, published, origin,
)  # fmt: skip


def _scores(told: _Told, keys: Sequence[str]) -> Table:
    return Table([gettext("Score"), gettext("Value")], [told.row(key) for key in keys])


def _pair(one: dict[str, float]) -> list[str]:
    write = share if one["what"] in SHARES else number
    return [write(one["there"]), write(one["here"])]


def _with_area(what: str, area: str) -> str:
    return f"{what} ({area})" if area else what


def _listed(told: _Told, several: Sequence[str]) -> str:
    return ("、" if told.is_chinese else ", ").join(several)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
