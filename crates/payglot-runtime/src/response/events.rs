//! Server-sent events as the HTML standard has them, read from bytes as they come.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::json::{Document, Kind, RawJson, ResponseValue, write_text};
use crate::schema::{Operation, Type};

/// An event as it came.
// Without `Debug`: it holds a body.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerEvent {
    /// Its type; `message` where the stream does not say.
    pub event: String,
    /// The identifier that the stream gave last; empty where it gave none.
    pub id: String,
    /// Its data.
    pub data: String,
    /// Milliseconds to wait before one connects anew, where the stream says so.
    pub retry: Option<u64>,
}

impl ServerEvent {
    /// A body that is no stream of events.
    pub(crate) fn of_body(body: Vec<u8>) -> Self {
        let data = match String::from_utf8(body) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        };
        Self { event: "message".to_owned(), id: String::new(), data, retry: None }
    }
}

/// An event of a stream.
#[derive(Clone, PartialEq, Eq)]
pub struct Event<T> {
    /// Its type; `message` where the stream does not say.
    pub event: String,
    /// The identifier that the stream gave last; empty where it gave none.
    pub id: String,
    /// The data as it came. It may hold personal data: do not log it.
    pub text: String,
    /// The data as the document has it; none for a text such as `[DONE]` where the document has JSON.
    pub data: Option<T>,
    /// Milliseconds to wait before one connects anew, where the stream says so.
    pub retry: Option<u64>,
}

/// Shows no data.
impl<T> std::fmt::Debug for Event<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Event")
            .field("event", &self.event)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl<T: ResponseValue> Event<T> {
    pub(crate) fn read(event: ServerEvent, operation: &Operation) -> Self {
        let ServerEvent { event, id, data, retry } = event;
        let document = event_data(&data, operation);
        let value = document.as_ref().and_then(RawJson::root).and_then(T::from_response);
        Self { event, id, text: data, data: value, retry }
    }
}

/// The data of an event as JSON, where it is what the document has.
#[doc(hidden)]
pub fn event_data(data: &str, operation: &Operation) -> Option<Arc<Document>> {
    let document = Arc::new(document(data, operation));
    let has_shape = document.problem().is_none()
        && RawJson::root(&document).is_some_and(|value| match operation.response {
            Type::Object(_) | Type::Map(_) => value.kind() == Kind::Object,
            Type::List(_) => value.kind() == Kind::List,
            // What fits no member is kept, as in a response.
            Type::Any | Type::Union(_) => true,
            _ => !matches!(value.kind(), Kind::Object | Kind::List),
        });
    has_shape.then_some(document)
}

/// The data of an event as JSON; a text where the document has a text.
fn document(data: &str, operation: &Operation) -> Document {
    if !matches!(operation.response, Type::Text) {
        return Document::new(data);
    }
    let mut json = String::with_capacity(data.len() + 2);
    write_text(&mut json, data);
    Document::new(json)
}

/// An event that is longer than the limit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

/// Puts events together.
pub(crate) struct EventParser {
    /// Most bytes of a line, and of an event.
    limit: usize,
    /// The line so far.
    line: Vec<u8>,
    event: String,
    data: String,
    id: String,
    retry: Option<u64>,
    /// The line before ended with CR: an LF that follows belongs to it.
    after_return: bool,
    is_first: bool,
}

impl EventParser {
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            line: Vec::new(),
            event: String::new(),
            data: String::new(),
            id: String::new(),
            retry: None,
            after_return: false,
            is_first: true,
        }
    }

    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Reads bytes, and adds the events that they complete.
    pub fn push(
        &mut self,
        mut bytes: &[u8],
        events: &mut VecDeque<ServerEvent>,
    ) -> Result<(), TooLong> {
        while let [first, rest @ ..] = bytes {
            if std::mem::take(&mut self.after_return) && *first == b'\n' {
                bytes = rest;
                continue;
            }
            let end = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let (line, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
            if self.line.len() + line.len() + self.data.len() > self.limit {
                return Err(TooLong);
            }
            self.line.extend_from_slice(line);
            let [end, rest @ ..] = rest else { break };
            self.after_return = *end == b'\r';
            let line = std::mem::take(&mut self.line);
            events.extend(self.read_line(&line));
            bytes = rest;
        }
        Ok(())
    }

    /// Takes a line; gives the event that it ends.
    fn read_line(&mut self, mut line: &[u8]) -> Option<ServerEvent> {
        if std::mem::take(&mut self.is_first) {
            line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        if line.is_empty() {
            return self.end_event();
        }
        let line = String::from_utf8_lossy(line);
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => value.clone_into(&mut self.event),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry = value.parse().ok().or(self.retry);
            }
            // A comment has no name.
            _ => {}
        }
        None
    }

    fn end_event(&mut self) -> Option<ServerEvent> {
        let event = std::mem::take(&mut self.event);
        let mut data = std::mem::take(&mut self.data);
        // One without data is none.
        data.pop()?;
        let event = if event.is_empty() { "message".to_owned() } else { event };
        Some(ServerEvent { event, id: self.id.clone(), data, retry: self.retry })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test stops the moment something is not as it should be
mod tests {
    use super::*;

    /// Event, id and data of each.
    type Read = Vec<(String, String, String)>;
    type Expected = &'static [(&'static str, &'static str, &'static str)];

    fn read(text: &[u8], step: usize) -> Read {
        let mut parser = EventParser::new(1000);
        let mut events = VecDeque::new();
        for bytes in text.chunks(step) {
            parser.push(bytes, &mut events).unwrap();
        }
        events.into_iter().map(|one| (one.event, one.id, one.data)).collect()
    }

    #[test]
    fn events_are_read_as_the_html_standard_says_wherever_the_bytes_are_cut() {
        let cases: [(&str, Expected); 13] = [
            ("data: a\n\n", &[("message", "", "a")]),
            ("data:a\r\rdata: b\r\n\r\n", &[("message", "", "a"), ("message", "", "b")]),
            ("data: a\ndata:  b\ndata\n\n", &[("message", "", "a\n b\n")]),
            ("\u{feff}data: a\n\n\u{feff}data: b\n\n", &[("message", "", "a")]),
            (": comment\nevent: x\nid: 7\ndata: {\"a\":1}\n\n", &[("x", "7", "{\"a\":1}")]),
            // The id stays, the type does not.
            ("id: 1\nevent: x\ndata: a\n\ndata: b\n\n", &[("x", "1", "a"), ("message", "1", "b")]),
            ("id: 1\ndata: a\n\nid\ndata: b\n\n", &[("message", "1", "a"), ("message", "", "b")]),
            ("id: a\0b\ndata: a\n\n", &[("message", "", "a")]),
            // One without data is none, one with empty data is.
            ("event: x\n\ndata:\n\n", &[("message", "", "")]),
            ("Data: a\ndata : b\nfoo\n\n", &[]),
            // What is cut off is no event.
            ("data: a\n\ndata: b\n", &[("message", "", "a")]),
            ("data: é\u{1f600}\n\n", &[("message", "", "é\u{1f600}")]),
            ("data: [DONE]\n\n", &[("message", "", "[DONE]")]),
        ];
        for (text, expected) in cases {
            let expected: Read = expected
                .iter()
                .map(|(event, id, data)| ((*event).into(), (*id).into(), (*data).into()))
                .collect();
            for step in [1, 2, 3, 1000] {
                assert_eq!(read(text.as_bytes(), step), expected, "{text:?} by {step}");
            }
        }
        assert_eq!(read(b"data: \xff\n\n", 9), read("data: \u{fffd}\n\n".as_bytes(), 9));
    }

    #[test]
    fn the_time_before_a_new_connection_is_a_number_of_milliseconds() {
        let mut events = VecDeque::new();
        let text = b"retry: 1500\ndata: a\n\nretry: 1s\nretry:\ndata: b\n\n";
        EventParser::new(1000).push(text, &mut events).unwrap();
        let retries: Vec<_> = events.iter().map(|event| event.retry).collect();
        assert_eq!(retries, [Some(1500), Some(1500)]);
    }

    #[test]
    fn a_line_and_an_event_have_a_limit() {
        for text in ["data: ".to_owned() + &"a".repeat(1000), "data: aaaaaaaa\n".repeat(200)] {
            let mut parser = EventParser::new(1000);
            let mut read = |bytes| parser.push(bytes, &mut VecDeque::new());
            assert_eq!(text.as_bytes().chunks(7).try_for_each(&mut read), Err(TooLong));
        }
        let mut parser = EventParser::new(1000);
        let many = "data: aaaaaaaa\n\n".repeat(200);
        assert_eq!(parser.push(many.as_bytes(), &mut VecDeque::new()), Ok(()));
    }
}
