"""
People who work with the pages of a province's week, played by locust: each signed in, in the shares of `PEOPLE`.

A plan as JSON in the file that PROVINCE_PLAN names says who they are; what they met is written into its "out" file.
Run by `python -m bench province`, in a process of its own.
"""

import json
import os
import random
import re
import time
from pathlib import Path
from typing import Any

from locust import FastHttpUser, constant, events, task

PLAN: dict[str, Any] = json.loads(Path(os.environ["PROVINCE_PLAN"]).read_text(encoding="utf-8"))
POLLS, POLL_SECONDS = 4, 3.0  # of a screen that watches, as in command.js
# What somebody in a role opens, and how often against the others. AREA is their own.
OPENED = {
    "grid_worker": {"/tasks/": 6, "/doors/": 1, "/directives/": 1, "/notices/": 1, "receive": 2, "finish": 2},
    "reporter": {"/reports/": 4, "/reports/units/": 1, "/reports/overview/": 2, "/tasks/": 2, "/directives/": 1},
    "duty_officer": {
        "/tasks/": 4, "/tasks/?whose=all": 2, "/directives/": 2, "DIRECTIVE": 1, "/teams/": 1, "/complaints/": 1,
        "/notices/": 1, "/reports/overview/": 1, "receive": 1,
    },
    "commander": {
        "watch": 3, "/command/rows/tasks_late/": 1, "/command/rows/tasks_open/": 1, "/command/rows/rooms_taken/": 1,
        "/tasks/": 2, "/tasks/?whose=all": 1, "/directives/": 2, "DIRECTIVE": 1, "/directives/new/": 1, "/teams/": 1,
        "/oversight/": 1, "/reports/approvals/": 1, "/reports/overview/": 1, "/level/": 1,
    },
    "supervisor": {
        "/oversight/": 4, "/oversight/?area=AREA": 2, "/findings/": 2, "/complaints/": 2, "/journal/": 2,
        "/command/": 1,
    },
    "investigator": {"/tasks/": 4, "/directives/": 1, "/command/": 1, "/teams/": 1, "/notices/": 1},
}  # fmt: skip
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
NEXT = re.compile(r'action="(/tasks/(\d+)/(receive|finish)/)')

met: list[tuple[str, float, float, int]] = []  # page, when asked, milliseconds, status
places = iter(range(1_000_000))


class Person(FastHttpUser):
    host = f"http://127.0.0.1:{PLAN['port']}"
    connection_timeout = network_timeout = 30.0
    wait_time = constant(0)  # each waits within its own work, so that no time is added to it

    def on_start(self) -> None:
        """Become the next person of the plan."""
        self.mine = PLAN["people"][next(places) % len(PLAN["people"])]
        self.opened = OPENED[self.mine["role"]]
        self.headers = {"Cookie": f"sessionid={self.mine['session']}; csrftoken={PLAN['csrf']}"}
        self.versions: dict[str, str] = {}
        time.sleep(random.random() * PLAN["think"][1])

    @task
    def work(self) -> None:
        """Open what comes next, and look at it for a while."""
        (what,) = random.choices(list(self.opened), weights=self.opened.values())
        if what == "watch":
            self._watch()
        elif what in ("receive", "finish"):
            self._act(what)
        else:
            self._get(what.replace("AREA", self.mine["area"]).replace("DIRECTIVE", PLAN["directive"]), what)
        time.sleep(random.uniform(*PLAN["think"]))

    def _get(self, path: str, name: str, **headers: str) -> Any:
        name = PLAN["directive"] if name == "DIRECTIVE" else name
        return self.client.get(path, name=name, headers=self.headers | headers, allow_redirects=False)

    def _watch(self) -> None:
        """Look at the command centre for a while, as its script does: ask for the version, fetch what changed."""
        self._get("/command/?outbreak=none", "/command/")
        tag = ""
        for _ in range(POLLS if PLAN["think"][1] else 1):
            have = ",".join(f"{part}:{version}" for part, version in self.versions.items())
            path = f"/command/version/?outbreak=none&have={have}"
            answer = self._get(path, "/command/version/", **{"If-None-Match": tag})
            if answer.status_code == 200:  # noqa: PLR2004
                tag = answer.headers.get("ETag", "")
                for part, told in answer.json().items():
                    if not told["html"]:
                        self._get(f"/command/part/{part}/?outbreak=none", f"/command/part/{part}/")
                    self.versions[part] = told["tag"]
            time.sleep(POLL_SECONDS if PLAN["think"][1] else 0)

    def _act(self, what: str) -> None:
        """Receive or finish the first task of one's queue that asks for it."""
        page = self._get("/tasks/", "/tasks/").text or ""
        token = TOKEN.search(page)
        asked = next((found for found in NEXT.finditer(page) if found[3] == what), None)
        if token and asked:
            time.sleep(random.uniform(*PLAN["think"]))
            self.client.post(
                asked[1], {"csrfmiddlewaretoken": token[1], "outcome": "generated"}, name=f"/tasks/N/{what}/ (POST)",
                headers=self.headers, allow_redirects=False,
            )  # fmt: skip


@events.request.add_listener
def _note(name: str, response_time: float, response: Any, start_time: float, **_: Any) -> None:
    met.append((name, start_time, response_time, getattr(response, "status_code", 0) or 0))


@events.quitting.add_listener
def _tell(**_: Any) -> None:
    told = {"met": met, "processor_seconds": time.process_time()}
    Path(PLAN["out"]).write_text(json.dumps(told), encoding="utf-8")
