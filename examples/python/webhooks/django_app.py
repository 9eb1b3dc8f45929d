"""Receives webhooks with Django, in one file. Needs `django`, and PORT, PAYMENTS_FILE (a file) and
PAYGLOT_WEBHOOK_SECRET set."""

from __future__ import annotations

import os
from wsgiref.simple_server import make_server

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from payglot import EventInProgressError, WebhookVerificationError
from payglot.webhooks import ReplayGuard, paywint_platform

# Remembers within this process. With several, keep the ids in a table with a unique key.
guard = ReplayGuard()


def write(event: paywint_platform.Event) -> None:
    """Writes a payment to the file. Where this fails, the event comes again."""
    match event:
        case paywint_platform.PaymentSuccessEvent(data=payment) if payment is not None:
            with open(os.environ["PAYMENTS_FILE"], "a") as file:
                print("paid:", payment.payment_id, payment.amount, payment.currency, file=file)
        case _:
            print("not handled:", event.event)


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    secret = os.environ["PAYGLOT_WEBHOOK_SECRET"]
    try:
        # `request.body` is the raw bytes; read it before `request.POST`.
        event = paywint_platform.construct_event(request.body, request.headers, secret)
    except WebhookVerificationError as error:
        return JsonResponse({"error": str(error)}, status=400)
    try:
        with guard.handling(event.id) as first:
            if first:
                write(event)
    except EventInProgressError as error:
        return JsonResponse({"error": str(error)}, status=503)
    return JsonResponse({"received": True})


urlpatterns = [path("webhooks", receive)]

if __name__ == "__main__":
    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"], SECRET_KEY="for this example")
    make_server("127.0.0.1", int(os.environ["PORT"]), get_wsgi_application()).serve_forever()
