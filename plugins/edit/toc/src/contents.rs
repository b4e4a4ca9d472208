//! The list of headings.

use crate::outline::{Heading, Outline};

/// The text between the comments: a list of the headings after `place`, indented by level.
pub(crate) fn contents(outline: &Outline, place: usize, line_break: &str) -> String {
    let headings: Vec<&Heading> = outline.headings.iter().filter(|heading| heading.place.start >= place).collect();
    let top = headings.iter().map(|heading| heading.level as usize).min().unwrap_or_default();
    let mut list = line_break.to_owned();
    for Heading { level, title, slug, .. } in &headings {
        let indent = "  ".repeat(*level as usize - top);
        list.push_str(&format!("{line_break}{indent}- [{title}](#{slug})"));
    }
    if !headings.is_empty() {
        list.push_str(&line_break.repeat(2));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_before_the_place_are_left_out() {
        let outline = Outline::of("# A\n# B\n### C\n").unwrap();
        assert_eq!(contents(&outline, 3, "\n"), "\n\n- [B](#b)\n    - [C](#c)\n\n");
    }

    #[test]
    fn without_headings_there_is_no_list() {
        assert_eq!(contents(&Outline::default(), 0, "\n"), "\n");
    }
}
