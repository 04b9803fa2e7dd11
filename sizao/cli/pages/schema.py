"""The schema of the API as a snapshot, so that a change of what is promised shows in review."""

import json


def schema() -> str:
    """Write the OpenAPI schema as the API itself serves it."""
    from sizao.api.urls import api

    return json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1) + "\n"
