//! An error type that may cross.

use std::error::Error as StdError;
use std::fmt;
use std::ops::Deref;

use plugbox_macros::Shape;

use crate::crossing::sources;

/// An error as plain data: its message and the messages of its sources. It may appear in an interface.
///
/// It is what an API of your own should use: all that a plugin may know of an error is in the text, and it crosses in any
/// place. (`Box<dyn Error>` crosses too, in fewer places; the guide says what is lost.)
///
/// `?` converts errors of other types, `Box<dyn Error + Send + Sync>`, `anyhow::Error`, and text: everything that converts
/// into a `Box<dyn Error + Send + Sync>`. The conversion loses the error's own type, so nobody can downcast it. For an
/// error that other threads may not use, such as a `Box<dyn Error>`, write
/// `.map_err(|error| plugbox::Error::of(&*error))?`. (`?` cannot convert both kinds: the
/// compiler refuses two such conversions, because with a later std both might apply to one type.)
///
/// `{}` shows the message, and `{:#}` adds the sources in the same line. `{:?}` shows them as a list, as for a `main`
/// that returns an error. Like `anyhow::Error`, this type does not implement [`std::error::Error`]; otherwise `?` could
/// not convert every type that does. It derefs to such an error, and `?` converts it into a `Box<dyn std::error::Error>`.
/// For a `Box<dyn Error + Send + Sync>` write `.map_err(plugbox::Error::into_boxed)?`.
///
/// # Examples
///
/// ```
/// #[plugbox::interface]
/// pub trait Plugin {
///     fn run(&self, number: &str) -> Result<u32, plugbox::Error>;
/// }
///
/// struct Parse;
///
/// impl Plugin for Parse {
///     fn run(&self, number: &str) -> Result<u32, plugbox::Error> {
///         if number.is_empty() {
///             Err("there is no number")?;
///         }
///         Ok(number.parse()?)
///     }
/// }
///
/// fn boxed() -> Result<(), plugbox::Error> {
///     let failed: Result<(), Box<dyn std::error::Error>> = Err("no such file".into());
///     Ok(failed.map_err(|error| plugbox::Error::of(&*error))?)
/// }
///
/// assert_eq!(boxed().unwrap_err().to_string(), "no such file");
/// assert_eq!(Parse.run("").unwrap_err().to_string(), "there is no number");
/// assert_eq!(Parse.run("x").unwrap_err().to_string(), "invalid digit found in string");
/// ```
#[derive(Clone, PartialEq, Eq, Shape)]
#[shape(crate = crate, revision = 1)]
pub struct Error(Message);

/// A message, and the message of its source.
///
/// A plugin may make the list as long as its memory allows, so no function here calls itself for each source.
#[derive(Shape)]
#[shape(crate = crate, revision = 1)]
struct Message {
    text: String,
    source: Option<Box<Message>>,
}

impl Error {
    /// Makes an error with this message and without a source.
    #[must_use]
    pub fn new(message: impl fmt::Display) -> Self {
        Self(Message { text: message.to_string(), source: None })
    }

    /// Makes an error with the messages of any error and its sources. For most errors `?` does this.
    ///
    /// # Examples
    ///
    /// ```
    /// let failed: Box<dyn std::error::Error> = "no such file".into();
    /// assert_eq!(plugbox::Error::of(&*failed).to_string(), "no such file");
    /// ```
    #[must_use]
    pub fn of(error: &dyn StdError) -> Self {
        Self(Message::of(error))
    }

    /// Returns the error as an error of std that any thread may use.
    #[must_use]
    pub fn into_boxed(self) -> Box<dyn StdError + Send + Sync> {
        Box::new(self.0)
    }

    /// Puts a message above this error, usually about the operation that failed. The error becomes the message's
    /// source.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = plugbox::Error::new("no such file").context("cannot read the table");
    /// assert_eq!(error.to_string(), "cannot read the table");
    /// assert_eq!(format!("{error:#}"), "cannot read the table: no such file");
    /// ```
    #[must_use]
    pub fn context(self, message: impl fmt::Display) -> Self {
        Self(Message { text: message.to_string(), source: Some(Box::new(self.0)) })
    }

    /// Returns the message, then the messages of the sources.
    pub fn chain(&self) -> impl Iterator<Item = &str> {
        self.0.texts()
    }
}

impl Message {
    /// Makes a message of texts, the outermost first.
    fn chained(texts: impl DoubleEndedIterator<Item = String>) -> Option<Box<Self>> {
        texts.rev().fold(None, |source, text| Some(Box::new(Self { text, source })))
    }

    /// The texts, the outermost first.
    fn texts(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(Some(self), |message| message.source.as_deref()).map(|message| &*message.text)
    }

    fn of(error: &dyn StdError) -> Self {
        let sources: Vec<String> = sources(error).map(|source| source.to_string()).collect();
        Self { text: error.to_string(), source: Self::chained(sources.into_iter()) }
    }
}

impl Clone for Message {
    fn clone(&self) -> Self {
        let sources: Vec<String> = self.texts().skip(1).map(str::to_owned).collect();
        Self { text: self.text.clone(), source: Self::chained(sources.into_iter()) }
    }
}

impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        self.texts().eq(other.texts())
    }
}

impl Eq for Message {}

impl Drop for Message {
    fn drop(&mut self) {
        let mut source = self.source.take();
        while let Some(mut message) = source {
            source = message.source.take();
        }
    }
}

/// Returns an error's message, then the messages of its sources.
pub(crate) fn messages(error: &dyn StdError) -> Vec<String> {
    [error].into_iter().chain(sources(error).map(|source| source as _)).map(|error| error.to_string()).collect()
}

impl<'a, E: Into<Box<dyn StdError + Send + Sync + 'a>>> From<E> for Error {
    fn from(error: E) -> Self {
        Self::of(&*error.into())
    }
}

impl Deref for Error {
    type Target = dyn StdError + Send + Sync + 'static;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl AsRef<dyn StdError + Send + Sync + 'static> for Error {
    fn as_ref(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &self.0
    }
}

impl From<Error> for Box<dyn StdError> {
    fn from(error: Error) -> Self {
        Box::new(error.0)
    }
}

#[cfg(feature = "anyhow")]
impl From<Error> for anyhow::Error {
    fn from(error: Error) -> Self {
        Self::new(error.0)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)?;
        if f.alternate() {
            self.chain().skip(1).try_for_each(|source| write!(f, ": {source}"))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Message {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        if self.source.is_some() {
            f.write_str("\n\nCaused by:")?;
        }
        self.texts().skip(1).try_for_each(|text| write!(f, "\n    {text}"))
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as StdError;

    use super::Error;

    fn read() -> Result<(), Error> {
        let number: Result<u8, _> = "300".parse();
        number
            .map_err(|error| Error::from(error).context("line 3 is not a number").context("cannot read the table"))?;
        Ok(())
    }

    #[test]
    fn it_shows_its_message_and_with_more_its_chain() {
        let error = read().unwrap_err();
        assert_eq!(format!("{error}"), "cannot read the table");
        let chain = "cannot read the table: line 3 is not a number: number too large to fit in target type";
        assert_eq!(format!("{error:#}"), chain);
        let list = "cannot read the table\n\nCaused by:\n    line 3 is not a number\n    number too large to fit in target type";
        assert_eq!(format!("{error:?}"), list);
    }

    #[test]
    fn question_mark_keeps_the_sources_of_an_error_and_source_gives_them_back() {
        let error = Error::from(std::io::Error::other(read().unwrap_err().into_boxed()));
        let first = error.source().unwrap();
        assert_eq!(first.to_string(), "line 3 is not a number");
        assert_eq!(first.source().unwrap().to_string(), "number too large to fit in target type");
        assert!(first.source().unwrap().source().is_none());
    }

    #[test]
    fn it_goes_where_errors_of_std_go() {
        fn main() -> Result<(), Box<dyn StdError>> {
            Ok(read()?)
        }
        assert_eq!(main().unwrap_err().to_string(), "cannot read the table");
    }

    #[test]
    fn question_mark_takes_what_converts_into_an_error_of_std() {
        type Given = Box<dyn StdError + Send + Sync>;
        fn of<E>(error: E) -> Result<(), Error>
        where
            Error: From<E>,
        {
            Err(error)?
        }
        let text = |outcome: Result<(), Error>| outcome.unwrap_err().to_string();
        assert_eq!(text(of("text")), "text");
        assert_eq!(text(of(format!("text {}", 1))), "text 1");
        assert_eq!(text(of(std::borrow::Cow::Borrowed("text"))), "text");
        assert_eq!(text(of(Given::from("text"))), "text");
        assert_eq!(text(of("x".parse::<u8>().unwrap_err())), "invalid digit found in string");
        let own = Error::new("own").context("above");
        assert_eq!(of(own).unwrap_err().chain().collect::<Vec<_>>(), ["above", "own"]);
        let borrowed = std::io::Error::other("borrowed");
        assert_eq!(text(of(&borrowed)), "borrowed");
    }

    /// Far more than any stack could hold a call for.
    const MANY: usize = 1_000_000;

    #[test]
    #[cfg_attr(miri, ignore = "takes long")]
    fn an_error_may_have_a_million_sources() {
        fn number(error: &(dyn StdError + 'static)) -> usize {
            std::iter::successors(Some(error), |error| (*error).source()).count()
        }
        let error = (0..MANY).fold(Error::new("the first"), |error, _| error.context("more"));
        let other = error.clone();
        assert!(error == other);
        assert_eq!((error.chain().count(), number(&*other)), (MANY + 1, MANY + 1));
        assert_eq!(format!("{error:#}").len(), "the first".len() + MANY * "more: ".len());
        assert_eq!(format!("{error:?}").lines().count(), MANY + 3);
        drop(error);
        let error = Error::from(std::io::Error::other(other.into_boxed()));
        assert_eq!(error.chain().count(), MANY + 1);
    }
}
