//! Points in time as aware datetimes in UTC.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use payglot::runtime::json::{RawJson, ResponseValue as _};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyString, PyTzInfo};

use crate::classes;
use crate::once_cell::OnceCell;

/// The time that a value of a response means, the text itself where it does not say of which zone; `None` where it is none,
/// or beyond the years that Python has.
pub fn read<'py>(py: Python<'py>, raw: RawJson<'_>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Some(text) = raw.as_text() else { return Ok(None) };
    if is_usual(&text)
        && let Some(parse) = parser(py)?
        && let Ok(time) = parse.call1((&*text,))
    {
        return Ok(Some(time));
    }
    // Python refuses more than a vendor means: a leap second, another way to write a time.
    let Some(time) = payglot::Timestamp::from_response(raw) else { return Ok(None) };
    match time.parsed() {
        Some(instant) => datetime(py, instant),
        None => Ok(time.civil().map(|_| PyString::new(py, &text).into_any())),
    }
}

/// Whether a text has the layout that nearly all have, `2026-01-31T09:30:00Z` with or without a fraction: both
/// parsers mean the same by it.
fn is_usual(text: &str) -> bool {
    const LAYOUT: &[u8; 19] = b"0000-00-00T00:00:00";
    let fits = |(byte, like): (&u8, &u8)| match like {
        b'0' => byte.is_ascii_digit(),
        _ => byte == like,
    };
    let Some((whole, rest)) = text.as_bytes().split_first_chunk::<19>() else { return false };
    let rest_fits = match rest {
        [b'Z'] => true,
        [b'.', digits @ .., b'Z'] => {
            (1..=9).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    };
    // Newer versions of Python take 24:00 for the next day.
    rest_fits && whole.iter().zip(LAYOUT).all(fits) && whole.get(11..13) != Some(b"24".as_slice())
}

/// Python's own parser, the shortest way to a datetime: `datetime` itself takes eight objects. Before 3.11 it knows no
/// `Z`.
fn parser(py: Python<'_>) -> PyResult<Option<&Bound<'_, PyAny>>> {
    static PARSER: OnceCell<Option<Py<PyAny>>> = OnceCell::new();
    let parser = PARSER.get_or_try_init(|| {
        let knows_utc = py.version_info() >= (3, 11);
        let parser = || classes::datetime(py)?.getattr(intern!(py, "fromisoformat"));
        knows_utc.then(|| parser().map(Bound::unbind)).transpose()
    })?;
    Ok(parser.as_ref().map(|parser| parser.bind(py)))
}

/// An aware datetime in UTC; `None` beyond the years that Python has.
pub fn datetime(py: Python<'_>, instant: Timestamp) -> PyResult<Option<Bound<'_, PyAny>>> {
    let civil = instant.to_zoned(TimeZone::UTC).datetime();
    if civil.year() < 1 {
        return Ok(None);
    }
    let part = |value: i8| u8::try_from(value).unwrap_or_default();
    let microseconds = u32::try_from(civil.subsec_nanosecond() / 1000).unwrap_or_default();
    let value = PyDateTime::new(
        py,
        i32::from(civil.year()),
        part(civil.month()),
        part(civil.day()),
        part(civil.hour()),
        part(civil.minute()),
        part(civil.second()),
        microseconds,
        Some(&*PyTzInfo::utc(py)?),
    )?;
    Ok(Some(value.into_any()))
}
