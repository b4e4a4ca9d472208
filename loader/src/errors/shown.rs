//! Text from a file, prepared for display: of bounded length, and without characters that control a terminal.

use std::borrow::Cow;

/// The maximum number of bytes shown of one value, because a file may contain text of any length.
const MAX_SHOWN: usize = 1024;

/// Prepares a value for a reason: one line, of bounded length.
pub(crate) fn shown(value: impl Into<String>) -> String {
    let mut value = value.into();
    if value.len() > MAX_SHOWN {
        let end = (0..=MAX_SHOWN).rev().find(|end| value.is_char_boundary(*end)).unwrap_or(0);
        let left = value.len() - end;
        value.truncate(end);
        value.push_str(&format!("... ({left} more bytes)"));
        value.shrink_to_fit();
    }
    match printable(&value) {
        Cow::Borrowed(_) if !value.contains('\n') => value,
        printable => printable.replace('\n', "\\n"),
    }
}

/// Escapes the characters that could control a terminal: control characters, and characters that change the writing
/// direction. Line breaks are kept.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    let steers = |letter: char| {
        letter != '\n' && (letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
    };
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let escaped = text.chars().map(|letter| match steers(letter) {
        true => letter.escape_default().to_string(),
        false => letter.to_string(),
    });
    Cow::Owned(escaped.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_one_line_and_cannot_steer_a_terminal() {
        assert_eq!(shown("plain größe"), "plain größe");
        assert_eq!(shown("a\u{1b}[2J\u{202e}b\nfix: run this"), "a\\u{1b}[2J\\u{202e}b\\nfix: run this");
        let long = shown("é".repeat(MAX_SHOWN));
        assert!(long.ends_with("... (1024 more bytes)") && long.len() < MAX_SHOWN + 30, "{long}");
    }
}
