"""What is counted from rows and said: daily reports, and the readings behind the screens."""

from sizao.response.reports.daily import advance

__all__ = ["advance"]
