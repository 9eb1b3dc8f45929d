//! JSON read once: one pass records where every value is, so that nothing is searched for in the text twice.
//!
//! The syntax is checked on the way; values are not interpreted. What a value means is `record`'s.

use std::borrow::Cow;
use std::ops::Range;

mod scanner;

use scanner::Scanner;

use super::{Kind, text};

/// Deepest nesting of objects and lists that is read: what walks a value below it cannot run out of stack.
pub(crate) const MAX_DEPTH: usize = 128;

/// Why a text has no values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotRead {
    /// It is not JSON, or longer than 2 GiB.
    NotJson,
    /// It is nested deeper than [`MAX_DEPTH`].
    TooDeep,
}

/// A JSON text with the tape of its values.
pub struct Document {
    text: String,
    /// Empty where the text was not read.
    tape: Tape,
    not_read: Option<NotRead>,
}

/// Where the values of a text are, in its order: an object's node is followed by its names and values, a list's
/// by its items. Empty where the text is not JSON.
#[derive(Default)]
pub(crate) struct Tape(Vec<Node>);

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
pub(crate) type NodeId = u32;

/// Where the root of a text is.
pub(crate) const ROOT: NodeId = 0;

impl Document {
    /// Reads a text. One that is not JSON keeps its text, and has no values.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        match Tape::of(&text) {
            Ok(tape) => Self { text, tape, not_read: None },
            Err(reason) => Self { text, tape: Tape::default(), not_read: Some(reason) },
        }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the text is JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.not_read.is_none()
    }

    /// What keeps the text from being read, in words that follow "it"; `None` where it was read.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        Some(match self.not_read? {
            NotRead::NotJson => "is not JSON",
            NotRead::TooDeep => "is nested deeper than 128 levels",
        })
    }

    /// The JSON text of the value at a position.
    pub(crate) fn json(&self, position: NodeId) -> &str {
        self.tape.json(&self.text, position)
    }

    /// What the value at a position is.
    pub(crate) fn kind(&self, position: NodeId) -> Kind {
        let node = self.tape.0.get(position as usize);
        text::kind_of(node.and_then(|node| self.text.as_bytes().get(node.start as usize)).copied())
    }

    /// Where the value at a position is, in bytes.
    pub(crate) fn range(&self, position: NodeId) -> Range<usize> {
        self.tape.range(position)
    }

    /// The first position that is not inside the value at this one.
    pub(crate) fn after(&self, position: NodeId) -> NodeId {
        self.tape.0.get(position as usize).map_or(0, |node| node.after & !ESCAPED)
    }

    /// The text of the name or the string at a position.
    pub(crate) fn text_at(&self, position: NodeId) -> Option<Cow<'_, str>> {
        self.tape.text(&self.text, position)
    }

    /// The items of the list at a position; none where it is no list.
    pub(crate) fn items(&self, position: NodeId) -> impl Iterator<Item = NodeId> {
        let is_list = self.kind(position) == Kind::List;
        self.tape.inside(position, is_list)
    }

    /// The names and values of the object at a position; none where it is no object.
    pub(crate) fn entries(&self, position: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> {
        let is_object = self.kind(position) == Kind::Object;
        pairs(self.tape.inside(position, is_object))
    }
}

impl Tape {
    /// Reads a text.
    pub fn of(text: &str) -> Result<Self, NotRead> {
        let mut scanner = Scanner::new(text).ok_or(NotRead::NotJson)?;
        match scanner.nodes() {
            Some(nodes) => Ok(Self(nodes)),
            None if scanner.is_too_deep() => Err(NotRead::TooDeep),
            None => Err(NotRead::NotJson),
        }
    }

    /// The JSON text of the value at a position.
    pub fn json<'t>(&self, text: &'t str, position: NodeId) -> &'t str {
        text.get(self.range(position)).unwrap_or_default()
    }

    fn range(&self, position: NodeId) -> Range<usize> {
        let node = self.0.get(position as usize);
        node.map_or(0..0, |node| node.start as usize..node.end as usize)
    }

    /// The text of the name or the string at a position.
    pub fn text<'t>(&self, text: &'t str, position: NodeId) -> Option<Cow<'t, str>> {
        let node = self.0.get(position as usize)?;
        if node.after & ESCAPED != 0 {
            return text::unescape(self.json(text, position));
        }
        let start = node.start as usize;
        // Between the quotes.
        let is_text = text.as_bytes().get(start) == Some(&b'"');
        text.get(start + 1..(node.end as usize).checked_sub(1)?)
            .filter(|_| is_text)
            .map(Cow::Borrowed)
    }

    /// What is directly inside an object or a list.
    pub fn inside(&self, position: NodeId, is_container: bool) -> impl Iterator<Item = NodeId> {
        let node = |position: NodeId| self.0.get(position as usize);
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
    mut inside: impl Iterator<Item = NodeId>,
) -> impl Iterator<Item = (NodeId, NodeId)> {
    std::iter::from_fn(move || Some((inside.next()?, inside.next()?)))
}

/// Shows the size only: a response may hold anything.
impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Document({} bytes)", self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Writes the document again from its tape.
    fn written(document: &Document, position: NodeId, out: &mut String) {
        match text::kind(document.json(position)) {
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

    /// Checked against `serde_json` over the same text.
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
            let cut = text.char_indices().nth(cut).map_or(text.len(), |(at, _)| at);
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

    /// A vendor's page of brackets ends neither the stack nor the memory.
    #[test]
    fn depth_has_a_limit() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Document::new(nested(MAX_DEPTH)).is_json());
        for text in [nested(MAX_DEPTH + 2), nested(1_000_000), "[".repeat(1_000_000)] {
            assert_eq!(Document::new(text).problem(), Some("is nested deeper than 128 levels"));
        }
        assert_eq!(Document::new("[".repeat(9)).problem(), Some("is not JSON"));
    }
}
