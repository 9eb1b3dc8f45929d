//! JSON without strictness: a text is read once into a tape of its values, and a value is interpreted when somebody
//! asks for it.
//!
//! May use [`schema`](crate::schema) to find a model's fields. Knows nothing of HTTP, of errors, or of what is sent.

mod document;
mod file;
mod literal;
mod member;
mod misfit;
mod open_map;
mod response_value;
mod text;
mod unique;
mod value;
mod view;

pub use document::Document;
pub(crate) use document::{NodeId, ROOT, Tape, pairs};
pub use file::File;
pub use literal::decimal_literal;
pub(crate) use open_map::sorted;
pub use response_value::{ResponseValue, Timestamp};
pub use text::{Json, Kind, escape_lone_surrogates, is_exact_float, write_name, write_text};
pub(crate) use text::{decimal, entries, unescape};
pub(crate) use unique::UniqueFields;
pub use value::{FloatMoney, Value};
pub use view::{ObjectFields, ObjectView, RawJson};
