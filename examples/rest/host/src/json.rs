//! Indented JSON.

use serde::de::IgnoredAny;

const INDENT: &str = "  ";

/// The maximum depth, the same as in serde_json. Without a limit, the indentation of deep values could become very
/// large.
const DEEPEST: usize = 128;

/// Indents JSON, with one line for each member. Returns `None` if the text is not JSON. Only white space changes:
/// order, numbers and escapes stay as written, which parsing and printing would not ensure.
pub(crate) fn in_lines(text: &str) -> Option<String> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let (mut lines, mut depth, mut in_string, mut escaped) = (String::with_capacity(text.len() * 2), 0, false, false);
    let new_line = |lines: &mut String, depth: usize| {
        lines.push('\n');
        lines.extend(std::iter::repeat_n(INDENT, depth));
    };
    let mut opened = false;
    for c in text.chars() {
        if in_string {
            lines.push(c);
            in_string = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        if c.is_ascii_whitespace() {
            continue;
        }
        match c {
            '}' | ']' => {
                depth -= 1;
                // Nothing is between the brackets: keep them together.
                if !opened {
                    new_line(&mut lines, depth);
                }
            }
            _ if opened => new_line(&mut lines, depth),
            _ => {}
        }
        lines.push(c);
        opened = matches!(c, '{' | '[');
        match c {
            '{' | '[' if depth == DEEPEST => return None,
            '{' | '[' => depth += 1,
            ',' => new_line(&mut lines, depth),
            ':' => lines.push(' '),
            '"' => in_string = true,
            _ => {}
        }
    }
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_blanks_change() {
        let text = r#" {"z" :1.10,"a":[ ],"s":"\"{,:\\","n":[{},12345678901234567890123,[null, true]],"z":2} "#;
        let expected = r#"{
  "z": 1.10,
  "a": [],
  "s": "\"{,:\\",
  "n": [
    {},
    12345678901234567890123,
    [
      null,
      true
    ]
  ],
  "z": 2
}"#;
        assert_eq!(in_lines(text).unwrap(), expected);
        assert_eq!(in_lines(expected).unwrap(), expected);
    }

    #[test]
    fn it_is_as_serde_json_has_it() {
        let text = r#"{"a":[1,{"b":"c"},[],{}],"d":null}"#;
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(in_lines(text).unwrap(), serde_json::to_string_pretty(&value).unwrap());
    }

    #[test]
    fn what_is_too_deep_is_left_alone() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(in_lines(&nested(DEEPEST)).is_some());
        assert_eq!(in_lines(&nested(DEEPEST + 1)), None);
        assert_eq!(in_lines(&nested(1_000_000)), None);
    }

    #[test]
    fn what_is_no_json_is_left_alone() {
        assert!(["", "{", "{} x", "<html>"].iter().all(|text| in_lines(text).is_none()));
    }
}
