"""What is made from code and data is current; what makes a chapter of the manual reads what a test says."""

from sizao.cli import docs, start
from sizao.cli.pages import specs, words
from sizao.terms import CASE_MOVES, CaseStatus


def test_each_generated_page_is_current():
    stale = [page.path for page in docs.stale_pages(start.ROOT)]
    assert not stale, "run `sizao docs` and commit what it changes"


def test_a_stale_page_is_named(tmp_path):
    assert docs.stale_pages(tmp_path) == list(docs.PAGES)


def test_every_lifecycle_is_drawn():
    drawn = words.lifecycles()
    for state, onward in CASE_MOVES.items():
        for after in onward:
            assert f"    {state} --> {after}\n" in drawn
    assert all(f"`{state}`" in drawn for state in CaseStatus)


def test_a_spec_becomes_a_paragraph():
    source = '''"""What this chapter is about."""
title = "Who was there"

def test_only_the_overlap_counts(trace):
    """Someone who arrives later was never there."""
    trace(
        visits="""
            person | place
            near   | cafe
        """,
        expect={"near": 30},
    )
'''
    told = "\n".join(specs.chapter(source, "test_x.py"))
    assert "## Who was there" in told
    assert "**Only the overlap counts.**" in told
    assert "person | place\nnear   | cafe" in told
    assert "{'near': 30}" in told
