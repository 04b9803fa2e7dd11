"""People who work with the pages of a province's week: each signed in, on a connection of their own."""

import asyncio
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

from bench.command_watchers import Screen


async def work(screen: Screen, plan: dict[str, Any], until: float, took: dict[str, list[tuple[float, int]]]) -> None:
    """Open one page after the other, and look at each for a while."""
    await asyncio.sleep(random.random() * plan["think"])  # noqa: S311 — spreads the people
    while time.time() < until:
        page = random.choice(plan["pages"])  # noqa: S311
        began = time.perf_counter()
        status, _, _ = await screen.ask(page, "")
        took.setdefault(page, []).append((time.perf_counter() - began, status))
        await asyncio.sleep(plan["think"] * (0.5 + random.random()))  # noqa: S311


async def main(plan: dict[str, Any]) -> dict[str, Any]:
    took: dict[str, list[tuple[float, int]]] = {}
    until = time.time() + plan["seconds"]
    seen: dict[str, Any] = {"reconnects": 0}
    people = [Screen(plan, session, seen) for session in plan["sessions"]]
    await asyncio.gather(*(work(one, plan, until, took) for one in people))
    return {"took": took}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))))
