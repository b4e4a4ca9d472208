//! Guards: the wrapper of a plugin's concrete type, which catches every panic before it reaches the host.

use std::mem::ManuallyDrop;

use crate::host;

/// A plugin's object as the host holds it: each method of the interface calls the concrete type's method, guarded.
pub struct Guard<T> {
    object: ManuallyDrop<T>,
    plugin: &'static str,
}

impl<T> Guard<T> {
    /// Guards an object of the plugin with this name.
    pub fn new(object: T, plugin: &'static str) -> Self {
        Self { object: ManuallyDrop::new(object), plugin }
    }

    /// Runs `method` on the object; `name` is the method's name, for reports of panics.
    #[inline]
    pub fn call<'a, R>(&'a self, name: &'static str, method: impl FnOnce(&'a T) -> R) -> R {
        host::guard(|| method(&self.object), || (self.plugin, name))
    }

    /// Runs `method` on the object; `name` is the method's name, for reports of panics.
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
            // SAFETY: this is the object's only drop: `Guard` never moves it out, and this `drop` runs once.
            unsafe { ManuallyDrop::drop(object) }
        });
    }
}
