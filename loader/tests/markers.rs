//! The `Send` and `Sync` implementations of public types.

use plugbox_loader::{
    CallError, Code, Events, Live, LiveBuilder, LiveEvent, LiveLock, LivePin, LoadError, Loaded, Loader, PluginInfo,
    PluginPanic, Reason, ReloadError, Report, Trust,
};

/// An interface that may be shared between threads.
#[plugbox::interface]
pub trait Shared: Send + Sync {
    /// Nothing.
    fn call(&self);
}

/// An interface that may move to another thread.
#[plugbox::interface]
pub trait Moves: Send {
    /// Nothing.
    fn call(&self);
}

/// An interface that is locked, and may move to another thread.
#[plugbox::interface]
pub trait Locked: Send {
    /// Nothing.
    fn call(&mut self);
}

/// An interface that is locked, and stays on its thread.
#[plugbox::interface]
pub trait LockedHere {
    /// Nothing.
    fn call(&mut self);
}

/// An interface that stays on its thread.
#[plugbox::interface]
pub trait Stays {
    /// Nothing.
    fn call(&self);
}

/// Whether a type is `Send`, and whether it is `Sync`. An inherent constant takes precedence over a trait's.
macro_rules! marks {
    ($ty:ty) => {{
        #[allow(dead_code, reason = "the type decides which of the constants are used")]
        {
            struct Probe<T: ?Sized>(std::marker::PhantomData<T>);
            trait Neither {
                const SEND: bool = false;
                const SYNC: bool = false;
            }
            impl<T: ?Sized> Neither for Probe<T> {}
            impl<T: ?Sized + Send> Probe<T> {
                const SEND: bool = true;
            }
            impl<T: ?Sized + Sync> Probe<T> {
                const SYNC: bool = true;
            }
            (<Probe<$ty>>::SEND, <Probe<$ty>>::SYNC)
        }
    }};
}

#[test]
fn a_loaded_plugin_is_send_and_sync_exactly_when_its_trait_object_is() {
    assert_eq!(marks!(Loaded<dyn Shared>), (true, true));
    assert_eq!(marks!(Loaded<dyn Moves>), (true, false));
    assert_eq!(marks!(Loaded<dyn Stays>), (false, false));
    assert_eq!(marks!(Report<dyn Shared>), (true, true));
    assert_eq!(marks!(Report<dyn Stays>), (false, false));
}

#[test]
fn a_live_plugin_is_send_and_sync_as_its_interface_and_its_clones_allow() {
    assert_eq!(marks!(Live<dyn Shared>), (true, true));
    // Clones on two threads would share the object.
    assert_eq!(marks!(Live<dyn Moves>), (false, false));
    assert_eq!(marks!(Live<dyn Stays>), (false, false));
    // Of these, only one thread at a time has the object.
    assert_eq!(marks!(Live<dyn Locked>), (true, true));
    assert_eq!(marks!(Live<dyn LockedHere>), (false, false));
    assert_eq!(marks!(LiveBuilder<dyn Stays>), (true, true));
}

#[test]
fn pins_and_locks_stay_on_their_thread() {
    assert_eq!(marks!(LivePin<'static, dyn Shared>), (false, true));
    assert_eq!(marks!(LivePin<'static, dyn Moves>), (false, false));
    assert_eq!(marks!(LiveLock<'static, dyn Locked>), (false, false));
}

#[test]
fn everything_else_may_go_anywhere() {
    assert_eq!(marks!(Loader), (true, true));
    assert_eq!(marks!(Trust), (true, true));
    assert_eq!(marks!(LoadError), (true, true));
    assert_eq!(marks!(ReloadError), (true, true));
    assert_eq!(marks!(LiveEvent), (true, true));
    assert_eq!(marks!(Events), (true, true));
    assert_eq!(marks!(CallError), (true, true));
    assert_eq!(marks!(PluginPanic), (true, true));
    assert_eq!(marks!(PluginInfo), (true, true));
    assert_eq!(marks!(Reason), (true, true));
    assert_eq!(marks!(Code), (true, true));
}
