"""Receives webhooks with Django, in one file. Needs `django`, and PORT, INBOX (a file, or a PostgreSQL URL),
PAYMENTS_FILE (a file) and PAYGLOT_WEBHOOK_SECRET set."""

from __future__ import annotations

import os
import threading
from wsgiref.simple_server import make_server

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from payglot.webhooks.paywint_platform import Inbox, PaymentSuccessEvent

inbox = Inbox(os.environ["INBOX"], os.environ["PAYGLOT_WEBHOOK_SECRET"])


@inbox.on(PaymentSuccessEvent)
def write(event: PaymentSuccessEvent) -> None:
    """Writes a payment to the file. What fails is tried again; after a crash it may be called twice."""
    if event.data is not None:
        with open(os.environ["PAYMENTS_FILE"], "a") as file:
            print("paid:", event.data.payment_id, event.data.amount, event.data.currency, file=file)


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    # `request.body` is the raw bytes; read it before `request.POST`.
    return HttpResponse(status=inbox.receive(request.body, request.headers))


urlpatterns = [path("webhooks", receive)]

if __name__ == "__main__":
    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"], SECRET_KEY="for this example")
    # In this process; `manage.py` may have a command of its own for it.
    threading.Thread(target=inbox.work, daemon=True).start()
    make_server("127.0.0.1", int(os.environ["PORT"]), get_wsgi_application()).serve_forever()
