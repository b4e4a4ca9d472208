//! The targets of links to headings, as GitHub makes them.

use std::collections::BTreeMap;

/// The slugs so far, with the number of repetitions of each.
#[derive(Default)]
pub(crate) struct Slugs(BTreeMap<String, usize>);

impl Slugs {
    /// The slug of a heading: lower-case letters, digits, `-`, `_`, and `-` for each blank. Repeated slugs are
    /// numbered.
    pub(crate) fn of(&mut self, title: &str) -> String {
        let kept = title.trim().chars().filter(|&letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
        let base: String =
            kept.flat_map(char::to_lowercase).map(|letter| if letter == ' ' { '-' } else { letter }).collect();
        let mut slug = base.clone();
        while self.0.contains_key(&slug) {
            let times = self.0.entry(base.clone()).or_default();
            *times += 1;
            slug = format!("{base}-{times}");
        }
        self.0.insert(slug.clone(), 0);
        slug
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_what_github_makes() {
        let mut slugs = Slugs::default();
        assert_eq!(slugs.of("5. Hosts & plugins: `x_y`"), "5-hosts--plugins-x_y");
        assert_eq!(slugs.of("Übersicht"), "übersicht");
    }

    #[test]
    fn repeated_slugs_are_numbered() {
        let mut slugs = Slugs::default();
        let made = ["a", "a", "a-1", "a", "a"].map(|title| slugs.of(title));
        assert_eq!(made, ["a", "a-1", "a-1-1", "a-2", "a-3"]);
    }
}
