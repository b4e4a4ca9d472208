//! Proxies for errors.

use std::error::Error;
use std::fmt::{self, Formatter, Write as _};
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::atomic::AtomicU8;
use std::sync::{Arc, OnceLock};

use super::format::{Made, Options};
use super::side::Side;
use super::sources::sources;

/// An error of one side as the other side sees it.
///
/// It keeps the error itself, so the error can come home, and each text is made when it is asked for. Another image may
/// have a type with an equal `TypeId`, so the head says whose proxy it is.
#[repr(C)]
pub struct ErrorProxy<S: Side> {
    head: Head,
    /// `None` once the error has come home.
    held: Option<Held>,
    /// The text of the error's source, and of all further sources.
    source: OnceLock<Box<Source>>,
    owner: PhantomData<fn() -> S>,
}

/// The first field of an [`ErrorProxy`] in every version of this crate: the address of [`IMAGE`] in the image that made
/// the proxy.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq)]
struct Head(*const AtomicU8);

/// Its address identifies this image. It could be written to, so the compiler gives its address to nothing else.
static IMAGE: AtomicU8 = AtomicU8::new(0);

const HERE: Head = Head(&raw const IMAGE);

/// The error, with the bounds that its trait object has.
pub(super) enum Held {
    /// Borrowed for a call.
    Lent(NonNull<dyn Error>),
    Any(Box<dyn Error>),
    Send(Box<dyn Error + Send>),
    Sync(Box<dyn Error + Send + Sync>),
    Shared(Arc<dyn Error + Send + Sync>),
    #[cfg(feature = "anyhow")]
    Anyhow(anyhow::Error),
}

impl Held {
    pub(super) fn get(&self) -> &(dyn Error + 'static) {
        match self {
            // SAFETY: *for the call*: the error outlives every use of the proxy (obligation 1 of `lend`).
            Self::Lent(error) => unsafe { error.as_ref() },
            Self::Any(error) => &**error,
            Self::Send(error) => &**error,
            Self::Sync(error) => &**error,
            Self::Shared(error) => &**error,
            #[cfg(feature = "anyhow")]
            Self::Anyhow(error) => &**error,
        }
    }

    /// Whether a proxy that holds this stays on the thread that made it.
    fn stays_on_its_thread(&self) -> bool {
        matches!(self, Self::Any(_))
    }

    /// Whether any thread may use the error.
    fn is_for_all_threads(&self) -> bool {
        match self {
            Self::Lent(_) | Self::Any(_) | Self::Send(_) => false,
            Self::Sync(_) | Self::Shared(_) => true,
            #[cfg(feature = "anyhow")]
            Self::Anyhow(_) => true,
        }
    }
}

// SAFETY: *auto traits*: authors cannot name the type, and `Object::of_proxy` makes it a trait object with no other bounds
// than those of the error that it holds. Its sources are text, or errors that the proxy's threads may use (`Found::of`).
unsafe impl<S: Side> Send for ErrorProxy<S> {}
// SAFETY: *auto traits*: as for `Send`.
unsafe impl<S: Side> Sync for ErrorProxy<S> {}

impl<S: Side> ErrorProxy<S> {
    pub(super) fn holding(held: Held) -> Self {
        Self { head: HERE, held: Some(held), source: OnceLock::new(), owner: PhantomData }
    }

    /// Returns the proxy that an error is, if it is a proxy of this image for an error of this side.
    pub(super) fn at<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        if !error.is::<Self>() {
            return None;
        }
        // SAFETY: *head*: the type has the `TypeId` of this one, so it is this type in some version of this crate, and
        // in each the head comes first.
        let head = unsafe { *std::ptr::from_ref(error).cast::<Head>() };
        if head == HERE { error.downcast_ref() } else { None }
    }

    pub(super) fn held(&self) -> &Held {
        self.held.as_ref().expect("a proxy gives its error back only when it is dropped")
    }

    /// Gives the error back.
    pub(super) fn release(mut self) -> Option<Held> {
        self.held.take()
    }

    fn show(&self, f: &mut Formatter<'_>, method: &'static str, make: fn(&Options, &dyn Error) -> Made) -> fmt::Result {
        let (options, error) = (Options::of(f), self.held().get());
        // The formatter's own code belongs to the other side, so it is not called by the error's.
        S::call(method, || make(&options, error)).write(f)
    }
}

impl<S: Side> fmt::Display for ErrorProxy<S> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.show(f, "Display::fmt", |options, error| options.display(&error))
    }
}

impl<S: Side> fmt::Debug for ErrorProxy<S> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.show(f, "Debug::fmt", |options, error| options.debug(&error))
    }
}

impl<S: Side> Error for ErrorProxy<S> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        if let Some(source) = self.source.get() {
            return Some(&**source);
        }
        let held = self.held();
        match S::call("Error::source", || Found::of::<S::Other>(held))? {
            Found::Own(error) => Some(error),
            Found::Text(source) => Some(&**self.source.get_or_init(|| source)),
        }
    }
}

impl<S: Side> Drop for ErrorProxy<S> {
    fn drop(&mut self) {
        match self.held.take() {
            None | Some(Held::Lent(_)) => {}
            Some(held) => S::call_quietly("drop", || drop(held)),
        }
    }
}

/// The source of an error of one side, for the other side.
enum Found<'a> {
    /// An error of the other side: it comes home.
    Own(&'a (dyn Error + 'static)),
    Text(Box<Source>),
}

impl<'a> Found<'a> {
    /// Finds the source of an error. This runs code of the error's side.
    fn of<Other: Side>(held: &'a Held) -> Option<Self> {
        let mut sources = sources(held.get());
        let first = sources.next()?;
        if let Some(own) = ErrorProxy::<Other>::at(first) {
            return Some(Self::Own(own.held().get()));
        }
        let (mut texts, mut end) = (vec![text(first)], None);
        for source in sources {
            // `source` may say something else on each thread, so an error may be kept only for the threads that may
            // use it.
            let own = ErrorProxy::<Other>::at(source).map(ErrorProxy::held);
            if let Some(own) = own.filter(|own| held.stays_on_its_thread() || own.is_for_all_threads()) {
                end = Some(Next::Own(NonNull::from(own.get())));
                break;
            }
            texts.push(text(source));
        }
        let last = Box::new(Source { text: texts.pop()?, next: end });
        Some(Self::Text(
            texts.into_iter().rev().fold(last, |next, text| Box::new(Source { text, next: Some(Next::Text(next)) })),
        ))
    }
}

fn text(error: &dyn Error) -> String {
    let mut text = String::new();
    // What is written before an error that `Display` itself returns is still its message.
    let _ = write!(text, "{error}");
    text
}

/// A source of an error of the other side, as text.
struct Source {
    text: String,
    next: Option<Next>,
}

enum Next {
    Text(Box<Source>),
    /// An error of the side that asks. It is inside the error that the proxy holds.
    Own(NonNull<dyn Error>),
}

impl Error for Source {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self.next.as_ref()? {
            Next::Text(source) => Some(&**source),
            // SAFETY: *kept*: the proxy that owns this source holds the error of which `Found::of` got it, and gives that
            // error out only by `&` until it drops all its sources.
            Next::Own(error) => Some(unsafe { error.as_ref() }),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Drop for Source {
    /// There may be too many sources for a call for each.
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(Next::Text(mut source)) = next {
            next = source.next.take();
        }
    }
}
