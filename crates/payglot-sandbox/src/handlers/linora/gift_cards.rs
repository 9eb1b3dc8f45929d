//! Gift cards, paid from the deployment's own stock of money.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::basics::{JsonObject, Money, object};
use crate::flow::contacts::is_email;
use crate::model::Account;
use crate::operation::{ApiError, Call, Payload};
use crate::state::Transaction;

/// A product; amounts in cents.
struct Product {
    id: u64,
    name: &'static str,
    brand: (u64, &'static str),
    /// Least and most.
    range: (i64, i64),
    fee: i64,
}

static PRODUCTS: [Product; 3] = [
    Product {
        id: 4801,
        name: "Visa Virtual USD",
        brand: (48, "Visa"),
        range: (500, 50_000),
        fee: 50,
    },
    Product {
        id: 4902,
        name: "Mastercard Virtual USD",
        brand: (49, "Mastercard"),
        range: (1_000, 100_000),
        fee: 75,
    },
    Product {
        id: 4803,
        name: "Visa Gift 25 USD",
        brand: (48, "Visa"),
        range: (2_500, 2_500),
        fee: 50,
    },
];
/// Most cards of one order.
const MOST: u32 = 100;

impl Product {
    fn is_fixed(&self) -> bool {
        self.range.0 == self.range.1
    }
}

pub(super) fn list_products(_: &mut Transaction<'_>, _: &Call) -> Result<Payload, ApiError> {
    Ok(Payload::all(PRODUCTS.iter().map(as_read)))
}

pub(super) fn order(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let price = call.money("unitPrice")?;
    let id = call.decimal("productId").and_then(|id| whole(id)?.to_u64());
    let product = PRODUCTS.iter().find(|product| Some(product.id) == id);
    let product = product.ok_or_else(|| ApiError::bad_request("The product is not known"))?;
    let (least, most) = (Money::cents(product.range.0), Money::cents(product.range.1));
    if price < least || price > most {
        return Err(ApiError::bad_request("unitPrice is outside the product's range"));
    }
    let quantity = call.optional_decimal("quantity")?.unwrap_or(Decimal::ONE);
    let quantity = whole(quantity).and_then(|quantity| quantity.to_u32());
    let quantity = quantity
        .filter(|quantity| (1..=MOST).contains(quantity))
        .ok_or_else(|| ApiError::bad_request("quantity must be a whole number from 1 to 100"))?;
    let recipient = call.text("recipientEmail")?;
    if !is_email(&recipient) {
        return Err(ApiError::bad_request("recipientEmail is not an email address"));
    }
    let amount = (price + Money::cents(product.fee)).times(quantity);
    tx.store
        .ledger
        .transfer(tx.now, Account::GIFT_CARDS, Account::OUTSIDE, amount)
        .map_err(|_| ApiError::bad_request("The issuance balance does not cover the order"))?;
    let number: u64 = tx.random.digits(9).parse().unwrap_or_default();
    Ok(Payload::one(&object! {
        "transactionId": number,
        "status": "SUCCESSFUL",
        "amount": amount,
        "productId": product.id,
        "quantity": quantity,
    }))
}

pub(super) fn get_balance(tx: &mut Transaction<'_>, _: &Call) -> Result<Payload, ApiError> {
    let balance = tx.store.ledger.balance(Account::GIFT_CARDS);
    Ok(Payload::one(&object! { "balance": balance, "currencyCode": "USD" }))
}

fn whole(number: Decimal) -> Option<Decimal> {
    number.fract().is_zero().then_some(number)
}

fn as_read(product: &Product) -> JsonObject {
    let (least, most) = (Money::cents(product.range.0), Money::cents(product.range.1));
    object! {
        "productId": product.id,
        "productName": product.name,
        "denominationType": if product.is_fixed() { "FIXED" } else { "RANGE" },
        "minRecipientDenomination": least,
        "maxRecipientDenomination": most,
        "minSenderDenomination": least,
        "maxSenderDenomination": most,
        "senderFee": Money::cents(product.fee),
        "senderFeePercentage": 0,
        "discountPercentage": 0,
        "brand": object! { "brandId": product.brand.0, "brandName": product.brand.1 },
    }
}
