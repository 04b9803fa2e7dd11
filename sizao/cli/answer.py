"""`sizao answer`: works out what was asked on the page “What if”, apart from the pages and from the loop."""

import logging
import os
import sys
import time
from typing import TYPE_CHECKING

import click

from sizao.cli import start
from sizao.cli.advance import STARTED_BY
from sizao.errors import SizaoError

if TYPE_CHECKING:
    from sizao.records.models import WhatIf

TOLD_EVERY_SECONDS = 1.0
LESS_URGENT = 10  # whoever reads a page comes first
UNEXPECTED = "An unexpected fault; whoever runs the platform finds it in the log."


@click.command("answer")
@click.option("--every", type=click.IntRange(1, 3600), metavar="SECONDS", help="Look for questions again and again.")
def command(every: int | None) -> None:
    """
    Work out the plans of rounds and the what-if questions that wait, one after the other.

    `sizao run` keeps this going with --every, in a process of its own. Several may run at once: each takes another
    question.
    """
    start.django_ready()
    if every:
        os.nice(LESS_URGENT)
        _keep_answering(every)
        return
    answered = 0
    while answer_next():
        answered += 1
    click.echo(f"Questions worked out: {answered}.")


def _keep_answering(seconds: int) -> None:
    """Answer until the process that started this one is gone."""
    from django.db import close_old_connections

    parent = int(os.environ.get(STARTED_BY, os.getppid()))
    while os.getppid() == parent:
        try:
            while answer_next():
                pass
        except Exception:
            # Without a database, say: it is told and tried again.
            logging.getLogger("sizao.answer").exception("Questions could not be looked for; that is tried again.")
            close_old_connections()
        time.sleep(seconds)


def answer_next() -> bool:
    """Work out the next plan or question; say whether there was one."""
    from sizao.cli import clock
    from sizao.response.reports import what_if

    if _plan_next():
        return True
    question = what_if.take(by=None, now=clock.now())
    if question is None:
        return False
    try:
        found = _worked_out(question)
    except SizaoError as refusal:
        what_if.give_up(question=question, reason=str(refusal), by=None, now=clock.now())
    except Exception:
        logging.getLogger("sizao.answer").exception("Question %s could not be worked out.", question.pk)
        what_if.give_up(question=question, reason=UNEXPECTED, by=None, now=clock.now())
    else:
        what_if.answer(question=question, found=found, by=None, now=clock.now())
    return True


def _plan_next() -> bool:
    """Work out the next plan of a round: these come first, for they take seconds."""
    from sizao.cli import clock
    from sizao.response import testing

    plan = testing.take_plan(by=None, now=clock.here())
    if plan is None:
        return False
    try:
        testing.work_out_plan(plan=plan, by=None, now=clock.here())
    except Exception:
        logging.getLogger("sizao.answer").exception("Plan %s could not be worked out.", plan.pk)
        testing.give_up_plan(plan=plan, reason=UNEXPECTED, by=None, now=clock.here())
    return True


def _worked_out(question: "WhatIf") -> dict[str, object]:
    from sizao.cli import answer_question, clock
    from sizao.response.reports import what_if

    told_at = 0.0

    def told(done: int, of: int) -> None:
        nonlocal told_at
        bar.update(1)
        if time.monotonic() - told_at > TOLD_EVERY_SECONDS:
            told_at = time.monotonic()
            what_if.tell(question=question, done=done, by=None, now=clock.now())

    with click.progressbar(length=question.runs, label=f"Question {question.pk}", file=sys.stderr) as bar:
        return answer_question.work_out(question, told=told)
