"""The card flow of `examples/`, with the client that openapi-python-client made."""

from uuid import UUID

from generated_client.api.platform_card import (
    delete_card_api_platform_card_delete_user_id_delete as delete_card,
)
from generated_client.api.platform_card import (
    get_add_card_authorized_link_api_platform_card_add_secure_link_user_id_post as add_link,
)
from generated_client.api.platform_card import (
    get_update_card_authorized_link_api_platform_card_update_secure_link_user_id_post as update_link,
)
from generated_client.api.platform_card import list_card_api_platform_card_list_user_id_get as list_cards
from generated_client.models import (
    CardUsageType,
    PlatformCardAddLinkCreate,
    PlatformCardDelete,
    PlatformCardUpdateLinkCreate,
)

from client import USER, client, submit

user = UUID(USER)
link = add_link.sync(user, client=client, body=PlatformCardAddLinkCreate(card_purpose=CardUsageType.PAYMENT))
print("page submitted:", submit(link.data.secure_link))

cards = list_cards.sync(user, client=client).records
assert len(cards) == 1 and cards[0].payment_confirm_required is True
print("cards:", len(cards))

body = PlatformCardUpdateLinkCreate(card_id=cards[0].card_id, card_purpose=CardUsageType.PAYMENT)
assert "/hosted/" in update_link.sync(user, client=client, body=body).data.secure_link
print("update link: made")

assert delete_card.sync(user, client=client, body=PlatformCardDelete(card_id=cards[0].card_id)).success
assert list_cards.sync(user, client=client).records == []
print("cards after removal: 0")

missing = delete_card.sync_detailed(user, client=client, body=PlatformCardDelete(card_id=cards[0].card_id))
assert missing.status_code == 404 and missing.parsed.detail == "Card not found"
print("removed again:", missing.parsed.detail)
