from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from anjuan.core.refusals import Refusal
from anjuan.foundation.accounts import actions, occasions, queries
from anjuan.foundation.accounts.forms import LogInForm


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    form = LogInForm(request.POST or None)
    refusal: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        staff_code, password = form.cleaned_data["staff_code"].strip(), form.cleaned_data["password"]
        # By its own field name: the lock counts failures under the name that the credentials carry.
        user = authenticate(request, staff_code=staff_code, password=password)
        terminal = str(request.META.get("REMOTE_ADDR", ""))
        if user is not None:
            login(request, user)
            actor = queries.actor_for(user.get_username(), on=occasions.today())
            actions.log_in(occasion=occasions.now(actor), terminal=terminal)
            return redirect(_next(request))
        actions.refuse_log_in(occasion=occasions.now(actions.FOUNDER), staff_code=staff_code, terminal=terminal)
        refusal = Refusal("A-008")
    status = 401 if refusal else 200
    return render(
        request,
        "accounts/log_in.html",
        {
            "form": form,
            "refusal": _words(refusal) if refusal else None,
            "next": request.GET.get("next", request.POST.get("next", "")),
        },
        status=status,
    )


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("accounts:log_in")


def _words(refusal: Refusal) -> dict[str, str]:
    language = get_language() or "zh"
    return {"code": refusal.code, "message": refusal.message(language), "remedy": refusal.remedy(language)}


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse("web:desk")
