//! Interfaces: traits whose objects may cross, and the records of these traits.

use crate::abi::CONTRACT;
use crate::access::Access;
use crate::record::{Fingerprint, Kind, Notes, Writer};
use crate::shape::{Body, Reached, Shape};

/// The trait object of a trait that is marked with [`interface`](crate::interface).
///
/// # Safety
///
/// 1. Name, version, fingerprint and records are those that `#[interface]` computes for the trait. The loader trusts
///    them as the host's side of the comparison. Only `#[interface]` implements `Interface`.
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
    /// The path of the trait: `crate::path::Trait`.
    const NAME: &'static str;
    /// The version of the crate that defines the trait.
    const VERSION: &'static str;
    /// The fingerprint of the interface: of its methods, its supertraits, and every type that it reaches.
    const FINGERPRINT: Fingerprint;
    /// How the methods of the interface may be called, its supertraits' methods included: [`Shared`](crate::Shared), or
    /// [`Exclusive`](crate::Exclusive) if any method takes `&mut self`.
    type Access: Access;
    /// The records of the interface and of the types that it reaches: those in the image's section of records, and not a
    /// copy, so that whoever refers to them keeps them in the file.
    #[doc(hidden)]
    const RECORDS: &'static [u8];
}

/// Connects an interface to a type that implements it. `#[interface]` implements this trait for its trait object and
/// every type that implements the interface.
///
/// # Safety
///
/// 1. `guarded` returns a [`Guard`](crate::crossing::Guard) of its argument.
#[diagnostic::on_unimplemented(
    message = "`{T}` is not a plugin for `{Self}`",
    note = "implement the interface's trait for the type, and mark the trait with `#[plugbox::interface]`"
)]
pub unsafe trait ImplementedBy<T> {
    /// Wraps the object in the guard that the host will hold.
    fn guarded(plugin: T, name: &'static str) -> Box<Self>;
}

/// The contents of an interface's record, as `#[interface]` passes them.
pub struct InterfaceRecord {
    /// The types that the trait object reaches; the trait object itself comes first.
    pub reached: &'static Reached,
    /// The version of the crate that defines the trait.
    pub version: &'static str,
    /// Whether the compiler keeps fields in their declared order in that crate.
    pub in_order: bool,
}

/// The most bytes that the notes of one interface may have: enough for the most types that it may reach.
const MAX_BYTES: usize = 1 << 20;

/// The notes of an interface and of the types that it reaches.
///
/// The buffer always has its maximum size. To measure the notes first, the compiler would have to write them twice,
/// which takes twice as long.
pub struct InterfaceNotes {
    notes: Writer<MAX_BYTES>,
    /// The interface's fingerprint.
    pub fingerprint: Fingerprint,
    /// Whether its signatures lead to any interface, possibly to this one. If not, no object can cross.
    pub meets_object: bool,
}

impl InterfaceNotes {
    /// Writes the notes.
    // Only the compiler runs it. `inline` spares each plugin the machine code of this function and of all that it calls.
    #[inline]
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
        // Not hashed: the gate compares these versions, and any compatible version fits.
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
        // Not hashed: it follows from the text below.
        notes.line("points", if reached.borrows_forever() { "static" } else { "nowhere" });
        notes.layout(interface.in_order);
        // The fingerprint covers the text from here on.
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

        // One record for each type, with its hash in the interface's list. This is cheaper than one hash of all text.
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

    /// Returns the length of the notes.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "never empty")]
    pub const fn len(&self) -> usize {
        self.notes.len()
    }

    /// Returns the notes without the unused rest of the buffer; `LEN` is their length.
    #[must_use]
    pub const fn cut<const LEN: usize>(&self) -> Notes<LEN> {
        self.notes.cut()
    }
}
