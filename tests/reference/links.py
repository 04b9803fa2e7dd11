"""Who infected whom, by loops over cases: the plain twin of `engines.transmission.links`."""

import math


def likely_sources(onset, meetings, course):
    """
    Give {case: ({source: probability}, unseen)} for every case with an onset.

    `onset` has None for what is unknown; `meetings` are (source, other, minutes, first, last).
    """
    return {case: _shared_out(case, onset, meetings, course) for case in range(len(onset)) if onset[case] is not None}


def _shared_out(case, onset, meetings, course):
    scores = {}
    for source in range(len(onset)):
        if source == case or onset[source] is None:
            continue
        rows = [row for row in meetings if row[0] == source and row[1] == case]
        minutes = sum(_minutes_in_time(row, onset[source], onset[case], course) for row in rows)
        score = _chance(course.interval, onset[case] - onset[source]) * _weight(minutes, course)
        if score > 0:
            scores[source] = score
    unseen = max(course.interval.chances) * _weight(course.unseen_minutes, course)
    total = sum(scores.values()) + unseen
    if total == 0:
        return {}, None
    return {source: score / total for source, score in scores.items()}, unseen / total


def _minutes_in_time(row, source_onset, onset, course):
    _, _, minutes, first, last = row
    from_day = max(source_onset - course.infectious_before, onset - course.incubation_most)
    until_day = min(source_onset + course.infectious_after, onset - course.incubation_least) + 1
    if first == last:
        return minutes if from_day <= first < until_day else 0.0
    return minutes * max(0.0, min(last, until_day) - max(first, from_day)) / (last - first)


def _chance(interval, days):
    k = round(days) - interval.first
    return interval.chances[k] if 0 <= k < len(interval.chances) else 0.0


def _weight(minutes, course):
    if course.half_minutes is None:
        return minutes
    return 1 - math.pow(2, -minutes / course.half_minutes)
