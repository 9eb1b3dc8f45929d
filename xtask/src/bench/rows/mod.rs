//! What is compared with what, and the ratios to keep.

mod calls;
mod journal;

pub use calls::{BESIDE, BURST, COLD, OVERLAP, PARSING, RATES, TLS};
pub use journal::{POSTGRES, SQLITE};

/// Clients that do the same, payglot first.
pub struct Row {
    pub name: &'static str,
    pub title: &'static str,
    pub unit: &'static str,
    /// Words to the server of canned responses.
    pub server: &'static [&'static str],
    pub clients: &'static [Client],
}

const fn row(
    name: &'static str,
    title: &'static str,
    unit: &'static str,
    clients: &'static [Client],
) -> Row {
    Row { name, title, unit, server: &[], clients }
}

impl Row {
    const fn server(self, words: &'static [&'static str]) -> Self {
        Self { server: words, ..self }
    }
}

/// One client of a row.
pub struct Client {
    pub name: &'static str,
    pub language: Language,
    /// The program, and its words before the URL and the seconds.
    pub program: &'static str,
    pub words: &'static [&'static str],
    /// Its last word.
    pub in_flight: &'static str,
    /// How many times as fast payglot is to be; none for payglot itself, and where the figure is for information.
    pub at_least: Option<f64>,
}

/// What a program is written in.
#[derive(Clone, Copy)]
pub enum Language {
    Rust,
    Python,
    Node,
}

const fn client(
    name: &'static str,
    language: Language,
    program: &'static str,
    words: &'static [&'static str],
) -> Client {
    Client { name, language, program, words, in_flight: "32", at_least: None }
}

impl Client {
    const fn at_least(self, ratio: f64) -> Self {
        Self { at_least: Some(ratio), ..self }
    }

    const fn alone(self) -> Self {
        self.in_flight("1")
    }

    const fn in_flight(self, calls: &'static str) -> Self {
        Self { in_flight: calls, ..self }
    }
}
