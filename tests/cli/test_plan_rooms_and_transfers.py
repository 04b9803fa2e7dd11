"""`sizao plan rooms` and `sizao plan transfers`: files in, a plan out, and what is refused with which sentence."""

import csv

import pytest
from click.testing import CliRunner

from sizao.cli import main

WAITING = """person,household,longitude,latitude,due_hours,cared_for,carer,accessible
mother,h1,114.50,38.00,6,no,yes,no
child,h1,114.50,38.00,6,yes,no,no
neighbour,h2,114.51,38.00,2,,,yes
"""
SITES = "site,longitude,latitude\nnear,114.52,38.00\nfar,114.90,38.00\n"
ROOMS = """site,room,floor,beds,accessible,family
near,101,1,1,no,no
near,102,1,2,no,yes
far,101,1,1,yes,no
"""
REQUESTS = """request,household,kind,from_longitude,from_latitude,to_longitude,to_latitude,due_minutes,negative_pressure
r1,h1,contact,114.50,38.00,114.60,38.00,120,no
r2,h1,contact,114.50,38.00,114.60,38.00,120,no
r3,h2,case,114.52,38.00,114.60,38.00,60,yes
"""
VEHICLES = """vehicle,longitude,latitude,begins_minutes,ends_minutes,seats,negative_pressure
car,114.55,38.00,0,480,4,no
"""


@pytest.fixture
def run(tmp_path):
    def invoke(what, **files):
        words = []
        for name, text in files.items():
            (tmp_path / f"{name}.csv").write_text(text)
            words += [f"--{name}", str(tmp_path / f"{name}.csv")]
        out = tmp_path / "OUT.csv"
        result = CliRunner().invoke(main, ["plan", what, *words, "--out", str(out)])
        return result, list(csv.DictReader(out.open())) if out.exists() else None

    return invoke


class TestRooms:
    def test_gives_each_a_room_that_fits(self, run):
        result, rows = run("rooms", waiting=WAITING, sites=SITES, rooms=ROOMS)
        assert result.exit_code == 0, result.output
        assert [(row["site"], row["room"]) for row in rows] == [("near", "102"), ("near", "102"), ("far", "101")]
        assert "with_carer" in rows[1]["why"]
        assert "3 of 3 people have a room" in result.output

    def test_tells_what_is_short(self, run):
        result, rows = run(
            "rooms", waiting=WAITING, sites=SITES, rooms=ROOMS.replace("far,101,1,1,yes", "far,101,1,1,no")
        )
        assert rows[2]["room"] == ""
        assert "Short of rooms (an accessible room, 1 beds): 1 needed, 0 given" in result.output

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("6,no,yes", "6,maybe,yes", "line 2: cared_for is 'maybe'; it should be yes or no."),
            ("child,h1", "mother,h1", "person mother stands on line 2 already."),
            ("114.51,38.00", "114.51,", "one of longitude and latitude is empty"),
        ],
    )
    def test_refuses_a_wrong_cell(self, run, old, new, said):
        result, rows = run("rooms", waiting=WAITING.replace(old, new, 1), sites=SITES, rooms=ROOMS)
        assert result.exit_code == 1
        assert said in result.output
        assert rows is None

    def test_refuses_a_room_of_no_site(self, run):
        result, _ = run("rooms", waiting=WAITING, sites=SITES, rooms=ROOMS.replace("far,", "nowhere,"))
        assert "site is 'nowhere', which stands nowhere in" in result.output


class TestTransfers:
    def test_carries_a_household_together_and_says_why_not(self, run):
        result, rows = run("transfers", requests=REQUESTS, vehicles=VEHICLES)
        assert result.exit_code == 0, result.output
        assert [row["vehicle"] for row in rows] == ["car", "car", ""]
        assert rows[0]["trip"] == rows[1]["trip"]
        assert rows[2]["why_not"] == "no_vehicle"
        assert "2 of 3 people on 1 trips" in result.output

    def test_refuses_an_unknown_kind(self, run):
        result, rows = run("transfers", requests=REQUESTS.replace("h2,case", "h2,parcel"), vehicles=VEHICLES)
        assert "line 4: kind is 'parcel'; it should be one of case, contact" in result.output
        assert rows is None
