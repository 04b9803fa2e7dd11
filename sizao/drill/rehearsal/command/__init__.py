"""
Command in a drill: directives, daily reports, requests to other authorities, response levels, teams, outcomes.

Each is played where the scenario asks for it, by made-up officers of every level, through the verbs that people use.
"""
