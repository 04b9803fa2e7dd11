"""
The devices at the tables, in one process: each sends the people before it, and keeps what was not answered.

Plain sockets and hand-written requests, because who makes the load shares two cores with who bears it. A device has one
request under way; whoever comes meanwhile goes with the next. What is not answered in time is sent again.
"""

import asyncio
import json
import random
import resource
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PATIENCE = 60.0  # seconds until a device takes a request for lost
PAUSE = 1.0  # seconds before it is sent again, doubled each time
MOST_AT_ONCE = 500


@dataclass(slots=True)
class Told:
    """What the devices noted: for each request when it left, how long it took and how many people were in it."""

    sent: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    people: list[int] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)  # of each person, from the swab to the answer
    answers: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)


class Device:
    """One table: a phone, a token, tubes, and people in a row."""

    def __init__(self, plan: dict[str, Any], own: dict[str, Any], told: Told) -> None:
        self.plan, self.own, self.told = plan, own, told
        self.dice = random.Random(own["first_person"])  # noqa: S311 — a benchmark
        self.waiting: list[tuple[float, bytes]] = []
        self.n_swabbed = 0
        self.head = (
            f"POST {plan['path']} HTTP/1.1\r\nHost: {plan['host']}:{plan['port']}\r\n"
            f"Authorization: Bearer {own['token']}\r\nContent-Type: application/json\r\nConnection: close\r\n"
        ).encode()

    async def work(self, begin: float, end: float) -> None:
        """Swab until the end, at a pace with chance in it, then send what is left."""
        loop = asyncio.get_running_loop()
        due = begin + self.dice.random() * self.own["every"]
        sending: asyncio.Task[None] | None = None
        while due < end and self.n_swabbed < self.own["n_people"]:
            await asyncio.sleep(due - loop.time())
            self.swab(due)
            if len(self.waiting) >= self.plan["outbox"] and (sending is None or sending.done()):
                sending = asyncio.create_task(self.send())
            due += self.own["every"] * self.dice.uniform(0.5, 1.5)
        if sending is not None:
            await sending
        await self.send()

    def swab(self, due: float) -> None:
        person, self.n_swabbed = self.own["first_person"] + self.n_swabbed, self.n_swabbed + 1
        one = {
            "source_key": f"{self.own['site']}-{person}",
            "tube": self.own["codes"][(self.n_swabbed - 1) // self.plan["pool_size"]],
            "taken_at": datetime.now(UTC).isoformat(),
            "id_number": f"1301{person:014}",
            "site": self.own["site"],
            "table": 1,
        }
        self.waiting.append((due, json.dumps(one).encode()))

    async def send(self) -> None:
        """Send all that waits until nothing does."""
        loop, pause = asyncio.get_running_loop(), PAUSE
        while self.waiting:
            box = self.waiting[:MOST_AT_ONCE]
            began = loop.time()
            status, answer = await self.ask(b'{"swabs": [' + b",".join(one for _, one in box) + b"]}")
            now = loop.time()
            if status != 200:
                fault = f"{status} {answer[:150].decode(errors='replace')}"
                self.told.faults[fault] = self.told.faults.get(fault, 0) + 1
                await asyncio.sleep(pause * self.dice.uniform(0.5, 1))
                pause = min(2 * pause, 30)
                continue
            del self.waiting[: len(box)]
            self.note(box, began, now, answer)
            if len(self.waiting) < self.plan["outbox"] and now < self.plan["end"]:
                break

    def note(self, box: list[tuple[float, bytes]], began: float, now: float, answer: bytes) -> None:
        self.told.sent.append(began)
        self.told.took.append(now - began)
        self.told.people.append(len(box))
        self.told.waited.extend(now - due for due, _ in box)
        for one in json.loads(answer)["swabs"]:
            said = " ".join([one["answer"], *one["oddities"]])
            self.told.answers[said] = self.told.answers.get(said, 0) + 1

    async def ask(self, body: bytes) -> tuple[int, bytes]:
        try:
            async with asyncio.timeout(PATIENCE):
                reader, writer = await asyncio.open_connection(self.plan["host"], self.plan["port"])
                try:
                    writer.write(self.head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
                    answer = await reader.read(-1)
                finally:
                    writer.close()
        except (OSError, TimeoutError) as fault:
            return 0, type(fault).__name__.encode()
        head, _, rest = answer.partition(b"\r\n\r\n")
        return (int(head[9:12]), rest) if head else (0, b"closed without an answer")


async def _all(plan: dict[str, Any]) -> tuple[Told, float]:
    told = Told()
    loop = asyncio.get_running_loop()
    devices = [Device(plan, one, told) for one in plan["devices"]]
    begin = loop.time() + 0.5
    plan["end"] = begin + plan["seconds"]
    await asyncio.gather(*(one.work(begin, plan["end"]) for one in devices))
    return told, begin


def main() -> None:
    """Play the devices of a plan, a JSON file; print what they noted as JSON."""
    plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    began = time.perf_counter()
    told, begin = asyncio.run(_all(plan))
    used = resource.getrusage(resource.RUSAGE_SELF)
    json.dump(
        {
            "devices": len(plan["devices"]),
            "sent": [round(one - begin, 4) for one in told.sent],
            "took": told.took,
            "people": told.people,
            "waited": told.waited,
            "answers": told.answers,
            "faults": told.faults,
            "seconds": time.perf_counter() - began,
            "processor_seconds": used.ru_utime + used.ru_stime,
        },
        sys.stdout,
    )  # fmt: skip


if __name__ == "__main__":
    main()
