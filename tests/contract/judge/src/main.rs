//! Serves a scenario file to the tests of Python and Node: prints its URL, and ends when its input closes.

use std::io::{Read as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use payglot_contract::Judge;

fn main() -> Result<()> {
    let file = std::env::args().nth(1).context("give a scenario file")?;
    let judge = Judge::start(Path::new(&file))?;
    println!("{}", judge.url());
    std::io::stdout().flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
