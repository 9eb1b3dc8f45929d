//! Serves the exchanges to the tests of Python and Node: prints the URL that lists them, and ends when its input closes.

use std::io::{Read as _, Write as _};

use anyhow::Result;
use payglot_hostile::Suite;

fn main() -> Result<()> {
    println!("{}", Suite::start()?.control()?);
    std::io::stdout().flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
