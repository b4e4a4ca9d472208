//! `Debug` and `Display` of the wrappers, and the texts of errors.
//!
//! The side that owns the object makes the text, guarded, and the side that asked for it writes it. So the writer behind
//! the formatter, which belongs to that side, is never called by code of the other.

use std::fmt::{Alignment, Debug, Display, Formatter, Result, Write};

use super::guard::Guard;
use super::ownership::Ownership;
use super::proxy::{HostProxy, PluginProxy};
use crate::host;

/// Stands for the fill character, because a format string must contain that character. Unicode promises never to assign
/// it.
const FILL: char = '\u{10ffff}';

/// The options of a formatter.
#[derive(Clone, Copy)]
pub(super) struct Options {
    sign: Option<Sign>,
    is_alternate: bool,
    hex: Option<Hex>,
    precision: Option<usize>,
    width: Option<usize>,
    // These three matter only with a width.
    align: Option<Alignment>,
    fill: char,
    is_zero_padded: bool,
}

#[derive(Clone, Copy)]
enum Sign {
    Plus,
    Minus,
}

/// The digits of `{:x?}` and `{:X?}`.
#[derive(Clone, Copy)]
enum Hex {
    Lower,
    Upper,
}

/// Writes a value with these options. A format string is a literal, so there is one for each combination. Each step adds
/// the part of one option: alignment, sign, `#`, `0`, width and precision, kind.
macro_rules! write_with {
    ($kind:ident $options:ident $value:ident $out:ident) => {
        match ($options.width, $options.align) {
            (None, _) => write_with!(@sign $kind $options $value $out () []),
            (Some(width), None) => write_with!(@sign $kind $options $value $out (width) []),
            (Some(width), Some(Alignment::Left)) => {
                write_with!(@sign $kind $options $value $out (width) ["\u{10ffff}<"])
            }
            (Some(width), Some(Alignment::Center)) => {
                write_with!(@sign $kind $options $value $out (width) ["\u{10ffff}^"])
            }
            (Some(width), Some(Alignment::Right)) => {
                write_with!(@sign $kind $options $value $out (width) ["\u{10ffff}>"])
            }
        }
    };
    (@sign $kind:ident $options:ident $value:ident $out:ident $width:tt [$($part:literal)*]) => {
        match $options.sign {
            None => write_with!(@alternate $kind $options $value $out $width [$($part)*]),
            Some(Sign::Plus) => write_with!(@alternate $kind $options $value $out $width [$($part)* "+"]),
            Some(Sign::Minus) => write_with!(@alternate $kind $options $value $out $width [$($part)* "-"]),
        }
    };
    (@alternate $kind:ident $options:ident $value:ident $out:ident $width:tt [$($part:literal)*]) => {
        if $options.is_alternate {
            write_with!(@zero $kind $options $value $out $width [$($part)* "#"])
        } else {
            write_with!(@zero $kind $options $value $out $width [$($part)*])
        }
    };
    (@zero $kind:ident $options:ident $value:ident $out:ident () [$($part:literal)*]) => {
        match $options.precision {
            None => write_with!(@$kind $options $value $out () [$($part)*]),
            Some(precision) => write_with!(@$kind $options $value $out (precision) [$($part)* ".1$"]),
        }
    };
    (@zero $kind:ident $options:ident $value:ident $out:ident ($width:ident) [$($part:literal)*]) => {
        if $options.is_zero_padded {
            write_with!(@precision $kind $options $value $out $width [$($part)* "0"])
        } else {
            write_with!(@precision $kind $options $value $out $width [$($part)*])
        }
    };
    (@precision $kind:ident $options:ident $value:ident $out:ident $width:ident [$($part:literal)*]) => {
        match $options.precision {
            None => write_with!(@$kind $options $value $out ($width) [$($part)* "1$"]),
            Some(precision) => write_with!(@$kind $options $value $out ($width, precision) [$($part)* "1$.2$"]),
        }
    };
    (@display $options:ident $value:ident $out:ident ($($number:ident),*) [$($part:literal)*]) => {
        write!($out, concat!("{0:", $($part,)* "}"), $value $(, $number)*)
    };
    (@debug $options:ident $value:ident $out:ident $numbers:tt [$($part:literal)*]) => {
        match $options.hex {
            None => write_with!(@display $options $value $out $numbers [$($part)* "?"]),
            Some(Hex::Lower) => write_with!(@display $options $value $out $numbers [$($part)* "x?"]),
            Some(Hex::Upper) => write_with!(@display $options $value $out $numbers [$($part)* "X?"]),
        }
    };
}

impl Options {
    pub(super) fn of(formatter: &Formatter<'_>) -> Self {
        // Nothing else tells whether the digits are hexadecimal.
        #[allow(deprecated, reason = "there is no other way to read two of the options")]
        let flags = formatter.flags();
        let sign = match (formatter.sign_plus(), formatter.sign_minus()) {
            (true, _) => Some(Sign::Plus),
            (false, true) => Some(Sign::Minus),
            (false, false) => None,
        };
        let hex = match (flags & (1 << 4) != 0, flags & (1 << 5) != 0) {
            (true, _) => Some(Hex::Lower),
            (false, true) => Some(Hex::Upper),
            (false, false) => None,
        };
        Self {
            sign,
            is_alternate: formatter.alternate(),
            hex,
            precision: formatter.precision(),
            width: formatter.width(),
            align: formatter.align(),
            fill: formatter.fill(),
            is_zero_padded: formatter.sign_aware_zero_pad(),
        }
    }

    /// Returns the character for which [`FILL`] stands; `None` if the format string does not contain it.
    fn stands_in(&self) -> Option<char> {
        (self.width.is_some() && self.align.is_some()).then_some(self.fill)
    }

    /// Writes the text of a value, which may stop with an error.
    pub(super) fn debug(&self, value: &dyn Debug) -> Made {
        let mut text = Filled { text: String::new(), fill: self.stands_in() };
        let (options, out) = (self, &mut text);
        let outcome = write_with!(debug options value out);
        Made { text: text.text, outcome }
    }

    /// As [`debug`](Self::debug).
    pub(super) fn display(&self, value: &dyn Display) -> Made {
        let mut text = Filled { text: String::new(), fill: self.stands_in() };
        let (options, out) = (self, &mut text);
        let outcome = write_with!(display options value out);
        Made { text: text.text, outcome }
    }
}

/// Writes into a string, with the fill character in the place of its stand-in.
struct Filled {
    text: String,
    fill: Option<char>,
}

impl Write for Filled {
    fn write_str(&mut self, text: &str) -> Result {
        match self.fill {
            Some(fill) => text.chars().for_each(|letter| self.text.push(if letter == FILL { fill } else { letter })),
            None => self.text.push_str(text),
        }
        Ok(())
    }
}

/// The text of an object, and whether its own code has stopped with an error.
pub(super) struct Made {
    text: String,
    outcome: Result,
}

impl Made {
    pub(super) fn write(self, formatter: &mut Formatter<'_>) -> Result {
        formatter.write_str(&self.text).and(self.outcome)
    }
}

macro_rules! formatted {
    ($($name:ident $method:ident $site:literal;)+) => {$(
        impl<T: $name> $name for Guard<T> {
            fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
                let options = Options::of(formatter);
                self.call($site, |object| {
                    let made = options.$method(object);
                    host::attempt(|| made.write(formatter))
                })
            }
        }

        impl<T: ?Sized + $name, H: Ownership> $name for PluginProxy<T, H> {
            fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
                let options = Options::of(formatter);
                self.call($site, |object| {
                    let made = options.$method(&object);
                    host::attempt(|| made.write(formatter))
                })
            }
        }

        impl<T: ?Sized + $name, H: Ownership> $name for HostProxy<T, H> {
            fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
                let options = Options::of(formatter);
                self.call($site, |object| options.$method(&object)).write(formatter)
            }
        }
    )+};
}

formatted! {
    Debug debug "Debug::fmt";
    Display display "Display::fmt";
}

#[cfg(test)]
mod tests {
    use std::fmt::{self, Write as _};

    use super::*;

    /// Shows all options of its formatter that have an effect, and is padded by them.
    struct Shown;

    impl Debug for Shown {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            #[allow(deprecated, reason = "as in `Options::of`")]
            let flags = f.flags();
            let width = f.width().map(|width| (width, f.align(), f.fill(), f.sign_aware_zero_pad()));
            let flags = if width.is_some() { flags } else { flags & !(1 << 3) };
            write!(f, "{flags:b} {:?} {:?} ", width.map(|width| width.0), f.precision())?;
            if let Some((_, align, fill, _)) = width {
                write!(f, "{align:?} {fill}")?;
            }
            f.pad("text")?;
            Debug::fmt(&(1.5, 17, "te\nxt", ['a'], Some(-1)), f)
        }
    }

    impl Display for Shown {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            Debug::fmt(self, f)?;
            Display::fmt(&-2.25, f)
        }
    }

    /// Makes its text as the wrappers do.
    struct Across<T>(T);

    impl<T: Debug> Debug for Across<T> {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            Options::of(f).debug(&self.0).write(f)
        }
    }

    impl<T: Display> Display for Across<T> {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            Options::of(f).display(&self.0).write(f)
        }
    }

    /// Compares the two texts for each combination of parts.
    macro_rules! every {
        ([$($align:literal)*] $rest:tt) => { $(every!(@sign $align $rest);)* };
        (@sign $align:literal $rest:tt) => { every!(@alternate $align "" $rest); every!(@alternate $align "+" $rest); every!(@alternate $align "-" $rest); };
        (@alternate $align:literal $sign:literal $rest:tt) => { every!(@zero $align $sign "" $rest); every!(@zero $align $sign "#" $rest); };
        (@zero $align:literal $sign:literal $alternate:literal $rest:tt) => { every!(@width $align $sign $alternate "" $rest); every!(@width $align $sign $alternate "0" $rest); };
        (@width $align:literal $sign:literal $alternate:literal $zero:literal [$($width:literal)*]) => { $(every!(@kind $align $sign $alternate $zero $width);)* };
        (@kind $align:literal $sign:literal $alternate:literal $zero:literal $width:literal) => {
            every!(@one $align $sign $alternate $zero $width "");
            every!(@one $align $sign $alternate $zero $width "?");
            every!(@one $align $sign $alternate $zero $width "x?");
            every!(@one $align $sign $alternate $zero $width "X?");
        };
        (@one $align:literal $sign:literal $alternate:literal $zero:literal $width:literal $kind:literal) => {
            TRIED.set(TRIED.get() + 1);
            assert_eq!(
                format!(concat!("{:", $align, $sign, $alternate, $zero, $width, $kind, "}"), Shown),
                format!(concat!("{:", $align, $sign, $alternate, $zero, $width, $kind, "}"), Across(Shown)),
                concat!("{{:", $align, $sign, $alternate, $zero, $width, $kind, "}}"),
            );
        };
    }

    std::thread_local! {
        static TRIED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    #[test]
    #[cfg_attr(miri, ignore = "takes long, and the code is safe")]
    fn each_combination_of_options_gives_the_text_that_it_gives_here() {
        every!(["" "<" ">" "^" "*<" "é>" "~^" "0<"] ["" "12" ".2" "12.2"]);
        assert_eq!(TRIED.get(), 8 * 3 * 2 * 2 * 4 * 4);
    }

    #[test]
    fn the_stand_in_itself_stays_where_nothing_is_filled() {
        let text = String::from(FILL);
        assert_eq!(
            format!("{} {:3}|{:#?}", Across(&text), Across(&text), Across(&text)),
            format!("{text} {text:3}|{text:#?}")
        );
    }

    #[test]
    fn an_error_of_the_object_comes_after_its_text_and_an_error_of_the_writer_is_one() {
        struct Stops;
        impl Display for Stops {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                f.write_str("some")?;
                Err(fmt::Error)
            }
        }
        let mut text = String::new();
        write!(text, "{}", Across(Stops)).unwrap_err();
        assert_eq!(text, "some");
        struct Full;
        impl fmt::Write for Full {
            fn write_str(&mut self, _: &str) -> fmt::Result {
                Err(fmt::Error)
            }
        }
        write!(Full, "{}", Across(1)).unwrap_err();
    }
}
