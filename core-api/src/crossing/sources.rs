//! The sources of an error.

use std::error::Error;

/// The most sources of an error that are read. An error that makes its sources when it is asked could have any number.
const MOST: usize = 1 << 20;

/// Returns the sources of an error, its own source first. Sources that lead back to an earlier one end.
pub(crate) fn sources<'a>(error: &'a (dyn Error + 'a)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    Sources { last: error, mark: error, steps: 0, until: 1 }.take(MOST)
}

/// Compares each source with a marked one. The mark moves on after 1, 2, 4, ... steps, so in the end it is in the circle,
/// and the circle is not longer than the steps to the next mark.
struct Sources<'a> {
    last: &'a (dyn Error + 'a),
    mark: *const (dyn Error + 'a),
    steps: usize,
    until: usize,
}

impl<'a> Iterator for Sources<'a> {
    type Item = &'a (dyn Error + 'static);

    fn next(&mut self) -> Option<Self::Item> {
        let source = self.last.source()?;
        // An address alone is not an identity: an error may be the first field of another. With two vtables for one
        // type, the circle is found later.
        #[allow(ambiguous_wide_pointer_comparisons, reason = "see above")]
        if std::ptr::eq::<dyn Error + 'a>(source, self.mark) {
            return None;
        }
        self.last = source;
        self.steps += 1;
        if self.steps == self.until {
            (self.mark, self.until) = (source, 2 * self.until);
        }
        Some(source)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::fmt;

    use super::*;

    /// An error at the address of its source.
    #[derive(Debug)]
    struct Around(Inside);

    #[derive(Debug)]
    struct Inside;

    macro_rules! shown {
        ($($name:ident)+) => {$(
            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(stringify!($name))
                }
            }
        )+};
    }

    shown! { Around Inside Itself Linked }

    impl Error for Inside {}

    impl Error for Around {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    #[derive(Debug)]
    struct Itself(#[allow(dead_code, reason = "so that it has an address of its own")] u8);

    impl Error for Itself {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(self)
        }
    }

    #[derive(Debug)]
    struct Linked(Cell<Option<&'static Linked>>);

    impl Error for Linked {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.0.get().map(|next| next as _)
        }
    }

    fn number(error: &(dyn Error + 'static)) -> usize {
        sources(error).count()
    }

    #[test]
    fn an_error_that_is_its_own_source_ends() {
        // A vtable for each place that makes the object, in a real build. Miri draws one of 32 each time.
        let most = if cfg!(miri) { 1000 } else { 1 };
        let number = number(&Itself(1));
        assert!(number <= most, "{number}");
    }

    #[test]
    fn an_error_at_the_address_of_its_source_is_another() {
        assert_eq!(number(&Around(Inside)), 1);
    }

    #[test]
    #[cfg_attr(miri, ignore = "leaks on purpose")]
    fn a_circle_ends_wherever_it_begins() {
        for (before, circle) in [(0, 1), (0, 2), (0, 7), (1, 1), (5, 3), (40, 9)] {
            let links: Vec<&'static Linked> =
                (0..before + circle).map(|_| &*Box::leak(Box::new(Linked(Cell::new(None))))).collect();
            for (link, next) in links.iter().zip(links.iter().skip(1).chain([&links[before]])) {
                link.0.set(Some(next));
            }
            let number = number(links[0]);
            assert!(number + 1 >= before + circle && number <= 4 * (before + circle), "{before} {circle}: {number}");
        }
    }
}
