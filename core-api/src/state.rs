//! The state that a plugin hands over when it reloads.

use plugbox_macros::interface;

use crate::error::Error;

/// The state of a plugin that reloads while it serves: the old generation saves it, and the new one restores it.
///
/// A plugin is exported as this interface too, `export!(Count as dyn Plugin + dyn plugbox::State)`. A host that reloads
/// the plugin then hands the state over in a pause: new calls wait, running ones finish, the old generation saves, the
/// new one restores, and the waiting calls go to the new one. So no change is lost. Without this interface, the new
/// generation begins with what its constructor makes.
///
/// The state crosses as bytes, because the types of the two generations may differ. Their format is the plugin's
/// choice. The state must hold no address, and nothing else that has a meaning only in one library.
///
/// An error or a panic of either method keeps the old generation, with its state.
///
/// # Examples
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// #[derive(Default)]
/// struct Count(AtomicU64);
///
/// impl plugbox::State for Count {
///     fn schema(&self) -> u32 {
///         1
///     }
///
///     fn save(&self) -> Result<Vec<u8>, plugbox::Error> {
///         Ok(self.0.load(Ordering::Relaxed).to_le_bytes().to_vec())
///     }
///
///     fn restore(&mut self, schema: u32, bytes: &[u8]) -> Result<(), plugbox::Error> {
///         if schema != 1 {
///             return Err(plugbox::Error::new(format!("the state has schema {schema}, and this version knows 1")));
///         }
///         self.0 = u64::from_le_bytes(bytes.try_into()?).into();
///         Ok(())
///     }
/// }
/// ```
#[interface(crate = crate)]
pub trait State {
    /// Returns the number of the format in which [`save`](Self::save) writes. A plugin changes it with the format.
    fn schema(&self) -> u32;
    /// Returns the whole state. The object gets no further call if the handover succeeds, and serves on if it does not.
    fn save(&self) -> Result<Vec<u8>, Error>;
    /// Replaces the state of this object, which has just been constructed, by a saved one. `schema` is that of the
    /// generation that saved it, which may be older or newer than this one.
    fn restore(&mut self, schema: u32, bytes: &[u8]) -> Result<(), Error>;
}
