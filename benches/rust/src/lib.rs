//! What the bench programs share: the canned responses, and how a rate is measured and told.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

pub mod by_hand;
pub mod socket;

/// Whose card the calls ask for, and whose payments the pages hold.
pub const ID: &str = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
/// Public part of the credentials.
pub const PLATFORM_ID: &str = "bench-platform";
/// Secret part of the credentials.
pub const SECRET: &str = "bench-secret-key-of-some-length";
/// Records on a page.
pub const PAGE: usize = 100;
/// Records that the pages claim to have over all.
pub const TOTAL: usize = 2_000;

/// A card in its envelope, about 600 bytes.
pub fn card() -> String {
    format!(
        r#"{{"success":true,"message":"Card fetched successfully","data":{{"user_id":"{ID}","card_id":"9b2d8f6e-3c41-4e7a-8d05-1f6a7b9c2e30","card_number":"4242","card_exp":"12/29","card_nick_name":"Travel","card_type":"VISA","first_name":"Ada","last_name":"Lovelace","address":"12 St James's Square","city":"Austin","state":"TX","zip":"78701","country":"US","is_blocked":false,"card_images_required":false,"withdrawal_confirm_required":false,"payment_confirm_required":false,"compliance_check_required":null,"is_limited":false}}}}"#
    )
}

/// A payment that was made, in its envelope, about 600 bytes.
pub fn payment() -> String {
    format!(
        r#"{{"success":true,"message":"Success","data":{{"payment_id":"3f2504e0-4f89-41d3-9a0c-0305e82c3301","transaction_id":1501,"payer_id":"{ID}","payee_id":"{ID}","amount":10.10,"processing_fee":0.00,"delivery_fee":0.00,"invoice_no":"INV-2026-00042","currency":"USD","description":null,"payment_method":"WALLET","receiving_method":"WALLET","created_at":"2026-03-02T09:30:00Z","payment_date":null,"status":"success","card_id":null,"bank_id":null,"payee_card_id":null,"payee_bank_id":null,"failure_reason":null,"attachment_url":null}}}}"#
    )
}

/// A page of payments in its envelope, about 30 KB. Each page has payments of its own: a page that comes again ends a walk.
pub fn page(page: usize) -> String {
    list(page * PAGE, PAGE, TOTAL)
}

/// All payments of a list on one page, about 300 bytes each.
pub fn whole(records: usize) -> String {
    list(0, records, records)
}

fn list(first: usize, count: usize, total: usize) -> String {
    let mut records = String::new();
    for number in 0..count {
        let payment = first + number;
        let comma = if number > 0 { "," } else { "" };
        // Writing to a `String` cannot fail.
        let _ = write!(
            records,
            r#"{comma}{{"payment_id":"3f2504e0-4f89-41d3-9a0c-{payment:012x}","payee_id":"{ID}","amount":{}.{:02},"processing_fee":0.30,"invoice_no":"INV-2026-{number:05}","currency":"USD","description":null,"payment_method":"WALLET","created_at":"2026-03-{:02}T09:30:{:02}Z","status":"success"}}"#,
            number + 10,
            number % 100,
            number % 28 + 1,
            number % 60,
        );
    }
    format!(
        r#"{{"success":true,"message":"Payments fetched","records":[{records}],"totalRecords":{total}}}"#
    )
}

/// How much was done, in which time and with how much of the processor.
pub struct Meter {
    started: Instant,
    processor: Duration,
}

impl Meter {
    /// Starts now.
    pub fn start() -> Self {
        Self { started: Instant::now(), processor: processor_time() }
    }

    /// Prints one line that the xtask reads.
    pub fn report(&self, units: u64) {
        println!("{}", self.told(units));
    }

    /// Units done, seconds, seconds of processor time.
    pub fn told(&self, units: u64) -> String {
        let processor = processor_time().saturating_sub(self.processor).as_secs_f64();
        format!("{units} {} {processor}", self.started.elapsed().as_secs_f64())
    }
}

/// Processor time of this process; zero where there is no `/proc`.
fn processor_time() -> Duration {
    let Ok(stat) = std::fs::read_to_string("/proc/self/stat") else { return Duration::ZERO };
    // Fields are counted from behind the name, which may hold anything; 14 and 15 are ticks of 10 ms.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
