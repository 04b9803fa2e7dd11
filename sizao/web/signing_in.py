"""Signing in: accounts are given by an administrator, never taken; a session that is over loses nobody's text."""

import re
from collections.abc import Callable
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sizao.web import shell

TYPED = re.compile(r"\s|[^\x00-\x7f]")  # what somebody wrote, rather than chose from a list
TOKEN = "csrfmiddlewaretoken"  # noqa: S105 — the name of the field


class NoSignUp(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return shell.home(request.user)


class SignInFirst(LoginRequiredMiddleware):
    """Asks whoever is not signed in to sign in; of a form that came after the session was over it keeps the text."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponse:
        """Show a form again that nobody is signed in for: it is sent once more, from there, after signing in."""
        is_form = request.method == "POST" and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        if not is_form or "application/json" in request.headers.get("Accept", ""):
            return super().handle_no_permission(request, view_func)
        kept = [(name, text) for name, texts in request.POST.lists() if name != TOKEN for text in texts]
        shown = {
            "address": request.get_full_path(),
            "kept": kept,
            "typed": [text for _, text in kept if TYPED.search(text)],
            "had_files": bool(request.FILES),
        }
        return render(request, "web/session_over.html", shown, status=401)
