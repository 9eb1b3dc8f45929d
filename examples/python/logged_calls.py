"""What a call tells the logger `payglot`: each attempt, each retry and the end, with their fields.

Needs `payglot sandbox`: it prints the environment variables that this reads.
"""

import logging
import os

from payglot import PaywintPlatform

logging.basicConfig(format="%(asctime)s %(name)s %(levelname)s %(message)s")
logging.getLogger("payglot").setLevel(logging.DEBUG)


class Slowest(logging.Handler):
    """The fields are attributes of the record: here for a metric."""

    milliseconds = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        self.milliseconds = max(self.milliseconds, getattr(record, "duration_ms", 0.0))


slowest = Slowest()
logging.getLogger("payglot").addHandler(slowest)

with PaywintPlatform() as client:
    cards = client.cards.list(os.environ["SANDBOX_USER_ID"])
    print("cards:", len(cards))
    print("the slowest call was measured:", slowest.milliseconds > 0)
