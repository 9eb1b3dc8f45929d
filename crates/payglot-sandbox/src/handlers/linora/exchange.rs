//! Exchanges between currencies at fixed prices. No coin moves: the deposit address is random.

use rust_decimal::Decimal;

use crate::basics::money::Digits;
use crate::basics::object;
use crate::operation::{ApiError, Call, Payload};
use crate::state::Transaction;

/// A currency on a network.
struct Currency {
    ticker: &'static str,
    network: &'static str,
    available: bool,
    /// Price of one, in cents.
    cents: i64,
}

static CURRENCIES: [Currency; 7] = [
    Currency { ticker: "btc", network: "btc", available: true, cents: 6_500_000 },
    Currency { ticker: "eth", network: "eth", available: true, cents: 320_000 },
    Currency { ticker: "sol", network: "sol", available: true, cents: 15_000 },
    Currency { ticker: "usdt", network: "trx", available: true, cents: 100 },
    Currency { ticker: "usdt", network: "eth", available: true, cents: 100 },
    Currency { ticker: "usdc", network: "eth", available: true, cents: 100 },
    Currency { ticker: "xmr", network: "xmr", available: false, cents: 16_000 },
];
/// What is left after the exchange's share of half a per cent, in thousandths.
const PER_MILLE_AFTER_FEE: i64 = 995;
/// Digits after the point of an amount received.
const SCALE: u32 = 8;
/// Largest amount given.
const MOST: i64 = 1_000_000_000_000;

pub(super) fn list_currencies(_: &mut Transaction<'_>, _: &Call) -> Result<Payload, ApiError> {
    Ok(Payload::all(CURRENCIES.iter().map(|currency| {
        object! {
            "ticker": currency.ticker,
            "network": currency.network,
            "available": currency.available,
        }
    })))
}

pub(super) fn estimate(_: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let text = |name: &str| call.query.get(name).and_then(|text| text.as_str());
    let (from, to) = pair(text)?;
    let amount = amount(call)?.ok_or_else(|| ApiError::bug("fromAmount"))?;
    Ok(Payload::one(&object! {
        "fromCurrency": from.ticker,
        "toCurrency": to.ticker,
        "fromAmount": Digits(amount),
        "toAmount": Digits(received(from, to, amount)),
    }))
}

pub(super) fn create(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let (from, to) = pair(|name| call.optional(name))?;
    let mut exchange = object! {
        "id": tx.random.uuid(),
        "depositAddress": format!("{}-sandbox-{}", from.network, tx.random.token().simple()),
        "fromCurrency": from.ticker,
        "toCurrency": to.ticker,
    };
    if let Some(amount) = amount(call)? {
        exchange.set("fromAmount", &Digits(amount));
        exchange.set("toAmount", &Digits(received(from, to, amount)));
    }
    Ok(Payload::one(&exchange))
}

/// The two currencies of a call.
fn pair<'a>(
    text: impl Fn(&str) -> Option<&'a str>,
) -> Result<(&'static Currency, &'static Currency), ApiError> {
    let find = |ticker: &str, network: &str| {
        let ticker = text(ticker).unwrap_or_default().to_ascii_lowercase();
        let network = text(network).map(str::to_ascii_lowercase);
        let mut fitting = CURRENCIES.iter().filter(|currency| {
            currency.ticker == ticker
                && network.as_ref().is_none_or(|network| currency.network == *network)
        });
        fitting.find(|currency| currency.available)
    };
    let from = find("fromCurrency", "fromNetwork");
    let to = find("toCurrency", "toNetwork");
    from.zip(to).ok_or_else(|| ApiError::bad_request("The currencies cannot be exchanged"))
}

/// The amount given, which must be above zero.
fn amount(call: &Call) -> Result<Option<Decimal>, ApiError> {
    let amount = call.optional_decimal("fromAmount")?;
    let fits = |amount: &Decimal| *amount > Decimal::ZERO && *amount <= Decimal::from(MOST);
    if amount.as_ref().is_none_or(fits) {
        Ok(amount)
    } else {
        Err(ApiError::bad_request("fromAmount is out of range"))
    }
}

fn received(from: &Currency, to: &Currency, amount: Decimal) -> Decimal {
    let value =
        amount.round_dp(SCALE) * Decimal::from(from.cents) * Decimal::new(PER_MILLE_AFTER_FEE, 3);
    (value / Decimal::from(to.cents)).round_dp(SCALE)
}
