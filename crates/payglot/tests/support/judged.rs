//! Reading the judge's verdict, and comparing results with what a scenario wants.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};

use serde_json::Value;
use serde_json::value::RawValue;

/// What the judge found wrong with a scenario, as JSON.
pub fn verdict(url: &str, number: usize) -> String {
    let mut stream = std::net::TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    write!(stream, "GET /verdict/{number} HTTP/1.1\r\nconnection: close\r\n\r\n").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// Amounts of a scenario are text, and equal when the digits are.
pub fn compare(there: &RawValue, wanted: &Value, path: &str) {
    let text = there.get();
    match wanted {
        Value::String(wanted) if wanted == "$free" => {
            assert!(text.contains("1.10"), "{path}: {text}");
        }
        Value::String(wanted) if !text.starts_with('"') => assert_eq!(text, wanted, "{path}"),
        Value::Object(wanted) => {
            let there: BTreeMap<String, &RawValue> = serde_json::from_str(text).unwrap();
            assert_eq!(there.len(), wanted.len(), "{path}: {text}");
            for (name, wanted) in wanted {
                compare(there.get(name).unwrap(), wanted, &format!("{path}.{name}"));
            }
        }
        Value::Array(wanted) => {
            let there: Vec<&RawValue> = serde_json::from_str(text).unwrap();
            assert_eq!(there.len(), wanted.len(), "{path}: {text}");
            for (position, (there, wanted)) in there.iter().zip(wanted).enumerate() {
                compare(there, wanted, &format!("{path}[{position}]"));
            }
        }
        wanted => assert_eq!(&serde_json::from_str::<Value>(text).unwrap(), wanted, "{path}"),
    }
}
