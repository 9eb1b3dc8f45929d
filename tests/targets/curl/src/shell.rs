//! Text of the shell.

use payglot_codegen::model::ProviderConfig;

/// A word in single quotes.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Comment lines; nothing where there is no text.
pub fn comment(indent: &str, text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.fold(String::new(), |text, line| text + "# " + indent + line.trim() + "\n")
}

/// Text as a part of a URL.
pub fn url_part(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

/// The variable that holds a credential.
pub fn credential(config: &ProviderConfig, name: &str) -> String {
    let known = config.credentials.iter().find(|credential| credential.name == name);
    known.map(|credential| format!("${{{}}}", credential.env)).unwrap_or_default()
}

/// A template of a header, `{platform_id}`, with the shell's variables.
pub fn filled(config: &ProviderConfig, template: &str) -> String {
    let with_signature = template.replace("{signature}", "$signature");
    config.credentials.iter().fold(with_signature, |text, known| {
        text.replace(&format!("{{{}}}", known.name), &credential(config, &known.name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_quotes_or_its_part_of_the_url() {
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(url_part("a b&c=ü"), "a%20b%26c%3D%C3%BC");
        assert_eq!(comment("  ", "one\n\ntwo"), "#   one\n#   two\n");
    }
}
