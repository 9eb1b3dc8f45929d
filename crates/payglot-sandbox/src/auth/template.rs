//! Reads header values by the templates that clients write them with, such as `Bearer {api_key}`.

/// The values of the placeholders in `received`, or `None` where the text around them differs.
pub(super) fn read<'t, 'r>(
    template: &'t str,
    received: &'r str,
) -> Option<Vec<(&'t str, &'r str)>> {
    let mut parts = template.split('{');
    let mut rest = received.strip_prefix(parts.next()?)?;
    let mut values = Vec::new();
    for part in parts {
        let (name, literal) = part.split_once('}')?;
        let end = if literal.is_empty() { rest.len() } else { rest.find(literal)? };
        let (value, after) = rest.split_at_checked(end)?;
        values.push((name, value));
        rest = after.strip_prefix(literal)?;
    }
    rest.is_empty().then_some(values)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn values_are_found_between_the_fixed_texts() {
        assert_eq!(read("{key}", "abc"), Some(vec![("key", "abc")]));
        assert_eq!(read("Bearer {key}", "Bearer abc"), Some(vec![("key", "abc")]));
        assert_eq!(read("t={a},v1={b}", "t=1,v1=2"), Some(vec![("a", "1"), ("b", "2")]));
        assert_eq!(read("fixed", "fixed"), Some(vec![]));
    }

    #[test]
    fn other_texts_do_not_fit() {
        assert_eq!(read("Bearer {key}", "Basic abc"), None);
        assert_eq!(read("{a};end", "abc"), None);
        assert_eq!(read("{a};end", "abc;end2"), None);
        assert_eq!(read("fixed", "fixed2"), None);
    }
}
