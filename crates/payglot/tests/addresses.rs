//! Issue 12.16: a name with two addresses, of which the first is silent.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used)]

use std::process::Command;
use std::time::{Duration, Instant};

use payglot::paywint_platform::Client;

const USER: &str = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
/// The exit status of a world that cannot be made.
const NO_WORLD: i32 = 77;

/// Run by the test below, in a world that has such a name.
#[tokio::test]
async fn child() {
    let Ok(url) = std::env::var("VENDOR_URL") else { return };
    let client = Client::builder().credentials("i", "k").base_url(url).no_proxy();
    let client = client.connect_timeout(Duration::from_secs(5)).max_retries(0).build().unwrap();
    let began = Instant::now();
    let wallet = client.wallets().get(USER).await.unwrap();
    assert_eq!(wallet.current_balance, Some("1.5".parse().unwrap()));
    assert!(began.elapsed() < Duration::from_secs(2), "it took {:?}", began.elapsed());
}

#[test]
fn issue_12_16_the_second_address_is_tried_while_the_first_is_silent() {
    let world = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/addresses/world.py");
    let test = std::env::current_exe().unwrap();
    let ran = Command::new("python3").arg(world).arg(test).args(["--exact", "child"]).output();
    let ran = ran.unwrap();
    if ran.status.code() == Some(NO_WORLD) {
        println!("Left out: names cannot be given addresses here.");
        return;
    }
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
}
