"""The payment flow of `examples/`, with the client that openapi-python-client made."""

from uuid import UUID

from generated_client.api.platform_payee import (
    create_payee_api_platform_payee_create_user_id_post as create_payee,
)
from generated_client.api.platform_payment import (
    create_payment_api_platform_payment_create_payment_post as create_payment,
)
from generated_client.api.platform_payment import (
    create_payment_link_api_platform_payment_create_payment_link_user_id_post as create_link,
)
from generated_client.api.platform_payment import (
    get_payment_api_platform_payment_get_payment_payment_id_get as get_payment,
)
from generated_client.api.platform_payment import (
    list_received_payment_api_platform_payment_list_received_payment_user_id_post as list_received,
)
from generated_client.api.platform_wallet import get_wallet_api_platform_wallet_get_user_id_get as get_wallet
from generated_client.models import (
    ExternalContactsCreate,
    ExternalPaginationRequest,
    PaymentMethodType,
    PlatformPaymentCreate,
    PlatformPaymentLinkCreate,
    ReceivingMethodType,
)
from generated_client.models.external_pagination_request_rows_per_page import (
    ExternalPaginationRequestRowsPerPage,
)

from client import USER, client
from world import outside

user = UUID(USER)
outside(f"wallets/{USER}/fund", {"amount": "250.00"})
assert get_wallet.sync(user, client=client).data.available_balance == 250
print("wallet: 250")

contact = ExternalContactsCreate(name="Jordan Rivera", email="jordan@example.com")
payee = create_payee.sync(user, client=client, body=contact).data
print("payee:", payee.name)

for amount, status in ((100.10, "success"), (9999.99, "failed")):
    payment = PlatformPaymentCreate(
        user_id=user,
        payee_id=payee.payee_id,
        amount=amount,
        payment_method=PaymentMethodType.WALLET,
        receiving_method=ReceivingMethodType.WALLET,
        invoice_no="INV-1",
    )
    made = create_payment.sync(client=client, body=payment).data
    assert made.status == status and made.amount == amount
    assert get_payment.sync(made.payment_id, client=client).data.amount == amount
    print("payment:", made.amount, made.status)

assert get_wallet.sync(user, client=client).data.available_balance == 149.90
print("wallet: 149.90")

link = create_link.sync(user, client=client, body=PlatformPaymentLinkCreate(amount=150.75)).data
outside(f"payments/{link.payment_id}/pay", {"payer_name": "Pat"})
page = ExternalPaginationRequest(rows_per_page=ExternalPaginationRequestRowsPerPage.VALUE_50, page_no=1)
received = list_received.sync(user, client=client, body=page).records
assert [payment.amount for payment in received] == [150.75]
print("received:", received[0].amount, received[0].status)
