"""The life of a card: link, hosted page, flags, update link, removal.

Needs `payglot sandbox`: it prints the environment variables that this reads.
"""

import os
import urllib.parse
import urllib.request

from payglot import AuthenticationError, PaywintPlatform


def submit(page: str) -> int:
    """What a person does in a browser: open the page, fill it in, submit."""
    urllib.request.urlopen(page).read()
    form = {
        "cardholder_name": "Jordan Rivera",
        "card_number": "4000 0000 0000 0002",
        "expiry": "12/40",
        "cvv": "123",
        "address": "100 Main Street",
        "postal_code": "78701",
        "country": "US",
    }
    body = urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(page, data=body) as response:
        return response.status


def yes(value: object) -> str:
    """`true` and `false`, as the other languages print them."""
    return "true" if value else "false"


user_id = os.environ["SANDBOX_USER_ID"]
client = PaywintPlatform()

link = client.cards.create_add_link(user_id, card_purpose="PAYMENT")
print("add-card link:", yes("/hosted/cards/" in link.secure_link))

print("page submitted:", submit(link.secure_link))

cards = client.cards.list(user_id)
print("cards:", len(cards))
card = cards[0]
print(f"card: {card.card_id} ending in {card.card_number}")
print("payment_confirm_required:", yes(card.payment_confirm_required))
print("card_images_required:", yes(card.card_images_required))
print("needs update:", yes(card.needs_update))

link = client.cards.create_update_link(user_id, card_id=card.card_id, card_purpose="PAYMENT")
print("update link:", yes(link is not None and link.secure_link))

stranger = PaywintPlatform(secret_key="a wrong secret")
try:
    stranger.cards.list(user_id)
except AuthenticationError as error:
    print("wrong secret:", error)
else:
    raise SystemExit("a wrong secret was not rejected")

client.cards.delete(user_id, card_id=card.card_id)
print("cards after removal:", len(client.cards.list(user_id)))
