//! The text of an error, as a formatter of the other side asks for it.

use std::fmt::{self, Alignment, Formatter, Write as _};

/// The options of a formatter. Padding is with spaces; the flags for numbers are lost.
#[derive(Clone, Copy)]
pub(super) struct Options {
    alternate: bool,
    alignment: Option<Alignment>,
    width: usize,
    precision: Option<usize>,
}

/// Writes with one of the eight combinations of alignment and `#`, and with or without a precision.
macro_rules! write_with {
    ($options:expr, $text:expr, $value:expr, $debug:literal) => {{
        let Options { alternate, alignment, width, precision } = $options;
        macro_rules! with {
            ($flags:literal) => {
                match precision {
                    Some(precision) => {
                        write!($text, concat!("{:", $flags, "1$.2$", $debug, "}"), $value, width, precision)
                    }
                    None => write!($text, concat!("{:", $flags, "1$", $debug, "}"), $value, width),
                }
            };
        }
        match (alternate, alignment) {
            (false, None) => with!(""),
            (false, Some(Alignment::Left)) => with!("<"),
            (false, Some(Alignment::Right)) => with!(">"),
            (false, Some(Alignment::Center)) => with!("^"),
            (true, None) => with!("#"),
            (true, Some(Alignment::Left)) => with!("<#"),
            (true, Some(Alignment::Right)) => with!(">#"),
            (true, Some(Alignment::Center)) => with!("^#"),
        }
    }};
}

impl Options {
    pub(super) fn of(f: &Formatter<'_>) -> Self {
        Self {
            alternate: f.alternate(),
            alignment: f.align(),
            width: f.width().unwrap_or_default(),
            precision: f.precision(),
        }
    }

    /// Returns what `value` writes, and whether it says that it failed.
    pub(super) fn display(self, value: &(impl fmt::Display + ?Sized)) -> (String, fmt::Result) {
        let mut text = String::new();
        let outcome = write_with!(self, text, value, "");
        (text, outcome)
    }

    /// Returns what `value` writes for `{:?}`, and whether it says that it failed.
    pub(super) fn debug(self, value: &(impl fmt::Debug + ?Sized)) -> (String, fmt::Result) {
        let mut text = String::new();
        let outcome = write_with!(self, text, value, "?");
        (text, outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Far<T>(T);

    impl<T: fmt::Display> fmt::Display for Far<T> {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            f.write_str(&Options::of(f).display(&self.0).0)
        }
    }

    impl<T: fmt::Debug> fmt::Debug for Far<T> {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            f.write_str(&Options::of(f).debug(&self.0).0)
        }
    }

    #[test]
    fn the_options_of_the_reader_reach_the_writer() {
        macro_rules! same {
            (only $($format:literal)+) => {$(
                assert_eq!(format!($format, Far("texts")), format!($format, "texts"), "{}", stringify!($format));
                assert_eq!(format!($format, Far(1.23456)), format!($format, 1.23456), "{}", stringify!($format));
            )+};
            ($($format:literal)+) => {$(
                assert_eq!(format!($format, Far("texts")), format!($format, "texts"), "{}", stringify!($format));
                assert_eq!(format!($format, Far(1.23456)), format!($format, 1.23456), "{}", stringify!($format));
                assert_eq!(format!($format, Far(Some(1.2))), format!($format, Some(1.2)), "{}", stringify!($format));
            )+};
        }
        same! { only "{}" "{:9}" "{:<9}" "{:>9}" "{:^9}" "{:.2}" "{:9.2}" "{:<9.2}" "{:>9.2}" "{:^9.2}" "{:#}" "{:^#9.2}" "{:>#9}" "{:<#9}" }
        same! { "{:?}" "{:#?}" "{:9?}" "{:<9?}" "{:>9?}" "{:^9?}" "{:.2?}" "{:9.2?}" "{:>#9.2?}" "{:<#9?}" "{:^#9?}" }
    }
}
