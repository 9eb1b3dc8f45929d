//! Whether anything grows: memory and file descriptors over many clients and over many calls.
//!
//! `lifetime clients|calls URL COUNT` prints a line for each tenth: how many, KB of memory, open files.

use anyhow::{Context as _, Result, bail};
use payglot::paywint_platform::Client;
use payglot_bench::{ID, PLATFORM_ID, SECRET};

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [what, url, count] = words.as_slice() else { bail!("what, URL and count") };
    let count: u32 = count.parse().context("COUNT")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match what.as_str() {
            "clients" => clients(url, count).await,
            "calls" => calls(url, count).await,
            _ => bail!("`clients` or `calls`"),
        }
    })
}

async fn clients(url: &str, count: u32) -> Result<()> {
    for number in 1..=count {
        call(&client(url)?).await?;
        report(number, count)?;
    }
    Ok(())
}

async fn calls(url: &str, count: u32) -> Result<()> {
    let client = client(url)?;
    for number in 1..=count {
        call(&client).await?;
        report(number, count)?;
    }
    Ok(())
}

fn client(url: &str) -> Result<Client> {
    Ok(Client::builder().credentials(PLATFORM_ID, SECRET).base_url(url).build()?)
}

async fn call(client: &Client) -> Result<()> {
    client.cards().get(ID).await.map(drop).map_err(Into::into)
}

fn report(number: u32, count: u32) -> Result<()> {
    if !number.is_multiple_of((count / 10).max(1)) {
        return Ok(());
    }
    let status = std::fs::read_to_string("/proc/self/status").context("no /proc")?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    let resident = resident.trim().trim_end_matches(" kB");
    let files = std::fs::read_dir("/proc/self/fd")?.count();
    println!("{number} {resident} {files}");
    Ok(())
}
