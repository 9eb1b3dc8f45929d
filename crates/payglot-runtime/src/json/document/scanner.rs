//! Checks that a text is JSON, and notes where its values are.

use super::{ESCAPED, MAX_DEPTH, Node, NodeId};
use crate::json::text::plain_length;

/// Walks over the bytes of a text. Every method gives `None` where they are not JSON.
pub struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    nodes: Vec<Node>,
    /// Objects and lists that are not at their end.
    open: Vec<(NodeId, Container)>,
}

#[derive(Clone, Copy)]
enum Container {
    Object,
    List,
}

impl<'a> Scanner<'a> {
    /// `None` where the text is too long for the tape.
    pub fn new(text: &'a str) -> Option<Self> {
        u32::try_from(text.len()).ok().filter(|length| length & ESCAPED == 0)?;
        // Few responses have a value more often than every 12 bytes, names counted.
        let nodes = Vec::with_capacity(text.len() / 12 + 1);
        Some(Self { bytes: text.as_bytes(), at: 0, nodes, open: Vec::new() })
    }

    /// The tape of all values.
    pub fn nodes(&mut self) -> Option<Vec<Node>> {
        loop {
            self.blank();
            let start = self.at;
            match self.peek()? {
                b'"' => self.string()?,
                b'{' => {
                    if self.enter(Container::Object, b'}')? {
                        self.name()?;
                        continue;
                    }
                }
                b'[' => {
                    if self.enter(Container::List, b']')? {
                        continue;
                    }
                }
                b't' => self.word(start, b"true")?,
                b'f' => self.word(start, b"false")?,
                b'n' => self.word(start, b"null")?,
                _ => self.number(start)?,
            }
            if self.is_over()? {
                return Some(std::mem::take(&mut self.nodes));
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

    /// Whether the walk ended because the text is nested too deep.
    pub fn is_too_deep(&self) -> bool {
        self.open.len() > MAX_DEPTH
    }

    /// Enters an object or a list; passes it where it is empty. Whether it is entered.
    fn enter(&mut self, container: Container, close: u8) -> Option<bool> {
        let position = narrow(self.nodes.len());
        self.nodes.push(Node { start: narrow(self.at), end: 0, after: 0 });
        self.at += 1;
        self.blank();
        if self.peek() == Some(close) {
            self.at += 1;
            self.end(position);
            return Some(false);
        }
        self.open.push((position, container));
        (!self.is_too_deep()).then_some(true)
    }

    /// Notes the end of an object or a list, which is here.
    fn end(&mut self, position: NodeId) {
        let after = narrow(self.nodes.len());
        if let Some(node) = self.nodes.get_mut(position as usize) {
            node.end = narrow(self.at);
            node.after = after;
        }
    }

    /// Notes a value that has no others within and ends here.
    fn leaf(&mut self, start: usize, escaped: u32) {
        let after = narrow(self.nodes.len() + 1) | escaped;
        self.nodes.push(Node { start: narrow(start), end: narrow(self.at), after });
    }

    /// A name with its colon.
    fn name(&mut self) -> Option<()> {
        self.string()?;
        self.blank();
        self.expect(b':')
    }

    fn string(&mut self) -> Option<()> {
        let start = self.at;
        let mut escaped = 0;
        self.expect(b'"')?;
        loop {
            self.at += plain_length(self.bytes.get(self.at..).unwrap_or_default());
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    self.leaf(start, escaped);
                    return Some(());
                }
                b'\\' => {
                    self.escape()?;
                    escaped = ESCAPED;
                }
                // A control character.
                _ => return None,
            }
        }
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

    fn number(&mut self, start: usize) -> Option<()> {
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
        self.leaf(start, 0);
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

    fn word(&mut self, start: usize, word: &[u8]) -> Option<()> {
        if !self.bytes.get(self.at..)?.starts_with(word) {
            return None;
        }
        self.at += word.len();
        self.leaf(start, 0);
        Some(())
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

#[allow(clippy::cast_possible_truncation)] // the length of the text fits, and there are not more values than bytes
fn narrow(offset: usize) -> u32 {
    offset as u32
}
