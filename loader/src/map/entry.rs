//! The entry table of a plugin, with one row for each interface as which the plugin is exported.

use plugbox::__private::{Construct, Entry, Row, View};
use plugbox::Interface;

use crate::manifest::Exported;

/// The entry table of a plugin whose library is bound.
#[derive(Clone, Copy)]
pub(crate) struct EntryTable(&'static Entry);

impl EntryTable {
    /// Wraps the table at an address.
    ///
    /// # Safety
    ///
    /// 1. `entry` is the address of a plugin's entry table. `bind` has found that the table has our contract, and that
    ///    the table and its rows are not smaller than ours. The verdict on the library is `Fits`, and the library stays
    ///    mapped.
    pub(crate) unsafe fn new(entry: *const ()) -> Self {
        // SAFETY: obligation 1. *contract*: the table begins with the fields of our `Entry`. *mapped*: it is a static
        // of the library, and nobody writes to it.
        Self(unsafe { &*entry.cast::<Entry>() })
    }

    /// The plugin's constructor for `I`; `None` if the table has no row for exactly `I` in the exported version.
    pub(crate) fn construct<I: ?Sized + Interface>(self, exported: &Exported) -> Option<Construct<I>> {
        // SAFETY: *types*: `Row::new` made `construct` from a `Construct` of the plugin's interface with this name,
        // version and fingerprint; by *verdict*, that interface is `I`.
        self.row::<I>(exported).map(|row| unsafe { std::mem::transmute::<*const (), Construct<I>>(row.construct) })
    }

    /// The function that turns the address of the plugin's object into an `I`; `None` if the table has no row for
    /// exactly `I` in the exported version.
    pub(crate) fn view<I: ?Sized + Interface>(self, exported: &Exported) -> Option<View<I>> {
        // SAFETY: *types*: `Row::new` made `view` from a `View` of the plugin's interface with this name, version and
        // fingerprint; by *verdict*, that interface is `I`.
        self.row::<I>(exported).map(|row| unsafe { std::mem::transmute::<*const (), View<I>>(row.view) })
    }

    fn row<I: ?Sized + Interface>(self, exported: &Exported) -> Option<&'static Row> {
        let fingerprint = I::FINGERPRINT.to_u128().to_le_bytes();
        self.rows().find(|row| {
            // SAFETY: *mapped*: the name is a static text of the library (`Row::new`).
            let name = unsafe { row.name.get() };
            // SAFETY: *mapped*: the version is a static text of the library (`Row::new`).
            let version = unsafe { row.version.get() };
            // The version matters: a plugin may be exported as two versions of one interface that share a fingerprint.
            name == I::NAME && row.fingerprint == fingerprint && version == exported.version.to_string()
        })
    }

    /// The rows. A plugin with a later version of plugbox may have larger rows than ours.
    fn rows(self) -> impl Iterator<Item = &'static Row> {
        let Entry { rows, row_count, row_size, .. } = *self.0;
        (0..row_count).map(move |number| {
            // SAFETY: `Entry::new` in the plugin took address, number and size of the rows from one static slice, which
            // is there as long as the library (*mapped*).
            let row = unsafe { rows.byte_add(number * row_size) };
            // SAFETY: *contract*: a row begins with the fields of our `Row`, because rows grow at the end only, and
            // `bind` has checked that they are not smaller than ours. The row is in the same static slice, and nobody
            // writes to it.
            unsafe { &*row }
        })
    }
}
