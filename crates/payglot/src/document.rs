//! JSON read once: the place of every value, noted in one pass, so that nothing is looked for in the text twice.
//!
//! The syntax is checked on the way; values are not interpreted. What a value means is `record`'s.

use std::borrow::Cow;
use std::ops::Range;

use crate::json::{self, Kind};

/// A JSON text with the places of its values.
pub struct Document {
    text: String,
    places: Places,
}

/// The places of the values of a text, in its order: an object's node is followed by its names and values, a list's
/// by its items. Empty where the text is not JSON.
#[derive(Default)]
pub(crate) struct Places(Vec<Node>);

/// A name or a value.
struct Node {
    start: u32,
    end: u32,
    /// The first node that is not inside this one; with [`ESCAPED`], a text with a backslash in it.
    after: u32,
}

/// In `after`: the text cannot be taken as it stands.
const ESCAPED: u32 = 1 << 31;

/// The position of a node.
pub(crate) type Position = u32;

/// Where the root of a text is.
pub(crate) const ROOT: Position = 0;

impl Document {
    /// Reads a text. One that is not JSON keeps its text, and has no values.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let places = Places::of(&text).unwrap_or_default();
        Self { text, places }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the text is JSON.
    pub(crate) fn is_json(&self) -> bool {
        !self.places.0.is_empty()
    }

    /// The JSON text of the value at a position.
    pub(crate) fn json(&self, position: Position) -> &str {
        self.places.json(&self.text, position)
    }

    /// Where the value at a position is, in bytes.
    pub(crate) fn place(&self, position: Position) -> Range<usize> {
        self.places.place(position)
    }

    /// The first position that is not inside the value at this one.
    pub(crate) fn after(&self, position: Position) -> Position {
        self.places.0.get(position as usize).map_or(0, |node| node.after & !ESCAPED)
    }

    /// The text of the name or the string at a position.
    pub(crate) fn text_at(&self, position: Position) -> Option<Cow<'_, str>> {
        self.places.text(&self.text, position)
    }

    /// The items of the list at a position; none where it is no list.
    pub(crate) fn items(&self, position: Position) -> impl Iterator<Item = Position> {
        let is_list = json::kind(self.json(position)) == Kind::List;
        self.places.inside(position, is_list)
    }

    /// The names and values of the object at a position; none where it is no object.
    pub(crate) fn entries(&self, position: Position) -> impl Iterator<Item = (Position, Position)> {
        let is_object = json::kind(self.json(position)) == Kind::Object;
        pairs(self.places.inside(position, is_object))
    }
}

impl Places {
    /// `None` where the text is not JSON.
    pub fn of(text: &str) -> Option<Self> {
        Scanner::new(text)?.nodes().map(Self)
    }

    /// The JSON text of the value at a position.
    pub fn json<'t>(&self, text: &'t str, position: Position) -> &'t str {
        text.get(self.place(position)).unwrap_or_default()
    }

    fn place(&self, position: Position) -> Range<usize> {
        let node = self.0.get(position as usize);
        node.map_or(0..0, |node| node.start as usize..node.end as usize)
    }

    /// The text of the name or the string at a position.
    pub fn text<'t>(&self, text: &'t str, position: Position) -> Option<Cow<'t, str>> {
        let json = self.json(text, position);
        let node = self.0.get(position as usize)?;
        if node.after & ESCAPED == 0 {
            return Some(json.strip_prefix('"')?.strip_suffix('"')?.into());
        }
        serde_json::from_str::<String>(json).ok().map(Cow::Owned)
    }

    /// What is directly inside an object or a list.
    pub fn inside(&self, position: Position, is_container: bool) -> impl Iterator<Item = Position> {
        let node = |position: Position| self.0.get(position as usize);
        let end = node(position).filter(|_| is_container).map_or(0, |node| node.after & !ESCAPED);
        let mut next = position + 1;
        std::iter::from_fn(move || {
            let position = next;
            next = node(position).filter(|_| position < end)?.after & !ESCAPED;
            Some(position)
        })
    }
}

/// The entries of an object, from what is inside it.
pub(crate) fn pairs(
    mut inside: impl Iterator<Item = Position>,
) -> impl Iterator<Item = (Position, Position)> {
    std::iter::from_fn(move || Some((inside.next()?, inside.next()?)))
}

/// Walks over the bytes of a text. Every method gives `None` where they are not JSON.
struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    nodes: Vec<Node>,
    /// Objects and lists that are not at their end.
    open: Vec<(Position, Container)>,
}

#[derive(Clone, Copy)]
enum Container {
    Object,
    List,
}

impl<'a> Scanner<'a> {
    /// `None` where places would not fit.
    fn new(text: &'a str) -> Option<Self> {
        u32::try_from(text.len()).ok().filter(|length| length & ESCAPED == 0)?;
        // Few answers have a value more often than every 12 bytes, names counted.
        let nodes = Vec::with_capacity(text.len() / 12 + 1);
        Some(Self { bytes: text.as_bytes(), at: 0, nodes, open: Vec::new() })
    }

    fn nodes(mut self) -> Option<Vec<Node>> {
        loop {
            self.blank();
            let position = self.begin();
            match self.peek()? {
                b'"' => self.string(position)?,
                b'{' if !self.is_empty(b'}') => {
                    self.open.push((position, Container::Object));
                    self.name()?;
                    continue;
                }
                b'[' if !self.is_empty(b']') => {
                    self.open.push((position, Container::List));
                    continue;
                }
                b'{' | b'[' => {}
                b't' => self.word(b"true")?,
                b'f' => self.word(b"false")?,
                b'n' => self.word(b"null")?,
                _ => self.number()?,
            }
            self.end(position);
            if self.is_over()? {
                return Some(self.nodes);
            }
        }
    }

    /// After a value: ends what ends with it, until another value follows. Whether it was the last.
    fn is_over(&mut self) -> Option<bool> {
        loop {
            self.blank();
            let Some(&(position, container)) = self.open.last() else {
                return (self.at == self.bytes.len()).then_some(true);
            };
            let byte = self.peek()?;
            self.at += 1;
            match (byte, container) {
                (b',', Container::Object) => {
                    self.blank();
                    self.name()?;
                    return Some(false);
                }
                (b',', Container::List) => return Some(false),
                (b'}', Container::Object) | (b']', Container::List) => {
                    self.open.pop();
                    self.end(position);
                }
                _ => return None,
            }
        }
    }

    /// Enters an object or a list; where it is empty, leaves it too.
    fn is_empty(&mut self, close: u8) -> bool {
        self.at += 1;
        self.blank();
        let is_empty = self.peek() == Some(close);
        if is_empty {
            self.at += 1;
        }
        is_empty
    }

    /// A name with its colon.
    fn name(&mut self) -> Option<()> {
        let position = self.begin();
        self.string(position)?;
        self.end(position);
        self.blank();
        self.expect(b':')
    }

    fn begin(&mut self) -> Position {
        let position = narrow(self.nodes.len());
        self.nodes.push(Node { start: narrow(self.at), end: 0, after: 0 });
        position
    }

    fn end(&mut self, position: Position) {
        let after = narrow(self.nodes.len());
        if let Some(node) = self.nodes.get_mut(position as usize) {
            node.end = narrow(self.at);
            node.after |= after;
        }
    }

    fn string(&mut self, position: Position) -> Option<()> {
        self.expect(b'"')?;
        loop {
            self.plain();
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => {
                    self.escape()?;
                    if let Some(node) = self.nodes.get_mut(position as usize) {
                        node.after = ESCAPED;
                    }
                }
                ..0x20 => return None,
                _ => self.at += 1,
            }
        }
    }

    /// Moves over text without quote, backslash or control character, eight bytes at a time.
    fn plain(&mut self) {
        const ONES: u64 = u64::from_le_bytes([1; 8]);
        const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
        // The high bit of each byte that is less than `n`; exact for the lowest such byte, which is the first.
        let less = |word: u64, n: u8| word.wrapping_sub(ONES * u64::from(n)) & !word & HIGH;
        while let Some(word) = self.word_ahead() {
            let quotes = less(word ^ (ONES * u64::from(b'"')), 1);
            let backslashes = less(word ^ (ONES * u64::from(b'\\')), 1);
            let special = quotes | backslashes | less(word, 0x20);
            if special != 0 {
                self.at += (special.trailing_zeros() / 8) as usize;
                return;
            }
            self.at += 8;
        }
    }

    fn word_ahead(&self) -> Option<u64> {
        let (word, _) = self.bytes.get(self.at..)?.split_first_chunk::<8>()?;
        Some(u64::from_le_bytes(*word))
    }

    fn escape(&mut self) -> Option<()> {
        self.at += 1;
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => {
                let digits = self.bytes.get(self.at..self.at + 4)?;
                self.at += 4;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(())
            }
            _ => None,
        }
    }

    fn number(&mut self) -> Option<()> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    /// At least one.
    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        let found = self.bytes.get(self.at..)?.starts_with(word);
        self.at += word.len();
        found.then_some(())
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        let found = self.peek() == Some(byte);
        self.at += 1;
        found.then_some(())
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

/// Never cuts anything off: the length of the text fits, and there are not more values than bytes.
fn narrow(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Shows the size only: an answer may hold anything.
impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Document({} bytes)", self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Writes the document again from its places.
    fn written(document: &Document, position: Position, out: &mut String) {
        match json::kind(document.json(position)) {
            Kind::Object => {
                let entries = document.entries(position).map(|(name, value)| {
                    let mut out = format!("{}:", document.json(name));
                    written(document, value, &mut out);
                    out
                });
                *out += &format!("{{{}}}", entries.collect::<Vec<_>>().join(","));
            }
            Kind::List => {
                let items = document.items(position).map(|item| {
                    let mut out = String::new();
                    written(document, item, &mut out);
                    out
                });
                *out += &format!("[{}]", items.collect::<Vec<_>>().join(","));
            }
            _ => *out += document.json(position),
        }
    }

    /// What `serde_json` says of the same text is the measure.
    fn agrees_with_serde_json(text: &str) -> Result<(), TestCaseError> {
        let document = Document::new(text);
        let is_json = serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok();
        prop_assert_eq!(document.is_json(), is_json, "{}", text);
        // A value that serde_json refuses for its size or its surrogates is still JSON.
        if let Ok(expected) = serde_json::from_str::<serde_json::Value>(text) {
            let mut out = String::new();
            written(&document, ROOT, &mut out);
            let value: serde_json::Value = serde_json::from_str(&out).unwrap();
            prop_assert_eq!(value, expected, "{}", text);
        }
        Ok(())
    }

    fn json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            any::<bool>().prop_map(|value| value.to_string()),
            any::<i64>().prop_map(|value| value.to_string()),
            any::<f64>().prop_map(|value| serde_json::to_string(&value).unwrap()),
            any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        ];
        leaf.prop_recursive(5, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5)
                    .prop_map(|items| format!("[{}]", items.join(" , "))),
                prop::collection::vec((any::<String>(), inner), 0..5).prop_map(|entries| {
                    let entries = entries.iter().map(|(name, value)| {
                        format!("{}: {value}", serde_json::to_string(name).unwrap())
                    });
                    format!("{{ {} }}", entries.collect::<Vec<_>>().join(","))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn json_is_read(text in json()) {
            prop_assert!(Document::new(text.as_str()).is_json());
            agrees_with_serde_json(&text)?;
        }

        #[test]
        fn broken_json_is_refused(text in json(), cut in 0_usize..80, insert in "[\\[\\]{},:\"\\\\0-9a-z.eE+ \u{1}-]{0,2}") {
            let cut = text.char_indices().nth(cut).map_or(text.len(), |(place, _)| place);
            let (before, after) = text.split_at(cut);
            agrees_with_serde_json(before)?;
            agrees_with_serde_json(&format!("{before}{insert}{after}"))?;
        }
    }

    #[test]
    fn the_corners_of_the_grammar() {
        for text in [
            "",
            " ",
            "0",
            "-0",
            "00",
            "01",
            "1.",
            ".1",
            "1.0",
            "1e5",
            "1e",
            "1E+5",
            "1e-",
            "-",
            "--1",
            "+1",
            "true",
            "tru",
            "truex",
            "true x",
            "nul",
            "\"",
            "\"a\"",
            "\"\\\"",
            "\"\\u12\"",
            "\"\\u12af\"",
            "\"\\ud800\"",
            "\"\\x\"",
            "\"\u{1}\"",
            "\"\u{7f}\"",
            "\"é\u{1F600}\"",
            "[",
            "]",
            "[]",
            "[1",
            "[1,",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{",
            "}",
            "{}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{\"a\":1 \"b\":2}",
            "{a:1}",
            "{\"a\":1}}",
            "[1}",
            "{\"a\":1]",
            "[[]]",
            "{\"a\":{}}",
            " {\n\"a\"\t:\r1 } ",
            "\u{feff}1",
            "\"12345678\"",
            "\"1234567\"",
            "\"1234567\\n\"",
            "\"12345678\u{0}\"",
            "[\"a\",{\"b\":[null]},-1.5e3]",
        ] {
            agrees_with_serde_json(text).unwrap();
        }
    }

    /// A vendor's page of brackets ends neither the stack nor the answer.
    #[test]
    fn depth_has_no_limit() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(Document::new(deep).is_json());
        assert!(!Document::new("[".repeat(100_000)).is_json());
    }
}
