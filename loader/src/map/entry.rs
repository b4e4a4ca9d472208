//! The entry table of a plugin: its rows, found by the interface that they are for.

use plugbox::__private::{Construct, Entry, Row, View};
use plugbox::Interface;

use crate::manifest::Exported;

/// The entry table of a plugin whose library is bound.
#[derive(Clone, Copy)]
pub(crate) struct EntryTable(&'static Entry);

impl EntryTable {
    /// The table at an address.
    ///
    /// # Safety
    ///
    /// 1. `entry` is the address of an entry table, which `bind` has found to be of our contract and size, in a library
    ///    whose verdict is `Fits`, and which stays mapped.
    pub(crate) unsafe fn new(entry: *const ()) -> Self {
        // SAFETY: obligation 1.
        Self(unsafe { &*entry.cast::<Entry>() })
    }

    /// The plugin's constructor as `I`, if that is exactly what was exported.
    pub(crate) fn construct<I: ?Sized + Interface>(self, exported: &Exported) -> Option<Construct<I>> {
        // SAFETY: `Row::new` made it of a `Construct` of the plugin's interface of this name, version and fingerprint; that
        // this one is `I` is what a verdict of `Fits` says.
        self.row::<I>(exported).map(|row| unsafe { std::mem::transmute::<*const (), Construct<I>>(row.construct) })
    }

    /// What makes an `I` of the address of the plugin's object, if that is exactly what was exported.
    pub(crate) fn view<I: ?Sized + Interface>(self, exported: &Exported) -> Option<View<I>> {
        // SAFETY: `Row::new` made it of a `View` of that interface, which is `I`, as above.
        self.row::<I>(exported).map(|row| unsafe { std::mem::transmute::<*const (), View<I>>(row.view) })
    }

    fn row<I: ?Sized + Interface>(self, exported: &Exported) -> Option<&'static Row> {
        let fingerprint = I::FINGERPRINT.to_u128().to_le_bytes();
        self.rows().find(|row| {
            // SAFETY: the name is a static text of the plugin's (`Row::new`), which stays mapped.
            let name = unsafe { row.name.get() };
            // SAFETY: as above.
            let version = unsafe { row.version.get() };
            // A plugin may be exported as two versions of one interface, with one fingerprint.
            name == I::NAME && row.fingerprint == fingerprint && version == exported.version.to_string()
        })
    }

    /// The rows; those of a later version may be larger than ours.
    fn rows(self) -> impl Iterator<Item = &'static Row> {
        let Entry { rows, row_count, row_size, .. } = *self.0;
        (0..row_count).map(move |number| {
            // SAFETY: `Entry::new` in the plugin took place, number and size of the rows from a static slice.
            let row = unsafe { rows.byte_add(number * row_size) };
            // SAFETY: as above; a row begins as ours does, since rows grow at the end only (contract) and `bind` has seen
            // that they are as large. Nobody writes to them.
            unsafe { &*row }
        })
    }
}
