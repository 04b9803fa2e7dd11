"""
Screens that watch the command centre, as a browser does: each on a connection of its own, in a process of its own.

Reads a plan as JSON from a file and prints what it saw. A screen asks every few seconds with the parts it has, sooner
where it is told that some are about to be worked out, and fetches those that it is told to.
"""

import asyncio
import json
import random
import re
import sys
import time
from pathlib import Path
from typing import Any

SOON = 1.0  # as in command.js


class Screen:
    """One screen: a session, a connection, and the versions of the parts that it shows."""

    def __init__(self, plan: dict[str, Any], session: str, area: str, seen: dict[str, Any]) -> None:
        self.plan, self.session, self.seen = plan, session, seen
        self.area, self.shows = area, f"outbreak=none&area={area}" if area else "outbreak=none"
        self.tag, self.parts, self.last, self.wait = "", {}, -1, plan["every"]
        self.behind_since: float | None = None
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def ask(self, path: str, tag: str) -> tuple[int, dict[str, str], bytes]:
        """Ask on the connection that is open; open one where there is none."""
        for _ in range(2):
            if self.writer is None:
                self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.plan["port"])
            lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: sessionid={self.session}"]
            lines += [f"If-None-Match: {tag}"] if tag else []
            try:
                self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
                return await self._answer()
            except (OSError, asyncio.IncompleteReadError, ConnectionError):
                self.writer.close()
                self.writer = None
                self.seen["reconnects"] += 1
        raise ConnectionError

    async def _answer(self) -> tuple[int, dict[str, str], bytes]:
        assert self.reader is not None
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        named = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
        known = {name.lower(): value for name, value in named.items()}
        body = await self.reader.readexactly(int(known.get("content-length", "0")))
        if known.get("connection", "").lower() == "close":
            assert self.writer is not None
            self.writer.close()
            self.writer = None
        return int(head[0].split(" ")[1]), known, body

    async def watch(self, until: float) -> None:
        """Look again and again, spread as browsers are."""
        await asyncio.sleep(random.random() * self.plan["every"])  # noqa: S311 — spreads the screens
        while time.time() < until:
            began = time.perf_counter()
            have = ",".join(f"{part}:{tag}" for part, tag in self.parts.items())
            status, known, body = await self.ask(f"/command/version/?{self.shows}&have={have}", self.tag)
            self.seen["version"].append(time.perf_counter() - began)
            self.seen["statuses"][str(status)] = self.seen["statuses"].get(str(status), 0) + 1
            self.wait = self.plan["every"]
            if status == 200:
                await self._catch_up(json.loads(body), known.get("etag", ""))
            await asyncio.sleep(self.wait + random.random() * 0.4)  # noqa: S311

    async def _catch_up(self, told: dict[str, Any], tag: str) -> None:
        """Show what came; fetch what takes longer; note for how long something was behind."""
        self.tag = tag
        for part, one in told.get("parts", {}).items():
            self.parts[part] = one["tag"]
            self._note(part, one["html"].encode())
        if told.get("soon"):
            self.wait = SOON
        self.note_behind(is_behind=bool(told.get("old")))
        for part in told.get("fetch", []):
            began = time.perf_counter()
            status, known, body = await self.ask(f"/command/part/{part}/?{self.shows}", "")
            self.seen["part"].append(time.perf_counter() - began)
            if status == 200:
                self.parts[part] = known.get("etag", "").strip('"')
                self._note(part, body)

    def note_behind(self, *, is_behind: bool) -> None:
        if is_behind and self.behind_since is None:
            self.behind_since = time.time()
        elif not is_behind and self.behind_since is not None:
            self.seen["behind"].append(time.time() - self.behind_since)
            self.behind_since = None

    def _note(self, part: str, body: bytes) -> None:
        if part == "late" and (found := re.search(rb"data-late-tasks=\"(\d+)\"", body)):
            number = int(found[1])
            if number > self.last:
                self.seen["numbers"].append((self.area, number, time.time()))
            self.last = number


async def main(plan: dict[str, Any]) -> dict[str, Any]:
    seen: dict[str, Any] = {"version": [], "part": [], "statuses": {}, "numbers": [], "behind": [], "reconnects": 0}
    began = time.process_time()
    until = time.time() + plan["seconds"]
    areas = plan["areas"] or [""]
    screens = [Screen(plan, session, areas[n % len(areas)], seen) for n, session in enumerate(plan["sessions"])]
    await asyncio.gather(*(one.watch(until) for one in screens))
    for one in screens:
        one.note_behind(is_behind=False)
    return seen | {"processor_seconds": time.process_time() - began}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))))
