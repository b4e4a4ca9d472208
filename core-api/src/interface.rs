//! Interfaces: traits whose objects may cross, and their records.

use crate::abi::CONTRACT;
use crate::record::{Fingerprint, Kind, Notes, Writer};
use crate::shape::{Body, Reached, Shape};

/// A trait object of a trait that is marked with [`interface`](crate::interface).
///
/// # Safety
///
/// Name, version, fingerprint and records are those that the macro computes for this trait; the loader trusts them as
/// the host's side of the comparison. Only `#[interface]` implements it.
///
/// # Examples
///
/// ```
/// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
/// use plugbox::Interface;
/// let fingerprint = <dyn Plugin as Interface>::FINGERPRINT;
/// assert_ne!(fingerprint.to_u128(), 0);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an interface",
    note = "mark the trait with `#[plugbox::interface]` and write `dyn Trait` here"
)]
pub unsafe trait Interface: Shape + 'static {
    /// `crate::path::Trait`.
    const NAME: &'static str;
    /// The version of the crate that defines the trait.
    const VERSION: &'static str;
    /// The fingerprint of everything that crosses the boundary through this trait.
    const FINGERPRINT: Fingerprint;
    /// The interface's record and those of the types that it reaches, as they stand in the file.
    #[doc(hidden)]
    fn records() -> &'static [u8];
}

/// `#[interface]` implements this for its trait object and every type that implements the trait.
///
/// # Safety
///
/// 1. `guarded` returns a [`Guard`](crate::crossing::Guard) of the object that it is given.
#[diagnostic::on_unimplemented(
    message = "`{T}` is not a plugin for `{Self}`",
    note = "implement the interface's trait for the type, and mark the trait with `#[plugbox::interface]`"
)]
pub unsafe trait ImplementedBy<T> {
    /// The object as the host will hold it.
    fn guarded(plugin: T, name: &'static str) -> Box<Self>;
}

/// What `#[interface]` knows of one trait.
pub struct InterfaceRecord {
    /// All that its trait object reaches, itself first.
    pub reached: &'static Reached,
    /// The version of the crate that defines the trait.
    pub version: &'static str,
    /// Whether that crate's layouts are the declared ones.
    pub in_order: bool,
}

/// The most bytes of notes that one interface may have: for the most types that it may reach.
const MAX_BYTES: usize = 1 << 20;

/// The notes of an interface and of all that it reaches.
///
/// Room for the largest ones, because writing them twice, once to measure, would take the compiler twice as long.
pub struct InterfaceNotes {
    notes: Writer<MAX_BYTES>,
    /// The interface's fingerprint.
    pub fingerprint: Fingerprint,
    /// Whether its signatures lead to an interface, be it itself: without one there is no object to look for.
    pub meets_object: bool,
}

impl InterfaceNotes {
    /// Writes the notes.
    #[must_use]
    pub const fn new(interface: &InterfaceRecord) -> Self {
        let reached = interface.reached;
        reached.assert_described();
        let mut notes = Writer::<MAX_BYTES>::new();

        let start = notes.begin(Kind::Interface, CONTRACT);
        notes.line("version", interface.version);
        notes.text("fingerprint ");
        let fingerprint_at = notes.len();
        notes.hex(0);
        notes.byte(b'\n');
        // Versions are compared and never hashed: one of the same class fits.
        let mut other = 1;
        while other < reached.len() {
            if let Body::Interface { version, .. } = reached.get(other).body {
                notes.text("below ");
                notes.interface_name(reached.get(other), reached);
                notes.byte(b' ');
                notes.text(version);
                notes.byte(b'\n');
            }
            other += 1;
        }
        notes.layout(interface.in_order);
        // From here on the text is what the fingerprint covers.
        let canonical = notes.len();
        notes.shape(0, reached);
        let ids_at = notes.len();
        let mut other = 1;
        while other < reached.len() {
            notes.text("reaches 00000000000000000000000000000000\n");
            other += 1;
        }
        let canonical_end = notes.len();
        notes.end(start);

        // One record a type, and its hash into the interface's list: cheaper than hashing all text at once.
        let mut other = 1;
        while other < reached.len() {
            let start = notes.begin(Kind::Shape, CONTRACT);
            let text = notes.len();
            notes.shape(other, reached);
            let id = notes.hash_from(text);
            notes.end(start);
            notes.patch_hex(
                ids_at + (other - 1) * "reaches 0123456789abcdef0123456789abcdef\n".len() + "reaches ".len(),
                id,
            );
            other += 1;
        }
        let fingerprint = notes.hash_between(canonical, canonical_end);
        notes.patch_hex(fingerprint_at, fingerprint);
        Self { notes, fingerprint: Fingerprint::from_u128(fingerprint), meets_object: reached.meets_object() }
    }

    /// The length of the notes.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "never empty")]
    pub const fn len(&self) -> usize {
        self.notes.len()
    }

    /// The notes; `LEN` is their length.
    #[must_use]
    pub const fn cut<const LEN: usize>(&self) -> Notes<LEN> {
        self.notes.cut()
    }
}
