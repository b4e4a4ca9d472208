//! Guards: what `#[interface]` implements its trait for, so that no panic crosses untranslated.

use std::mem::ManuallyDrop;

use crate::host;

/// A plugin's object as the host holds it: each method of the interface runs the concrete type's, guarded.
pub struct Guard<T> {
    object: ManuallyDrop<T>,
    plugin: &'static str,
}

impl<T> Guard<T> {
    /// Guards the object of the plugin of this name.
    pub fn new(object: T, plugin: &'static str) -> Self {
        Self { object: ManuallyDrop::new(object), plugin }
    }

    /// Runs `method` (of this name) on the object.
    #[inline]
    pub fn call<'a, R>(&'a self, name: &'static str, method: impl FnOnce(&'a T) -> R) -> R {
        host::guard(|| method(&self.object), || (self.plugin, name))
    }

    /// Runs `method` (of this name) on the object.
    #[inline]
    pub fn call_mut<'a, R>(&'a mut self, name: &'static str, method: impl FnOnce(&'a mut T) -> R) -> R {
        let plugin = self.plugin;
        host::guard(|| method(&mut self.object), || (plugin, name))
    }
}

impl<T> Drop for Guard<T> {
    fn drop(&mut self) {
        let object = &mut self.object;
        host::guard_drop(self.plugin, "drop", || {
            // SAFETY: this is the object's only drop: `Guard` never takes it out, and drops once.
            unsafe { ManuallyDrop::drop(object) }
        });
    }
}
