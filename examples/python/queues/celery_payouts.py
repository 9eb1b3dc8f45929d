"""Payouts as jobs of Celery: whichever process dies, and whenever, each is made at most once.

A job whose worker died is given to another, and neither the queue nor the job knows how far the first has
come. The journal in `payments.db` does: the intent is named after the payout, so the job may run as often as
it likes.
Needs Redis, named in `REDIS_URL`, and `payglot sandbox`: it prints the environment variables that this reads.
Run as a program, in its folder, it enqueues the payouts, works until all are over and ends; start it again,
and it goes on.
"""

import os
import subprocess
import sys

import redis
from celery import Celery
from celery.utils.log import get_task_logger
from payglot import (
    APIConnectionError,
    IntentInProgressError,
    Journal,
    JournalError,
    OutcomeUnknownError,
    PaywintPlatform,
    RateLimitError,
)

PAYOUTS = {"2026-11-0041": "10.10", "2026-11-0042": "20.20"}

REDIS_URL = os.environ["REDIS_URL"]
# Seconds. A job that is not over by then is given to a second worker, even if the first still has it.
REDELIVER_AFTER = int(os.environ.get("REDELIVER_AFTER", "60"))

app = Celery("celery_payouts", broker=REDIS_URL, backend=REDIS_URL)
app.conf.update(
    # A job is acknowledged when it is over: it outlives its worker,
    task_acks_late=True,
    # also where only a process of the pool is killed.
    task_reject_on_worker_lost=True,
    # A worker takes what it can start at once. What waits in a worker is redelivered too.
    worker_prefetch_multiplier=1,
    broker_transport_options={
        "visibility_timeout": REDELIVER_AFTER,
        # How often a worker looks for jobs to redeliver. The defaults make it 100 seconds.
        "unacked_restore_interval": max(1, REDELIVER_AFTER // 4),
        "unacked_restore_throttle": 1,
        # A worker that dies while it looks keeps the others from looking for so long, by default 5 minutes.
        "unacked_mutex_expire": REDELIVER_AFTER,
    },
)
log = get_task_logger(__name__)

user_id = os.environ["SANDBOX_USER_ID"]
# Made before Celery forks its pool; each process of it has a connection and an open file of its own.
journal = Journal("payments.db")
client = PaywintPlatform(journal=journal, raise_on_failed=True)


@app.task(
    # Nothing was sent, or another worker has sent it. To try again is safe, because it is the same intent.
    autoretry_for=(APIConnectionError, IntentInProgressError, JournalError, RateLimitError),
    max_retries=None,
    # Seconds, doubled each time, but less than until it is redelivered: a job that waits is not over.
    retry_backoff=1,
    retry_backoff_max=max(1, REDELIVER_AFTER // 2),
)
def pay(number: str, payee_id: str, amount: str) -> None:
    """Make one payout, whatever became of this job before."""
    try:
        client.payments.create(
            user_id=user_id,
            payee_id=payee_id,
            amount=amount,
            payment_method="WALLET",
            receiving_method="WALLET",
            invoice_no=number,
            intent=f"payout {number}",
        )
    except OutcomeUnknownError:
        # Not tried again, whatever happens: the job fails, and a person looks it up.
        log.critical("payout %s: nobody knows; then `payglot journal resolve` or `release`", number)
        raise


def enqueue_once(number: str, payee_id: str, amount: str) -> None:
    """Enqueue a payout, unless an earlier start has.

    One that dies in between leaves it to be enqueued a second time. It is paid once all the same.
    """
    with redis.Redis.from_url(REDIS_URL) as server:
        if not server.sismember("enqueued payouts", number):
            pay.apply_async((number, payee_id, amount), task_id=number)
            server.sadd("enqueued payouts", number)


def main() -> int:
    """Make all payouts; 1 where one failed, or nobody knows of it."""
    payee = client.payees.create(
        user_id, name="Jordan Rivera", email="jordan@example.com", intent="payee Jordan Rivera"
    )
    assert payee is not None and payee.payee_id is not None
    for number, amount in PAYOUTS.items():
        enqueue_once(number, payee.payee_id, amount)
    command = ["celery", "--app", "celery_payouts", "worker", "--concurrency", "2", "--without-mingle"]
    worker = subprocess.Popen([sys.executable, "-m", *command])
    try:
        results = {number: pay.AsyncResult(number) for number in PAYOUTS}
        for number, result in results.items():
            result.get(propagate=False)
            print(number, result.state)
    finally:
        worker.terminate()
        worker.wait()
    return 0 if all(result.successful() for result in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
