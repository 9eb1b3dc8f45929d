//! How lists are asked for whose pages say what follows them.

/// Steps from a value down to one within it: `["meta", "next"]`. Empty for the value itself, or for nothing where that has
/// no meaning.
pub type Path = &'static [&'static str];

/// A list of which each page says how the next one is asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Follow {
    /// What the next page is asked for by.
    pub style: FollowStyle,
    /// The argument with the number of records per page; empty where there is none.
    pub size: Path,
    /// Number of records over all pages, within a response; empty where it is not told.
    pub total: Path,
    /// Whether another page follows, within a response; empty where it is not told.
    pub has_more: Path,
}

/// What the next page is asked for by. Arguments are named as they are on the wire.
#[derive(Debug, PartialEq, Eq)]
pub enum FollowStyle {
    /// Its number.
    Page {
        /// The argument.
        argument: Path,
        /// Number of the first page of all.
        first: u64,
        /// Number of pages, within a response; empty where it is not told.
        pages: Path,
    },
    /// How many records are before it.
    Offset {
        /// The argument.
        argument: Path,
    },
    /// A text that the page before it has.
    Cursor {
        /// The argument.
        argument: Path,
        /// Where a response has it; empty where the last record has it.
        next: Path,
        /// Where the last record has it.
        last: Path,
    },
    /// A URL that the page before it has.
    Link {
        /// Where a response has it; empty for the header `Link` with `rel="next"`.
        next: Path,
    },
}

impl FollowStyle {
    /// The argument that asks for a page; empty where a URL does.
    pub const fn argument(&self) -> Path {
        match self {
            Self::Page { argument, .. }
            | Self::Offset { argument }
            | Self::Cursor { argument, .. } => argument,
            Self::Link { .. } => &[],
        }
    }
}
