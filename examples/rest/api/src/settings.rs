//! Line-based plugin configurations.

use std::fmt;
use std::str::FromStr;

/// A plugin's configuration: lines of `name = value`. Empty lines and lines that begin with `#` are ignored.
///
/// Errors name the line and the setting. They never quote the line, because it may contain a secret.
///
/// # Examples
///
/// ```
/// use rest_api::Settings;
///
/// let settings = Settings::parse("# twice\ntries = 2\nfield = a\nfield = b\n", &["tries", "field"])?;
/// assert_eq!(settings.value("tries", "a number")?, Some(2));
/// assert_eq!(settings.values("field").collect::<Vec<_>>(), ["a", "b"]);
///
/// let error = Settings::parse("token s3cret", &["token"]).unwrap_err();
/// assert_eq!(error.to_string(), "line 1 of the configuration is not of the form `name = value`");
/// # Ok::<(), rest_api::SettingsError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Settings(Vec<Setting>);

#[derive(Clone, PartialEq, Eq)]
struct Setting {
    line: usize,
    name: String,
    value: String,
}

impl Settings {
    /// Parses a configuration.
    ///
    /// # Errors
    ///
    /// A line does not have this form, or its name is not in `known`.
    pub fn parse(config: &str, known: &[&str]) -> Result<Self, SettingsError> {
        let lines = config.lines().map(str::trim).zip(1..);
        let lines = lines.filter(|(text, _)| !text.is_empty() && !text.starts_with('#'));
        let settings = lines.map(|(text, line)| match text.split_once('=') {
            // Do not quote the name: the text before a `=` may be a Base64 secret that ends with `=`.
            Some((name, _)) if !known.contains(&name.trim()) => {
                let known = known.join("`, `");
                Err(SettingsError(format!(
                    "line {line} of the configuration has an unknown name; the known names are `{known}`"
                )))
            }
            Some((name, value)) => Ok(Setting { line, name: name.trim().to_owned(), value: value.trim().to_owned() }),
            None => Err(SettingsError(format!("line {line} of the configuration is not of the form `name = value`"))),
        });
        settings.collect::<Result<_, _>>().map(Self)
    }

    /// All values of a setting that may occur several times.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |setting| setting.name == name).map(|setting| &*setting.value)
    }

    /// The value of a setting that may occur once; `None` if it does not occur.
    ///
    /// # Errors
    ///
    /// It occurs twice, or is not as `expected`, such as "a number".
    pub fn value<T: FromStr>(&self, name: &str, expected: &str) -> Result<Option<T>, SettingsError> {
        let mut found = self.0.iter().filter(|setting| setting.name == name);
        let Some(Setting { line, value, .. }) = found.next() else { return Ok(None) };
        if let Some(again) = found.next() {
            let message = format!("line {} of the configuration sets `{name}` again, after line {line}", again.line);
            return Err(SettingsError(message));
        }
        let wrong =
            |_| SettingsError(format!("line {line} of the configuration: `{name}` is expected to be {expected}"));
        value.parse().map(Some).map_err(wrong)
    }
}

impl fmt::Debug for Settings {
    /// Omits the values, because they may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|setting| &setting.name)).finish()
    }
}

/// An error in a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError(String);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SettingsError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_line_and_never_what_stands_there() {
        let wrong = |config: &str| {
            let value =
                Settings::parse(config, &["tries", "token"]).map(|settings| settings.value::<u32>("tries", "a number"));
            value.and_then(|value| value).unwrap_err().to_string()
        };
        assert_eq!(
            wrong("\ns3cret="),
            "line 2 of the configuration has an unknown name; the known names are `tries`, `token`"
        );
        assert_eq!(wrong("tries = s3cret"), "line 1 of the configuration: `tries` is expected to be a number");
        assert_eq!(wrong("tries = 1\n\ntries = 2"), "line 3 of the configuration sets `tries` again, after line 1");
        let settings = Settings::parse("token = s3cret", &["token"]).unwrap();
        assert_eq!(format!("{settings:?}"), r#"["token"]"#);
    }
}
